"""Figures by column: texts become exact decimals, numbers and codes for what is missing, many at a time.

Plain figures are read by their pattern; every other text is read by the same function as a single one, once for each
different text. So a column reads exactly as its texts one by one.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl

from sources.text.numbers import DecimalMark, PrintedNumber, read_printed_number

# Missing code and flags of a figure.
Outcome = tuple[str | None, tuple[str, ...]]

# Figures that are read alike under every rule for texts of their kind: no blanks, thousands, exponents, or zeros
# in front. Under `either`, three decimals might be a thousand.
_WHOLE = "-?(?:0|[1-9][0-9]{0,17})"
_PLAIN: dict[DecimalMark, str] = {
    "point": rf"^{_WHOLE}(?:\.[0-9]{{1,12}})?$",
    "comma": rf"^{_WHOLE}(?:,[0-9]{{1,12}})?$",
    "either": rf"^{_WHOLE}(?:[.,][0-9]{{1,2}})?$",
}


@dataclass(frozen=True)
class Figures:
    """The figures of cells. `decimal_text` and `number` are null where there is none; `outcomes` say why."""

    text: pl.Series
    decimal_text: pl.Series
    number: pl.Series
    outcomes: Sequence[Outcome]
    places: npt.NDArray[np.int32]

    def part(self, start: int, stop: int) -> "Figures":
        return Figures(
            self.text[start:stop], self.decimal_text[start:stop], self.number[start:stop],
            self.outcomes, self.places[start:stop],
        )  # fmt: skip

    @classmethod
    def appended(cls, parts: Sequence["Figures"]) -> "Figures":
        """Return the figures of several parts as one column."""
        outcomes: list[Outcome] = []
        places = []
        for part in parts:
            places.append(part.places + np.int32(len(outcomes)))
            outcomes += part.outcomes
        return cls(
            pl.concat([part.text for part in parts]),
            pl.concat([part.decimal_text for part in parts]),
            pl.concat([part.number for part in parts]),
            outcomes,
            np.concatenate(places),
        )


def figures_of(printed: Sequence[PrintedNumber], flags: Sequence[tuple[str, ...]] | None = None) -> Figures:
    """Return figures read one by one; `flags` in place of their own."""
    found: dict[Outcome, int] = {}
    own = [figure.flags for figure in printed] if flags is None else flags
    places = np.fromiter(
        (
            found.setdefault((figure.missing_code, marks), len(found))
            for figure, marks in zip(printed, own, strict=True)
        ),
        np.int32,
    )
    return Figures(
        pl.Series([figure.text for figure in printed], dtype=pl.String),
        pl.Series([figure.decimal_text for figure in printed], dtype=pl.String),
        pl.Series([figure.number for figure in printed], dtype=pl.Float64),
        list(found),
        places,
    )


def read_figures(
    texts: pl.Series,
    mark: DecimalMark,
    read: Callable[[str], PrintedNumber] | None = None,
    *,
    texts_are_canonical: bool = False,
) -> Figures:
    """Return what `read` (else `read_printed_number` with `mark`) makes of each text.

    `texts_are_canonical`: a plain figure's text is its decimal text, so -0 is kept as 0.
    """
    readable = pl.col("text") if mark == "point" else pl.col("text").str.replace(",", ".", literal=True)
    frame = (
        texts.to_frame("text")
        .with_columns(plain=pl.col("text").str.contains(_PLAIN[mark]), readable=readable)
        .with_columns(number=pl.when("plain").then(pl.col("readable").cast(pl.Float64, strict=False)))
        .with_columns(
            decimal_text=pl.when("plain").then(
                pl.when(pl.col("number") == 0)
                .then(pl.col("readable").str.strip_prefix("-"))
                .otherwise("readable")
            )
        )
        .drop("readable")
    )
    plain = frame["plain"]
    if texts_are_canonical:
        frame = frame.with_columns(text=pl.when("plain").then("decimal_text").otherwise("text"))
    if plain.all():
        zeros = np.broadcast_to(np.int32(0), (len(texts),))
        return Figures(frame["text"], frame["decimal_text"], frame["number"], [(None, ())], zeros)
    others = texts.filter(~plain).unique(maintain_order=True)
    read_one = read or (lambda text: read_printed_number(text, mark))
    found = figures_of([read_one(text) for text in others])
    read_others = pl.DataFrame(
        {
            "text": others,
            "its_text": found.text,
            "its_decimal": found.decimal_text,
            "its_number": found.number,
            "outcome": pl.Series(found.places + np.int32(1)),
        }
    )
    joined = frame.join(read_others, on="text", how="left", maintain_order="left")
    joined = joined.select(
        text=pl.coalesce("its_text", "text"),
        decimal_text=pl.coalesce("decimal_text", "its_decimal"),
        number=pl.coalesce("number", "its_number"),
        outcome=pl.col("outcome").fill_null(0),
    )
    return Figures(
        joined["text"],
        joined["decimal_text"],
        joined["number"],
        [(None, ()), *found.outcomes],
        joined["outcome"].to_numpy(),
    )
