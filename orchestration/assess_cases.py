"""Cases that someone hands over: which method each names, and its rows in the relations that the method reads.

A record that cannot be answered is refused with a code and what would mend it; it never stops the others.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from orchestration.assess_fields import Case, Fields, Problem, Repeated, shown
from orchestration.assess_named import (
    read_destatis,
    read_escap,
    read_growth_rate,
    read_outlier,
    read_periodic_target,
    read_statcan,
    read_statcan_aggregate,
    read_tiered,
    read_unsd,
)
from orchestration.assess_standard import STANDARD_ANSWER, read_standard
from store.formulas import Relation


@dataclass(frozen=True)
class Method:
    """How a method's cases are read, which model answers, and which of its columns are the answer.

    `cases` and `series` are the relations its models read, `key` the column that names a case in all of them.
    """

    read: Callable[[Fields, Case], None]
    model: Relation
    answer: tuple[str, ...]
    cases: Relation = ("method", "mth_case")
    series: Relation = ("method", "mth_series")
    key: str = "case_id"


_STATCAN = Method(read_statcan, ("method", "mth_statcan"), ("progress_value", "status", "score"))
_UNSD_2022 = ("cagr_actual", "cagr_required", "ratio", "class")
_UNSD_2023 = ("cagr_actual", "projected_value", "projected_share", "score")
_OUTLIER = Method(
    read_outlier, ("method", "mth_outlier"), ("abs_dev", "z_score", "lower_bound", "upper_bound", "outlier")
)
_STANDARD = Method(
    read_standard,
    ("assess", "asm_assessment"),
    STANDARD_ANSWER,
    cases=("assess", "asm_case"),
    series=("assess", "asm_case_series"),
    key="assessment_key",
)
METHODS: dict[str, Method] = {
    "standard": _STANDARD,
    "statcan_cagr_ratio": _STATCAN,
    "statcan_cagr_no_target": _STATCAN,
    "statcan_aggregate_score": Method(
        read_statcan_aggregate, ("method", "mth_statcan_aggregate"), ("score", "status")
    ),
    "destatis_weather": Method(
        read_destatis,
        ("method", "mth_destatis"),
        ("symbol", "avg_change", "last_change", "projected", "miss_share", "n_points"),
    ),
    "escap_csi_api_0_10": Method(
        read_escap,
        ("method", "mth_escap"),
        (
            "current_status",
            "current_status_class",
            "anticipated_progress",
            "anticipated_class",
            "base_value",
            "current_value",
            "projected_value",
        ),
    ),
    "unsd_progress_chart_2022": Method(read_unsd, ("method", "mth_unsd"), _UNSD_2022),
    "unsd_progress_chart_2023": Method(read_unsd, ("method", "mth_unsd"), _UNSD_2023),
    "growth_rate_target": Method(
        read_growth_rate, ("method", "mth_growth_rate"), ("ratio_actual_to_required", "cagr_actual")
    ),
    "target_to_date_15pct": Method(
        read_periodic_target,
        ("method", "mth_periodic_target"),
        ("target_to_date", "actual_to_date", "over_under"),
    ),
    "interpolated_achievement": Method(read_tiered, ("method", "mth_tiered"), ("percent",)),
    "outlier_z_score": _OUTLIER,
    "outlier_modified_z_score": _OUTLIER,
}


def read_cases(records: Sequence[object]) -> list[Case]:
    """Every record as a case, in the order of the file; of records with one id the first is answered."""
    cases: list[Case] = []
    seen: set[str] = set()
    for place, record in enumerate(records, start=1):
        case = _read_case(place, record)
        name = str(case.id)
        if case.id is not None and name in seen:
            case.problems.insert(
                0, Problem("DUPLICATE_ID", f"an earlier record has the id {name}; give each its own")
            )
        seen.add(name)
        cases.append(case)
    return cases


def _read_case(place: int, record: object) -> Case:
    if not isinstance(record, Mapping):
        return Case(
            None, problems=[Problem("WRONG_TYPE", f"record {place} must be an object, not {shown(record)}")]
        )
    case = Case(record.get("id"))
    fields = Fields(record)
    if case.id is None:
        fields.refuse("MISSING_FIELD", f"record {place} has no `id`; give it one")
    elif isinstance(case.id, bool) or not isinstance(case.id, str | int) or case.id == "":
        fields.refuse("WRONG_TYPE", f"the `id` of record {place} must be a text or a whole number")
    for name, holder in _objects_of(record):
        if holder.names:
            fields.refuse("REPEATED_KEY", f"{name} has {', '.join(holder.names)} more than once; keep one")
    word = fields.text("method")
    if word is None:
        fields.missing("method")
    elif word not in METHODS:
        fields.refuse("UNKNOWN_METHOD", f"there is no method {shown(word)}; there are {', '.join(METHODS)}")
    else:
        case.method = word
        METHODS[word].read(fields, case)
    case.problems = fields.problems
    return case


def _objects_of(record: Mapping[str, Any]) -> list[tuple[str, Repeated]]:
    named = [("the record", record), *((f"`{name}`", value) for name, value in record.items())]
    return [(name, value) for name, value in named if isinstance(value, Repeated)]
