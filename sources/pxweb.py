"""Tables of PX-Web servers: the parts of the API that versions 1 and 2 share.

A table is pulled in one session. A query above the server's limit of cells is cut along time, and along the
largest other variable where one period alone is above it; the parts become one document.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sources.json_text import write_literal
from sources.pxweb_join import JoinError, body_of, codes_of, dimensions_of
from sources.text.labels import label_key
from sources.web import FetchError, Session

# Variable code -> codes of the values asked for. A variable that the server sums away is not in it.
Selection = Mapping[str, tuple[str, ...]]
_TIME_NAMES = frozenset(
    {"năm", "quý", "tháng", "kỳ", "thời gian", "year", "quarter", "month", "time", "tid", "period"}
)


@dataclass(frozen=True)
class Variable:
    """A variable of a table; `labels` are the words of `values`, in their order."""

    code: str
    text: str
    values: tuple[str, ...]
    labels: tuple[str, ...]
    is_time: bool = False
    can_be_left_out: bool = False


@dataclass(frozen=True)
class TableDescription:
    """What a server says of a table before any figure is asked for; `answer` is its own description."""

    title: str
    variables: tuple[Variable, ...]
    answer: Any

    @property
    def by_code(self) -> dict[str, Variable]:
        return {variable.code: variable for variable in self.variables}


@dataclass(frozen=True)
class Pulled:
    """A pulled table: one document, and how many answers it was put together from."""

    data: bytes
    media_type: str
    n_parts: int = 1
    along: str | None = None

    @property
    def note(self) -> str | None:
        if self.n_parts == 1:
            return None
        return f"put together from {self.n_parts} answers along '{self.along}', as the server limits a query"


def n_cells(selection: Selection) -> int:
    return math.prod(len(values) for values in selection.values())


@dataclass
class Puller:
    """Pulls one selection, in parts where it is above the limit.

    `ask` gives the parsed answer to a selection and its raw bytes; `stated_limit` asks the server for its
    limit of cells, once; `join` puts parts together along a variable, or is None where the format forbids it.
    """

    session: Session
    address: str
    table: TableDescription
    ask: Callable[[Selection], tuple[Any, bytes]]
    join: Callable[[Sequence[Any], str], Any] | None
    stated_limit: Callable[[], int | None]
    media_type: str = "application/json"
    # What every server known allows: below it nobody needs to be asked for the limit.
    surely_allowed: int = 1000
    limit: int | None = None
    stated: int | None = None
    n_parts: int = 0
    raw: bytes = b""
    _was_asked: bool = False

    def pull(self, selection: Selection) -> Pulled:
        """Return the whole selection as one document. Raises FetchError."""
        wanted, cap = n_cells(selection), self.session.limits.cells_cap
        if wanted > cap:
            raise FetchError(
                "too_large",
                self.address,
                f"the query selects {wanted} cells, more than {cap}",
                "select fewer values in the record's query, or raise PPW_HTTP_CELLS_CAP",
            )
        if wanted > self.surely_allowed:
            self._ask_for_limit()
        along = self._variable_to_cut(selection)
        document = self._part(selection)
        if self.n_parts == 1:
            # One answer is kept byte for byte.
            return Pulled(self.raw, self.media_type)
        return Pulled(write_literal(document), self.media_type, self.n_parts, along)

    def _ask_for_limit(self) -> None:
        if not self._was_asked:
            self._was_asked = True
            self.stated = self.stated_limit()
            self.limit = self.stated

    def _part(self, selection: Selection) -> Any:
        wanted = n_cells(selection)
        refusal: FetchError | None = None
        if self.limit is None or wanted <= self.limit:
            try:
                document, self.raw = self.ask(selection)
            except FetchError as error:
                if error.fault != "too_many_cells":
                    raise
                refusal = error
                self._ask_for_limit()
                if self.limit is None or self.limit >= wanted:
                    self.limit = wanted // 2
            else:
                self.n_parts += 1
                return document
        along = self._variable_to_cut(selection)
        if along is None or self.join is None or not self.limit:
            raise self._cannot_be_cut(wanted, refusal)
        values = selection[along]
        size = max(self.limit // (wanted // len(values)), 1)
        parts = [
            self._part({**selection, along: values[start : start + size]})
            for start in range(0, len(values), size)
        ]
        try:
            return self.join(parts, along)
        except JoinError as error:
            message = f"the parts of the table do not fit together ({error})"
            raise FetchError("changed_meanwhile", self.address, message, "pull the table again") from error

    def _variable_to_cut(self, selection: Selection) -> str | None:
        """Return the time variable while it has several values, then the largest; None when all have one."""
        several = [code for code, values in selection.items() if len(values) > 1]
        by_code = self.table.by_code
        for code in several:
            if code in by_code and by_code[code].is_time:
                return code
        return max(several, key=lambda code: len(selection[code]), default=None)

    def _cannot_be_cut(self, wanted: int, refusal: FetchError | None) -> FetchError:
        said = f" ({refusal.message})" if refusal is not None else ""
        limit = f", its limit is {self.stated} values" if self.stated is not None else ""
        mend = "select fewer values in the record's query"
        if self.join is None:
            mend += ", or ask for json-stat2, whose parts can be put together"
        message = f"the server gives no {wanted} cells at once{limit}{said}"
        return FetchError("too_many_cells", self.address, message, mend)


def with_time(variables: Sequence[Variable]) -> tuple[Variable, ...]:
    """Return the variables with one marked as time by its name, where the server marks none."""
    if not any(variable.is_time for variable in variables):
        for place, variable in enumerate(variables):
            if _TIME_NAMES & {label_key(variable.code), label_key(variable.text)}:
                marked = replace(variable, is_time=True)
                return (*variables[:place], marked, *variables[place + 1 :])
    return tuple(variables)


def check_json_stat(
    document: Any, selection: Selection, named: frozenset[str], address: str, data: bytes
) -> None:
    """Compare an answer with what was asked for: a server may answer with another table or selection.

    `named` are the variables whose values the query lists one by one. Raises FetchError.
    """
    try:
        dataset = body_of(document)
        ids, _ = dimensions_of(dataset)
        found = {name: set(codes_of(dataset, name)) for name in ids}
    except (JoinError, AttributeError, TypeError, ValueError) as error:
        message = f"the answer is JSON, but no JSON-stat dataset ({error})"
        raise FetchError("not_the_format", address, message, "try again later", data) from error
    wrong = sorted(
        code
        for code in named | set(found)
        if code in selection
        and (
            found.get(code, set()) != set(selection[code])
            if code in named
            else not found[code] <= set(selection[code])
        )
    )
    if wrong:
        message = f"the answer is another table or selection: it has other values in {', '.join(wrong)}"
        raise FetchError("other_table", address, message, "pull the table again", data)


def no_table(address: str, data: bytes | None = None) -> FetchError:
    return FetchError(
        "not_the_format",
        address,
        "the answer describes no table",
        "check that the address ends in the table's name",
        data,
    )


def unknown_code(address: str, code: str, known: Sequence[str]) -> FetchError:
    message = f"the table has no variable '{code}', only {', '.join(known)}"
    return FetchError("bad_query", address, message, "correct the code in the record's query")


def missing_values(address: str, variable: Variable, missing: Sequence[str]) -> FetchError:
    """The error of values that a variable does not have; a period that is not there is not published yet."""
    message = f"the variable '{variable.code}' has no value {', '.join(missing)}"
    if variable.is_time:
        return FetchError("not_published", address, message, "the period is not published yet")
    return FetchError("bad_query", address, message, "correct the values in the record's query")
