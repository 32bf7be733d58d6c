"""The words of the pages: one catalogue per language, read once, looked up by key.

A key that is not in the catalogue is a fault of the program and says so; nothing is shown in another language
instead.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

from expectations.gate.states import CANDIDATE_ACTIONS, CANDIDATE_STATES, FINDING_ACTIONS, FINDING_STATES
from reports.numbers import Language, format_number
from sources.problems import load_yaml

LANGUAGES: tuple[Language, ...] = ("vi", "en")
CATALOGUE_DIR = Path(__file__).parent / "words"

BUCKETS = (
    "reached",
    "on_track",
    "slightly_behind",
    "behind",
    "moving_away",
    "not_reached",
    "not_assessed",
)
REASON_CODES = (
    "NO_TARGET",
    "NO_DATA",
    "NO_BASE",
    "TOO_FEW",
    "STALE",
    "BREAK",
    "INCOMPLETE_SUM",
    "NOT_COMPARABLE",
    "WITHHELD",
    "NOT_DUE",
    "TARGET_YEAR_OVER",
    "SUPERSEDED_BASIS",
)

# What is said of an assessment that rests on a figure which is not for this reader.
NOT_PUBLIC = "NOT_PUBLIC"

MILESTONE_STATES = ("done", "done_late", "overdue", "due", "not_due", "no_report", "withdrawn")

# The words that the page of the method explains, as a figure meets them; docs/glossary.md has them all.
GLOSSARY = (
    "plan_document",
    "clause",
    "target",
    "indicator",
    "milestone",
    "reading",
    "annotation",
    "source",
    "snapshot",
    "cell",
    "observation",
    "maturity",
    "actual",
    "assessment",
    "named_method",
    "finding",
    "decision",
    "statement",
    "release",
    "candidate",
    "cut_off",
    "content_digest",
    "administrative_frame",
)

STATEMENT_STATES = ("overdue", "open", "done_late", "done", "lapsed", "withdrawn")


# Kinds of files of a release.
DOWNLOADS = (
    "paper",
    "xlsx",
    "static",
    "csv",
    "parquet",
    "sdmx",
    "json_stat",
    "quality",
    "rules",
    "records",
    "sql",
    "tables",
)

REVISION_KINDS = (
    "scheduled_revision",
    "benchmark_revision",
    "component_revision",
    "correction",
    "undeclared_revision",
    "confirmation",
    "redefinition",
    "withdrawal",
    "filled",
)

# Keys that the code puts together from a release's own codes: prefix -> every code the contract knows. The
# test of the catalogue holds both sides: each of these has words, and no other word stands under the prefix.
FAMILIES: dict[str, tuple[str, ...]] = {
    "role": ("public", "leader", "plan_owner", "reviewer", "approver", "engineer"),
    "form": (
        "level",
        "ratio",
        "growth_rate",
        "average_growth",
        "increment",
        "change",
        "index",
        "rank",
        "score",
    ),
    "explain_fault": ("no_record", "destroyed", "no_snapshot", "unreadable", "no_cell", "other"),
    "identity_mode": ("oidc", "local", "public"),
    "standing": ("in_force", "outranked", "superseded", "no_value", "held"),
    "standing_meaning": ("held", "no_value"),
    "decided_by": ("form", "source_rank", "maturity", "published_at", "vintage_at", "source_id"),
    "revision_kind": REVISION_KINDS,
    "revision_kind_meaning": REVISION_KINDS,
    "missing": (
        "blank",
        "dash",
        "dot",
        "dots",
        "not_available",
        "suppressed",
        "unreadable",
        "withdrawn",
        "component_missing",
        "formula_error",
        "formula_without_value",
        "not_public",
    ),
    "level": ("reached", "in_band", "above_range", "lost", "not_reached", "not_assessed"),
    "pace": ("on_track", "slightly_behind", "behind", "moving_away", "not_assessed"),
    "bucket": BUCKETS,
    "bucket_count": BUCKETS,
    "level_meaning": ("reached", "in_band", "above_range", "lost", "not_reached", "not_assessed"),
    "pace_meaning": ("on_track", "slightly_behind", "behind", "moving_away", "not_assessed"),
    "severity_count": ("error", "warning", "information"),
    "sort": ("document", "name", "status", "year"),
    "confidence": ("A", "B", "C", "D"),
    "confidence_meaning": ("A", "B", "C", "D"),
    "maturity": ("estimate", "preliminary", "official", "not_stated"),
    "maturity_meaning": ("estimate", "preliminary", "official", "not_stated"),
    "reason": (*REASON_CODES, NOT_PUBLIC),
    "reason_meaning": (*REASON_CODES, NOT_PUBLIC),
    "reason_mend": (*REASON_CODES, NOT_PUBLIC),
    "for_reference_reason": (*(code for code in REASON_CODES if code != "TARGET_YEAR_OVER"), NOT_PUBLIC),
    "comparator": (
        "eq",
        "ge",
        "gt",
        "le",
        "lt",
        "approx",
        "between",
        "approx_between",
        "approx_gt",
        "hold_approx",
    ),
    "target_type": (
        "level",
        "interval",
        "hold",
        "floor",
        "ceiling",
        "average_growth",
        "annual_change",
        "cumulative",
        "structure",
        "count",
        "milestone",
        "area",
        "capacity",
        "rank",
    ),
    "direction": ("increase", "decrease", "hold", "none"),
    "domain": (
        "economy",
        "society",
        "labour",
        "environment",
        "security",
        "tourism",
        "urbanisation",
        "population",
        "infrastructure",
        "land",
        "governance",
        "science",
        "culture",
        "education",
        "health",
        "agriculture",
        "industry",
        "trade",
    ),
    "publisher_kind": (
        "statistics_office",
        "ministry",
        "peoples_council",
        "department",
        "press",
        "research",
        "private",
        "warehouse",
    ),
    "origin": ("original", "third_party_copy", "transcription", "derived", "correction"),
    "cadence": ("annual", "monthly", "irregular"),
    "outcome": ("received", "new", "unchanged", "not_yet_published", "failed", "quarantined"),
    "issue_state": (
        "received",
        "received_late",
        "received_undated",
        "not_due",
        "due",
        "late",
        "missing",
        "not_collected",
    ),
    "severity": ("error", "warning", "information"),
    "finding_decision": ("none", *FINDING_STATES),
    "finding_outcome": ("failed", "suppressed", "not_checked"),
    "unclaimed": (
        "NO_SERIES",
        "NO_AREA",
        "NO_PERIOD",
        "UNIT_MISMATCH",
        "IGNORED",
        "NUMBER_TOO_LARGE",
        "DUPLICATE",
    ),
    "assessment_note": (
        "met_at_base",
        "target_within_noise",
        "reached_and_worsening",
        "published_average_used",
        "straight_path_taken",
    ),
    "legal_form": ("NQ", "QĐ"),
    "legal_status": ("draft", "adopted", "in_force", "superseded"),
    "milestone": (*MILESTONE_STATES, "not_public"),
    "milestone_count": (*MILESTONE_STATES, "not_public"),
    "milestone_meaning": (*MILESTONE_STATES, "not_public"),
    "qualifier": (
        "nearly",
        "over",
        "more_than",
        "about",
        "below",
    ),
    "trajectory": (
        "linear",
        "compound",
        "logit",
        "stepwise",
    ),
    "range_kind": (
        "ambition",
        "tolerance",
    ),
    "action": (
        "build",
        "upgrade",
        "expand",
        "establish",
        "complete",
        "maintain",
        "plan",
        "survey",
        "relocate",
        "recognise",
        "adopt",
        "other",
    ),
    "due_rule": (
        "by_end",
        "before",
    ),
    "annotation": (
        "list_shorter_than_count",
        "parts_do_not_sum",
        "truncated_date",
        "spelled_two_ways",
        "promised_twice",
        "unfinished_sentence",
        "wrong_word",
        "missing_period",
        "missing_unit",
        "ambiguous_scope",
        "ambiguous_measure",
        "basis_differs",
        "outdated_reference",
        "repeated_word",
        "other",
    ),
    "annotation_touches": (
        "target",
        "clause",
        "list",
    ),
    "relation": (
        "part_of_sum_part",
        "part_of_sum_whole",
        "subset_of_part",
        "subset_of_whole",
        "interim_of_part",
        "interim_of_whole",
        "same_promise_part",
        "same_promise_whole",
        "successor_of_part",
        "successor_of_whole",
    ),
    "plan_kind": (
        "long_term",
        "five_year",
        "annual",
        "assigned",
    ),
    "frame": (
        "CB-161",
        "CB-56",
    ),
    "named_method": (
        "statcan_cagr_ratio",
        "unsd_progress_chart_2022",
        "unsd_progress_chart_2023",
        "escap_csi_api_0_10",
        "destatis_weather",
        "growth_rate_target",
        "target_to_date_15pct",
    ),
    "named_status": (
        "target_achieved",
        "substantial_progress",
        "moderate_progress",
        "limited_progress",
        "deterioration",
        "substantial_progress_on_track",
        "fair_progress_but_acceleration_needed",
        "limited_to_no_progress",
        "sun",
        "slightly_cloudy",
        "cloud",
        "thunderstorm",
        "on_track",
        "slow_progress",
        "regression",
        "no_data",
        "insufficient_data",
        "will_meet_target",
        "need_to_accelerate",
    ),
    "refusal": (
        "NO_TARGET",
        "NO_DATA",
        "NO_BASE",
        "TOO_FEW",
        "NOT_COMPARABLE",
        "SUPERSEDED_BASIS",
        "NO_DIRECTION",
        "UNDEFINED",
        "OFF_SCALE",
        "NOT_PUBLIC",
    ),
    "glossary": GLOSSARY,
    "glossary_meaning": GLOSSARY,
    "parameter": (
        "band_on_track",
        "band_slightly_behind",
        "band_behind",
        "stale_after_periods",
        "vision_year",
        "trend_points",
        "small_count",
        "small_count_base",
        "milestone_due_months",
        "trend_window",
        "span_points",
        "structure_rounding",
        "projection_points",
        "interval_points",
    ),
    "input_role": (
        "actual",
        "base",
        "point",
        "published_average",
        "latest_known",
    ),
    "submit_outcome": ("accepted", "returned", "waiting"),
    "submit_meaning": ("accepted", "returned", "waiting"),
    "finding_state": FINDING_STATES,
    "finding_action": FINDING_ACTIONS,
    "finding_action_meaning": FINDING_ACTIONS,
    "decision_send": FINDING_ACTIONS,
    "decision_reason": (
        "CONFIRMED_BY_SOURCE",
        "CONFIRMED_BY_DOCUMENT",
        "KNOWN_EVENT",
        "METHOD_CHANGE",
        "BOUNDARY_CHANGE",
        "PUBLISHER_ERROR",
        "ENTRY_ERROR",
        "DUPLICATE",
        "RULE_TOO_STRICT",
        "INFORMATION_ONLY",
        "OTHER",
    ),
    "status_flag": ("B", "E", "P", "U"),
    "influence": ("headline", "state", "target", "none"),
    "influence_lead": ("headline", "state", "target", "none"),
    "queue_state": ("waiting", "all"),
    "compared": ("before", "year_before", "in_force", "same_year", "other"),
    "sum": ("breakdown", "worked_out_from", "goes_into"),
    "sheet_column": ("unit", "value", "indicator", "area", "period", "breakdown"),
    "reported_state": ("done", "in_progress", "not_done", "withdrawn"),
    "statement_state": STATEMENT_STATES,
    "statement_now": STATEMENT_STATES,
    "statement_count": STATEMENT_STATES,
    "statement_access": ("public", "internal"),
    "statement_end": ("done", "withdraw"),
    "candidate_state": CANDIDATE_STATES,
    "candidate_action": (*CANDIDATE_ACTIONS, "roll_back"),
    "candidate_action_meaning": (
        "offer",
        "sign",
        "return",
        "withdraw",
        "supersede",
        "void",
        "schedule",
        "publish",
        "correction_note",
        "retract",
        "roll_back",
    ),
    "candidate_send": ("sign", "return", "withdraw", "schedule", "correction_note", "retract", "roll_back"),
    "cannot_sign": ("decided", "signed", "later_decision"),
    "audit_action": (
        *(f"finding_{action}" for action in FINDING_ACTIONS),
        *(f"candidate_{action}" for action in CANDIDATE_ACTIONS),
        "candidate_dropped",
        "release_published",
        "release_rolled_back",
        "pointer_reconciled",
        "rollback_requested",
        "rollback_refused",
        "unreleased_seen",
        "role_begun",
        "role_granted",
        "role_revoked",
        "deputy_named",
        "deputy_ended",
        "destruction_request",
        "destruction_refuse",
        "destruction_confirm",
        "destruction_done",
        "plan_imported",
        "statement_state",
        "statement_done",
        "statement_withdraw",
    ),
    "change_section": (
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
    ),
    "change_reason": (
        "new_period",
        "revision",
        "correction",
        "other_source",
        "decision",
        "rule",
        "waiting",
        "withdrawn",
        "target",
        "method",
        "cut_off",
        "record",
        "statement",
        "program",
    ),
    "change_kind": ("added", "removed", "changed"),
    "release_notice": ("retracted", "correction_note"),
    "change_fact": ("rule_set_version", "method_version", "plan_versions", "code_version", "cut_off"),
    "need_end": ("low", "high"),
    "need_end_short": ("low", "high"),
    "need_how": ("linear", "compound", "logit", "structure", "amount", "amount_published"),
    "need_kind": ("level", "amount"),
    "need_year": ("past", "past_unused", "current", "ahead"),
    "need_refused": (
        "not_shipped",
        "not_public",
        "over",
        "stepwise",
        "keep",
        "reached",
        "not_begun",
        "reason",
    ),
    "what_if_way": ("change", "growth", "amount"),
    "what_if_ask": ("change", "growth", "amount"),
    "what_if_said": ("change", "growth", "amount"),
    "what_if_refused": ("not_shipped", "not_public", "over", "no_start", "structure"),
    "change": (
        "figures_added",
        "figures_changed",
        "figures_removed",
        "assessments",
        "other_assessments",
        "targets",
    ),
    "download": DOWNLOADS,
    "download_meaning": DOWNLOADS,
}


class WordMissing(KeyError):
    """A key with no words in the catalogue; the message names the file and the key."""


def _flatten(node: Any, prefix: str, into: dict[str, str], path: Path) -> None:
    if isinstance(node, dict):
        for name, child in node.items():
            _flatten(child, f"{prefix}.{name}" if prefix else str(name), into, path)
    elif isinstance(node, str):
        into[prefix] = node
    else:
        raise TypeError(f"{path.name}: {prefix} is {type(node).__name__}; write a text in quotes there")


@cache
def catalogue(language: Language) -> dict[str, str]:
    """Every key of a language with its words, keys joined by points (`level.reached`)."""
    path = CATALOGUE_DIR / f"{language}.yml"
    words: dict[str, str] = {}
    content, problems = load_yaml(path.read_text(encoding="utf-8"), path.name)
    if problems:
        raise ValueError("; ".join(str(problem) for problem in problems))
    _flatten(content, "", words, path)
    return words


class Words:
    """The words of one language: `words("footer.cut_off", day=...)`."""

    def __init__(self, language: Language) -> None:
        self.language: Language = language

    def __call__(self, key: str, **values: object) -> str:
        try:
            text = catalogue(self.language)[key]
        except KeyError as error:
            raise WordMissing(
                f"no words for {key!r} in reports/words/{self.language}.yml: add the key to every language"
            ) from error
        return text.format(**values) if values else text

    def of(self, family: str, code: str | None) -> str:
        """Words for a code of a family; a code the catalogue does not know is shown as it stands, null as a
        dash.
        """
        if code is None:
            return self("none")
        key = f"{family}.{code}"
        return self(key) if key in catalogue(self.language) else code

    def counted(self, key: str, count: int, **values: object) -> str:
        """Words for a count: `<key>.one` for one thing, `<key>.many` otherwise; `{n}` is the count."""
        form = "one" if count == 1 else "many"
        return self(f"{key}.{form}", n=format_number(count, self.language), **values)

    def listed(self, parts: list[str]) -> str:
        """Parts in one line: a, b and c."""
        if len(parts) < 2:
            return "".join(parts)
        return f"{', '.join(parts[:-1])} {self('and')} {parts[-1]}"

    def pick(self, row: dict[str, Any], name: str) -> str:
        """`<name>_vi` or `<name>_en` of a release row; the other language when this one was not given; else a
        dash.
        """
        other = "en" if self.language == "vi" else "vi"
        return str(row.get(f"{name}_{self.language}") or row.get(f"{name}_{other}") or self("none"))
