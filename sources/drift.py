"""Structural drift: what a new snapshot lists otherwise than the last one of the same document.

Figures and new periods are what a new issue is for; other dimensions, categories, units and titles mean that
labels may no longer be what the record's mapping takes them for. A pure comparison of two cell frames; its rows
are an input of the checks, written before anything is conformed.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any, Literal

import polars as pl

from sources.text.labels import label_key

Kind = Literal[
    "table_vanished",
    "table_new",
    "table_renamed",
    "dimension_vanished",
    "dimension_new",
    "category_vanished",
    "category_new",
    "code_changed",
    "period_vanished",
    "unit_vanished",
    "unit_new",
]
# Two tables under different titles are one renamed when they share so much of their categories.
_SAME_TABLE = 0.6
# The columns of a cell set that tell its structure.
_STRUCTURE_COLUMNS = ["table_title", "labels", "unit_text", "unit_key", "period_text"]
# What a finding names of many changes of one kind.
_MOST_NAMED = 5


@dataclass(frozen=True, order=True)
class Drift:
    """One difference: in which table (as now titled), in which dimension, what it is about, and what it was."""

    table: str
    kind: Kind
    dimension: str = ""
    what: str = ""
    was: str = ""

    def __str__(self) -> str:
        place = f" in '{self.dimension}'" if self.dimension else ""
        before = f" (was '{self.was}')" if self.was else ""
        return f"{self.kind} '{self.what or self.table}'{place}{before}"


@dataclass
class _Structure:
    """The structure of one table; keys are label keys, values the words as printed."""

    title: str
    categories: dict[str, dict[str, str]] = field(default_factory=dict)
    codes: dict[tuple[str, str], set[str]] = field(default_factory=dict)
    periods: dict[str, str] = field(default_factory=dict)
    period_dimensions: set[str] = field(default_factory=set)
    units: dict[str, str] = field(default_factory=dict)

    def words(self) -> set[tuple[str, str]]:
        return {(name, key) for name, found in self.categories.items() for key in found}


def _structures(cells: pl.DataFrame) -> dict[str, _Structure]:
    """Return the structure of each table of a cell frame, by the key of its title."""
    found: dict[str, _Structure] = {}
    titles = {title: label_key(title) for title in cells["table_title"].unique(maintain_order=True)}
    for title, key in titles.items():
        found.setdefault(key, _Structure(title))
    # A table repeats its few labels, units and periods over many cells: each is looked at once.
    units = cells.select("table_title", "unit_key", "unit_text").unique(maintain_order=True)
    for title, unit_key, unit_text in units.iter_rows():
        if unit_key:
            found[titles[title]].units.setdefault(unit_key, unit_text)
    period_keys = {
        text: label_key(text) for text in cells["period_text"].drop_nulls().unique(maintain_order=True)
    }
    for title, text in (
        cells.select("table_title", "period_text").drop_nulls().unique(maintain_order=True).iter_rows()
    ):
        found[titles[title]].periods.setdefault(period_keys[text], text)
    labels = (
        cells.select("table_title", "period_text", pl.col("labels").alias("label"))
        .explode("label")
        .drop_nulls("label")
        .unnest("label")
        .unique(maintain_order=True)
    )
    for row in labels.iter_rows(named=True):
        _take(found[titles[row["table_title"]]], row, period_keys.get(row["period_text"]))
    for table in found.values():
        for name in table.period_dimensions:
            # New periods are expected; the others are compared as periods.
            table.categories[name] = {}
    return found


def _take(table: _Structure, label: Mapping[str, Any], period: str | None) -> None:
    name, key = label["dimension"], label["key"]
    if period is not None and key == period:
        table.period_dimensions.add(name)
    table.categories.setdefault(name, {}).setdefault(key, label["label"])
    if label["code"] is not None:
        table.codes.setdefault((name, key), set()).add(label["code"])


def _pairs(before: dict[str, _Structure], after: dict[str, _Structure]) -> list[tuple[str, str]]:
    """Return the keys of tables before and after that are one table, by title, then by what they list."""
    pairs = [(key, key) for key in before if key in after]
    left = [key for key in after if key not in before]
    for key, table in before.items():
        if key in after:
            continue
        likeness = {other: _likeness(table, after[other]) for other in left}
        best = max(left, key=lambda other: likeness[other], default=None)
        if best is not None and likeness[best] >= _SAME_TABLE:
            pairs.append((key, best))
            left.remove(best)
    return pairs


def _likeness(before: _Structure, after: _Structure) -> float:
    """Return the share of categories that both tables list, 0 to 1."""
    first, second = before.words(), after.words()
    return len(first & second) / max(len(first | second), 1)


def drift(before: pl.DataFrame, after: pl.DataFrame) -> list[Drift]:
    """Return what changed in structure between two cell frames (CELL_SCHEMA) of one document, sorted."""
    old, new = _structures(before), _structures(after)
    pairs = _pairs(old, new)
    gone, come = {key for key, _ in pairs}, {key for _, key in pairs}
    found = [Drift(old[key].title, "table_vanished") for key in old if key not in gone]
    found += [Drift(new[key].title, "table_new") for key in new if key not in come]
    for key, other in pairs:
        if key != other:
            found.append(Drift(new[other].title, "table_renamed", was=old[key].title))
        found += _table_drift(old[key], new[other])
    return sorted(found)


def _table_drift(old: _Structure, new: _Structure) -> list[Drift]:
    title = new.title
    found: list[Drift] = []

    def compare(kind: str, dimension: str, was: Mapping[str, str], now: Mapping[str, str]) -> None:
        found.extend(
            Drift(title, f"{kind}_vanished", dimension, was[key])  # type: ignore[arg-type]
            for key in was
            if key not in now
        )
        if kind != "period":
            found.extend(
                Drift(title, f"{kind}_new", dimension, now[key])  # type: ignore[arg-type]
                for key in now
                if key not in was
            )

    compare("dimension", "", {n: n for n in old.categories}, {n: n for n in new.categories})
    for name in old.categories.keys() & new.categories.keys():
        if name not in old.period_dimensions | new.period_dimensions:
            compare("category", name, old.categories[name], new.categories[name])
    compare("period", "", old.periods, new.periods)
    compare("unit", "", old.units, new.units)
    for (name, key), codes in new.codes.items():
        was = old.codes.get((name, key))
        if was is not None and was != codes and name not in new.period_dimensions:
            label = new.categories.get(name, {}).get(key, key)
            now = ", ".join(sorted(codes))
            found.append(Drift(title, "code_changed", name, f"{label} = {now}", ", ".join(sorted(was))))
    return found


def in_words(found: list[Drift], most: int = 12) -> str | None:
    """Return the differences in one line, None when there is none."""
    if not found:
        return None
    shown = [str(item) for item in found[:most]]
    rest = f"; and {len(found) - most} more" if len(found) > most else ""
    return f"the structure changed: {'; '.join(shown)}{rest}"


def drift_rows(vintages: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Return the rows of the input table `structure_drift`: each document's last two cell sets compared.

    `vintages` are rows of the input table `vintage` in order of arrival. One row per table, kind and dimension
    of change. A unit that is gone where another has come is one row of kind `unit_changed`.
    """
    last_two: dict[tuple[str, str, str], list[Mapping[str, Any]]] = {}
    for row in vintages:
        if row["cells_file"] and not row["excluded"]:
            key = (row["source_id"], row["route"], row["document"])
            last_two[key] = [*last_two.get(key, [])[-1:], row]
    rows = []
    for pair in last_two.values():
        if len(pair) == 2 and pair[0]["cell_set_key"] != pair[1]["cell_set_key"]:
            before, after = (pl.read_parquet(row["cells_file"], columns=_STRUCTURE_COLUMNS) for row in pair)
            names = ("source_id", "route", "document", "snapshot_sha256", "vintage_at")
            place = {name: pair[1][name] for name in names}
            rows += [{**place, **change} for change in _gathered(drift(before, after))]
    return rows


def _gathered(found: list[Drift]) -> list[dict[str, Any]]:
    """Return one row per table, kind and dimension of sorted differences."""
    rows = {}
    for place, group in groupby(found, lambda item: (item.table, item.kind, item.dimension)):
        items = list(group)
        table, kind, dimension = place
        rows[place] = {
            "table_title": table,
            "kind": kind,
            "dimension": dimension or None,
            "n_changes": len(items),
            "what": _named([item.what for item in items]),
            "was": _named([item.was for item in items]),
        }
    for table in {item.table for item in found}:
        gone, come = (table, "unit_vanished", ""), (table, "unit_new", "")
        if gone in rows and come in rows:
            was = rows.pop(gone)["what"]
            rows[come] |= {"kind": "unit_changed", "was": was}
    return list(rows.values())


def _named(words: list[str]) -> str | None:
    named = [f"“{word}”" for word in words if word]
    rest = ", …" if len(named) > _MOST_NAMED else ""
    return ", ".join(named[:_MOST_NAMED]) + rest or None
