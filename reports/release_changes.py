"""What changed from one release, or candidate, to another, and why: values, states, targets, rules, findings.

One entry for each row that differs. The rows are those of `store.release_diff`, no more and no fewer; here each gets
the section it belongs to and the reason that the two releases themselves give for it.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, get_args

import polars as pl

from reports.headlines import TargetKey, headline_targets
from reports.release_data import Release
from store.release_diff import changes_between

Section = Literal[
    "value",
    "state",
    "assessment",
    "target",
    "milestone",
    "statement",
    "rule",
    "finding",
    "record",
    "structure",
]
SECTIONS: tuple[Section, ...] = get_args(Section)
# new_period: a period that had no value. revision, correction: the publisher's, or (correction) the office's own.
# other_source: another source is in force. decision: of a reviewer. rule: a rule holds or no longer holds a value.
# waiting: a newer value waits for a decision. withdrawn: the publisher took it back. target, method, cut_off: what is
# compared, how, and up to when. record: where a figure comes from. statement: an office said so. program: another
# version of the tables.
ChangeReason = Literal[
    "new_period", "revision", "correction", "other_source", "decision", "rule", "waiting", "withdrawn", "target",
    "method", "cut_off", "record", "statement", "program",
]  # fmt: skip
CHANGE_REASONS: tuple[ChangeReason, ...] = get_args(ChangeReason)

Row = dict[str, Any]

_SECTION_OF: Mapping[str, Section] = {
    "fct_actual": "value",
    "fct_assessment": "assessment",
    "fct_target": "target",
    "fct_milestone": "milestone",
    "fct_statement": "statement",
    "fct_finding": "finding",
    "fct_finding_influence": "finding",
    "dim_rule": "rule",
}
_OF_PLANS = ("dim_plan_", "dim_clause", "dim_annotation", "dim_target_relation")
_STATES = ("level_state", "pace_state", "bucket")
_GOALS = (
    "value_low",
    "value_high",
    "comparator",
    "period_start",
    "period_end",
    "unit",
    "direction",
    "tolerance",
)
_REVIEWED = frozenset({"accepted", "flagged", "excluded", "corrected"})


@dataclass(frozen=True)
class Change:
    """One row that differs. `kind`: added, removed, changed, or what became of a column or table.

    `columns`: column -> (from, to) in canonical text, empty for a row that came or went. `before`, `after`: the whole
    row in either release, None where it is not there. `is_headline`: it is about a headline target of the plan in use.
    """

    section: Section
    kind: str
    table: str
    row_key: str
    reason: ChangeReason
    columns: Mapping[str, tuple[str | None, str | None]] = field(default_factory=dict)
    before: Row | None = None
    after: Row | None = None
    is_headline: bool = False

    @property
    def key(self) -> dict[str, str | None]:
        """The key columns of the row; empty for a change of a column or table."""
        return json.loads(self.row_key) if self.row_key else {}

    @property
    def row(self) -> Row:
        """The row as it is now, or was before it went."""
        return self.after or self.before or {}


@dataclass(frozen=True)
class ReleaseChanges:
    """All that differs. `facts`: what the manifests say differently (rule_set_version, method_version, plan_versions,
    code_version, cut_off), name -> (from, to).
    """

    release_from: str | None
    release_to: str
    facts: Mapping[str, tuple[str, str]]
    changes: tuple[Change, ...]

    def of(self, *sections: Section) -> tuple[Change, ...]:
        """The changes of some sections, in the order of tables and keys."""
        return tuple(change for change in self.changes if change.section in sections)

    @property
    def changed_keys(self) -> frozenset[tuple[str, str, str]]:
        """(table, kind, row_key) of all that differs; of a column or table, its name instead of the key."""
        return frozenset(
            (change.table, change.kind, change.row_key or next(iter(change.columns), ""))
            for change in self.changes
        )

    def counts(self) -> dict[str, int]:
        """The number of changes per section, sections without any left out."""
        counted = {section: len(self.of(section)) for section in SECTIONS}
        return {section: number for section, number in counted.items() if number}


def release_changes(before: Release | None, after: Release) -> ReleaseChanges:
    """What changed from a release to another or to a candidate; nothing when there is none before.

    Raises store.manifest.ReleaseError or store.digest.DigestError for one that cannot be read.
    """
    if before is None:
        return ReleaseChanges(None, after.release_id, {}, ())
    return _Reader(before, after).read()


def state_changes(before: Release, after: Release) -> tuple[Change, ...]:
    """The targets and plans of both releases whose level, pace or bucket is another one, in the order of `after`.

    With another cut-off an assessment is a row of its own; here it is the same target, so its rows are set side by
    side. `columns` has what differs in them.
    """
    return _Reader(before, after).states()


class _Reader:
    """Two releases side by side, each table read once and only where it differs."""

    def __init__(self, before: Release, after: Release) -> None:
        self.before, self.after = before, after
        self._rows: dict[tuple[str, str], dict[str, Row]] = {}
        self._observations: dict[str, dict[str, Row]] = {}
        self._value_reasons: dict[tuple[str, str], ChangeReason] = {}

    def read(self) -> ReleaseChanges:
        differences = changes_between(self.before.directory, self.after.directory).changes
        entries = self._entries(differences)
        self._read_rows(entries)
        headlines = headline_targets(self.before) | headline_targets(self.after)
        # Values first: a state changes because of them.
        entries.sort(
            key=lambda entry: (
                entry["table"] != "fct_actual",
                entry["table"],
                entry["row_key"],
                entry["kind"],
            )
        )
        changes = [self._change(entry, headlines) for entry in entries]
        changes.sort(
            key=lambda change: (SECTIONS.index(change.section), change.table, change.row_key, change.kind)
        )
        return ReleaseChanges(self.before.release_id, self.after.release_id, self._facts(), tuple(changes))

    def states(self) -> tuple[Change, ...]:
        of_values = self._differences().filter(pl.col("table_name") == "fct_actual")
        entries = self._entries(of_values)
        self._read_rows(entries)
        # Why a value is another one is kept by series as it is found.
        for entry in entries:
            self._change(entry, frozenset())
        was = {(row["plan_version"], row["target_id"]): row for row in self.before.rows("fct_assessment")}
        changes = []
        for now in self.after.rows("fct_assessment"):
            old = was.get((now["plan_version"], now["target_id"]))
            if old is None or all(old.get(name) == now.get(name) for name in _STATES):
                continue
            columns = {
                name: (_as_text(old.get(name)), _as_text(value))
                for name, value in now.items()
                if name in old and old[name] != value
            }
            reason = self._state_reason(old, now, columns)
            changes.append(Change("state", "changed", "fct_assessment", "", reason, columns, old, now))
        return tuple(changes)

    def _differences(self) -> pl.DataFrame:
        """What differs between the tables; a release that follows the other carries that itself."""
        if self.after.manifest.previous_release_id == self.before.release_id:
            return self.after.matching("fct_release_change", pl.col("table_name") == "fct_actual")
        return changes_between(self.before.directory, self.after.directory).changes

    def _facts(self) -> dict[str, tuple[str, str]]:
        was, now = self.before.manifest, self.after.manifest
        told = {
            "plan_versions": (", ".join(was.plan_versions), ", ".join(now.plan_versions)),
            "rule_set_version": (was.rule_set_version, now.rule_set_version),
            "method_version": (was.method_version, now.method_version),
            "code_version": (was.code_version, now.code_version),
            "cut_off": (was.cut_off.isoformat(), now.cut_off.isoformat()),
        }
        return {name: pair for name, pair in told.items() if pair[0] != pair[1]}

    @staticmethod
    def _entries(differences: pl.DataFrame) -> list[dict[str, Any]]:
        entries: dict[tuple[str, str, str, str], dict[str, Any]] = {}
        for row in differences.iter_rows(named=True):
            # A column or table that came or went has no row: each is an entry of its own.
            own = "" if row["row_key"] else row["column_name"]
            name = (row["table_name"], row["change_kind"], row["row_key"], own)
            entry = entries.setdefault(
                name, {"table": name[0], "kind": name[1], "row_key": name[2], "columns": {}}
            )
            if row["column_name"]:
                entry["columns"][row["column_name"]] = (row["from_value"], row["to_value"])
        return list(entries.values())

    def _read_rows(self, entries: Iterable[Mapping[str, Any]]) -> None:
        """The whole rows of both releases for the tables that pages show."""
        wanted: dict[str, set[str]] = {}
        for entry in entries:
            if entry["row_key"] and entry["table"] in _SECTION_OF:
                wanted.setdefault(entry["table"], set()).add(entry["row_key"])
        for side, release in (("before", self.before), ("after", self.after)):
            keys = release.manifest.keys()
            for table, row_keys in wanted.items():
                if table in keys:
                    self._rows[side, table] = _by_row_key(release, table, keys[table], row_keys)

    def _change(self, entry: Mapping[str, Any], headlines: frozenset[TargetKey]) -> Change:
        table, kind, row_key, columns = entry["table"], entry["kind"], entry["row_key"], entry["columns"]
        was = self._rows.get(("before", table), {}).get(row_key)
        now = self._rows.get(("after", table), {}).get(row_key)
        section: Section
        reason: ChangeReason
        if not row_key:
            section, reason = "structure", "program"
        elif table == "fct_actual":
            section, reason = "value", self._value_reason(was, now)
            for row in (was, now):
                if row is not None:
                    self._value_reasons[row["indicator_code"], row["area_id"]] = reason
        elif table == "fct_assessment":
            section = "state" if kind != "changed" or set(columns) & set(_STATES) else "assessment"
            reason = self._state_reason(was, now, columns)
        elif table.startswith(_OF_PLANS):
            section, reason = "target", "target"
        elif table == "dim_rule" and kind == "changed" and all(name.startswith("n_") for name in columns):
            # How often a rule was broken is no change of the rule.
            section, reason = "record", "record"
        else:
            section = _SECTION_OF.get(table, "record")
            reason = self._other_reason(table, columns, was, now)
        row = now or was or {}
        about = (str(row.get("plan_version")), str(row.get("target_id")))
        return Change(section, kind, table, row_key, reason, columns, was, now, about in headlines)

    def _observation(self, side: str, key: str | None) -> Row | None:
        if side not in self._observations:
            release = self.before if side == "before" else self.after
            named = {
                row.get("observation_key")
                for (_, table), rows in self._rows.items()
                if table == "fct_actual"
                for row in rows.values()
            }
            found = release.matching("fct_observation", pl.col("observation_key").is_in(list(named)))
            self._observations[side] = {row["observation_key"]: row for row in found.iter_rows(named=True)}
        return self._observations[side].get(str(key))

    def _value_reason(self, was: Row | None, now: Row | None) -> ChangeReason:
        """Why the value in force is another one, by what both releases know of the observations it was and is."""
        old_key, new_key = (was or {}).get("observation_key"), (now or {}).get("observation_key")
        if was is not None and now is not None and old_key == new_key:
            return self._same_observation_reason(was, now)
        reviewed = self._review_reason(old_key, new_key)
        if reviewed is not None:
            return reviewed
        if was is None:
            return "new_period"
        if now is None:
            return "record" if self._observation("after", old_key) is None else "withdrawn"
        if was.get("source_id") != now.get("source_id"):
            return "other_source"
        revised = self.after.matching(
            "fct_revision", pl.col("to_observation_key") == new_key, columns=["kind"]
        )
        return "correction" if "correction" in revised["kind"].to_list() else "revision"

    def _review_reason(self, old_key: str | None, new_key: str | None) -> ChangeReason | None:
        """Where a correction, a decision or a rule let the one value in or took the other out: which of them."""
        new = self._observation("after", new_key)
        if new is not None and new.get("origin") == "correction":
            return "correction"
        if (self._observation("before", new_key) or {}).get("held"):
            return _by_whom(new)
        old = self._observation("after", old_key)
        return _by_whom(old) if old is not None and old.get("held") else None

    def _same_observation_reason(self, was: Row, now: Row) -> ChangeReason:
        if was.get("value") != now.get("value"):
            return "method"
        if any(was.get(name) != now.get(name) for name in ("review_state", "review_flag")):
            return "decision"
        if was.get("waiting_observation_key") != now.get("waiting_observation_key"):
            return "waiting"
        return "record"

    def _state_reason(self, was: Row | None, now: Row | None, columns: Mapping[str, Any]) -> ChangeReason:
        row = now or was or {}
        if was is None or now is None or set(columns) & set(_GOALS):
            return "target"
        of_value = self._value_reasons.get((row.get("indicator_code") or "", row.get("area_id") or ""))
        if of_value is not None:
            return of_value
        if (
            "method_version" in columns
            or self.before.manifest.code_version != self.after.manifest.code_version
        ):
            return "method"
        return "cut_off" if self.before.cut_off != self.after.cut_off else "record"

    def _other_reason(
        self, table: str, columns: Mapping[str, Any], was: Row | None, now: Row | None
    ) -> ChangeReason:
        section = _SECTION_OF.get(table)
        if section in ("target", "milestone"):
            return "target"
        if section == "statement":
            return _statement_reason(columns, was, now)
        if section == "rule":
            return "rule"
        if section == "finding":
            decided = (now or {}).get("decision") != (was or {}).get("decision")
            return "decision" if was is not None and now is not None and decided else "rule"
        if "held" in columns or "review_state" in columns:
            return "decision" if "review_state" in columns else "rule"
        return "record"


def _as_text(value: object) -> str | None:
    return None if value is None else str(value)


def _statement_reason(columns: Mapping[str, Any], was: Row | None, now: Row | None) -> ChangeReason:
    """What an office said stays as it was; only time and the plan may overtake it."""
    if was is None or now is None or set(columns) != {"state"}:
        return "statement"
    overtaken: dict[str, ChangeReason] = {"overdue": "cut_off", "lapsed": "target"}
    return overtaken.get(str(now.get("state")), "statement")


def _by_whom(row: Row | None) -> ChangeReason:
    """Whether people or rules alone hold, or let through, a value."""
    row = row or {}
    if row.get("review_state") == "corrected":
        return "correction"
    return "decision" if row.get("review_state") in _REVIEWED else "rule"


def _by_row_key(release: Release, table: str, key: tuple[str, ...], row_keys: set[str]) -> dict[str, Row]:
    """The rows of a table whose key is wanted, by the text that names them in a difference; no others are kept."""
    schema = release.scan(table).collect_schema()
    if not set(key) <= set(schema.names()):
        return {}
    wanted = pl.DataFrame([json.loads(row_key) for row_key in row_keys], schema=dict.fromkeys(key, pl.String))
    text = {name: pl.col(name) if schema[name] == pl.String else pl.col(name).cast(pl.String) for name in key}
    # A little more than is wanted: what each part of a key may be.
    about = (text[name].is_in(wanted[name].unique().sort().implode(), nulls_equal=True) for name in key)
    frame = release.matching(table, *about)
    places = (
        frame.select(text.values())
        .with_row_index("place")
        .join(wanted, on=list(key), how="inner", nulls_equal=True)
    )
    found = frame[places["place"]]
    texts = places.select(key)
    return {
        json.dumps(name, ensure_ascii=False): row
        for name, row in zip(texts.iter_rows(named=True), found.iter_rows(named=True), strict=True)
    }
