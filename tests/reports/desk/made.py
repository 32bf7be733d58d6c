"""A made home for the pages of the desk: a published release and a candidate that waits, every figure synthetic.

In the candidate stand findings of every severity on series whose neighbours, other issues, other sources and parts are
there; the cells of one lie in the warehouse, so that the place of a figure can be drawn.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from hashlib import sha256
from pathlib import Path

import polars as pl

from expectations.gate.candidates import Offer, offer, read_offer
from orchestration.influence import SCENARIOS
from sources.cells import CELL_SCHEMA
from sources.read_vintage import cells_file
from sources.reading import cell_set_key
from sources.registry import read_record
from store import state
from store.manifest import InputSnapshot
from store.release_tables import INFLUENCE_TABLE, RELEASE_TABLES
from store.releases import new_candidate, publish, seal_candidate
from store.settings import PROJECT_ROOT, Settings
from tests.reports.make_release import AREA, CUT_OFF, PLAN, SyntheticRelease

RECORD = "synthetic_office"
SNAPSHOT = "0" * 64
HELD = "SYNTHETIC_INDICATOR_01"


RULES = (
    ("synthetic_step", "error", "Bước nhảy giả lập so với năm trước", "Synthetic step from the year before"),
    ("synthetic_sources", "warning", "Hai nguồn giả lập chênh nhau", "Two synthetic sources apart"),
    ("synthetic_note", "information", "Ghi nhận giả lập", "Synthetic note"),
    ("synthetic_many", "warning", "Quy tắc giả lập lặp lại", "Synthetic rule, many times"),
)


@dataclass(frozen=True)
class Made:
    """The home: its settings, the published release, the candidate on the desk."""

    settings: Settings
    release_id: str
    candidate: Path

    @property
    def offer(self) -> Offer:
        return read_offer(self.candidate)


def make_desk(
    home: Path,
    *,
    policy: str = "one",
    more_findings: int = 0,
    published: bool = True,
    owned: bool = False,
) -> Made:
    """A home with a release published automatically and, upon it, a candidate offered under a policy.

    `more_findings`: warnings beside those that are told apart by the tests. `owned`: the office issues the figures.
    """
    settings = Settings(home=home, review_policy="automatic")
    state.migrate(settings)
    release_id = ""
    if published:
        release_id = publish(settings, sealed(settings, SyntheticRelease().every_state(), "automatic", 1))
    content = with_findings(SyntheticRelease().every_state(), more_findings, owned=owned)
    candidate = sealed(settings, content, policy, 2)
    offer(settings, read_offer(candidate), at=datetime(2026, 11, 20, 2, tzinfo=UTC))
    return Made(settings, release_id, candidate)


def sealed(
    settings: Settings,
    content: SyntheticRelease,
    policy: str,
    number: int,
    *,
    decisions_up_to: int = 0,
    input_snapshots: Sequence[InputSnapshot] = (),
) -> Path:
    """A sealed candidate with this content; `number` tells the inputs of several apart."""
    candidate = new_candidate(settings, f"synthetic-{number}")
    content.write(candidate)
    records = candidate / "records"
    records.mkdir()
    (records / f"{RECORD}.yml").write_text(record_text(), encoding="utf-8")
    seal_candidate(
        settings,
        candidate,
        cut_off=CUT_OFF,
        created_at=datetime(2026, 11, 20, number, tzinfo=UTC),
        inputs_hash=sha256(str(number).encode()).hexdigest(),
        plan_versions=[PLAN],
        rule_set_version="synthetic-1",
        method_version="synthetic-1",
        code_version="0",
        input_snapshots=input_snapshots,
        review_policy=policy,
        decisions_up_to=decisions_up_to,
        tables=dict(RELEASE_TABLES),
    )
    return candidate


def with_influence(content: SyntheticRelease) -> None:
    """What the held jump would do to the headline target that reads it: accepted, it would be reached no longer."""
    judged = next(
        row
        for row in content.rows["fct_assessment"]
        if row["target_id"] == "SYNTHETIC_01" and row["is_reference"]
    )
    content.rows[INFLUENCE_TABLE] = [
        {
            "finding_id": finding_id(1),
            "assessment_key": judged["assessment_key"],
            "scenario": scenario,
            "plan_version": PLAN,
            "target_id": "SYNTHETIC_01",
            "area_id": AREA,
            "is_headline": True,
            "bucket_now": "reached",
            "bucket": "not_reached" if scenario == "accepted" else "reached",
            "changes_bucket": scenario == "accepted",
            "changes_state": scenario == "accepted",
        }
        for scenario in SCENARIOS
    ]


def record_text() -> str:
    """A record of the project under the name of a synthetic source: only how it is read counts here."""
    shipped = (PROJECT_ROOT / "sources" / "specs" / "nso_population.yml").read_text(encoding="utf-8")
    return shipped.replace("source_id: nso_population", f"source_id: {RECORD}")


def with_findings(content: SyntheticRelease, more: int = 0, *, owned: bool = False) -> SyntheticRelease:
    """The content with a jump that is held, another issue, parts, and findings on them."""
    for source in content.rows["dim_source"]:
        source["owned"] = owned and source["source_id"] == "synthetic_office"
    content.rows["fct_finding"] = []
    content.rows["dim_breakdown"] = []
    for name, vi, en in (("SEX_MALE", "nam", "men"), ("SEX_FEMALE", "nữ", "women")):
        content.add("dim_breakdown", breakdown=name, name_vi=vi, name_en=en)
    content.rows["dim_rule"] = []
    for rule_id, severity, vi, en in RULES:
        content.add(
            "dim_rule",
            rule_id=rule_id,
            rule_version=1,
            suite="synthetic",
            severity=severity,
            title_vi=vi,
            title_en=en,
            description_vi=f"{vi}: quy tắc giả lập.",
            description_en=f"{en}: a synthetic rule.",
            owner_vi="Phòng giả lập",
            owner_en="Synthetic division",
            reason_vi="Giả lập để kiểm thử.",
            reason_en="Synthetic, for tests.",
        )
    jump = content.observe(HELD, "2026", "525", maturity="estimate", held=True, published=date(2026, 11, 18))
    revised = next(
        row["observation_key"]
        for row in content.rows["fct_observation"]
        if row["indicator_code"] == "SYNTHETIC_REVISED" and row["standing"] == "in_force"
    )
    finding(
        content, 1, "error", (jump, HELD, "2026"), rule="synthetic_step",
        vi="Chỉ tiêu giả lập 01: 2025 là 52,5, 2026 là 525%; gấp khoảng mười lần năm trước.",
        en="Synthetic indicator 01: 52.5 in 2025, 525% in 2026; about ten times the year before.",
    )  # fmt: skip
    finding(
        content, 2, "warning", (revised, "SYNTHETIC_REVISED", "2023"), rule="synthetic_sources",
        vi="Chỉ tiêu giả lập có sửa đổi, 2023: hai nguồn chênh nhau 0,6 điểm %.",
        en="Synthetic indicator with revisions, 2023: two sources are 0.6 points apart.",
    )  # fmt: skip
    for number in (3, 4):
        finding(
            content, number, "information", (None, None, None), rule="synthetic_note", source="synthetic_press",
            vi=f"Bảng giả lập {number} đổi tên cột.", en=f"Synthetic table {number} renamed a column.",
        )  # fmt: skip
    for number in range(10, 10 + more):
        finding(
            content, number, "warning", (None, "SYNTHETIC_INDICATOR_02", "2024"), rule="synthetic_many",
            subject=f"S{number}", vi=f"Phát hiện giả lập {number}.", en=f"Synthetic finding {number}.",
        )  # fmt: skip
    with_influence(content)
    return content


def finding(
    content: SyntheticRelease,
    number: int,
    severity: str,
    about: tuple[str | None, str | None, str | None],
    *,
    rule: str,
    vi: str,
    en: str,
    source: str = "synthetic_office",
    subject: str | None = None,
) -> None:
    """A finding about an observation, an indicator and a period; its ids are hashes of its number, to be named by."""
    _, indicator, period = about
    content.add(
        "fct_finding",
        finding_id=finding_id(number),
        finding_key=sha256(f"key {number}".encode()).hexdigest(),
        rule_id=rule,
        rule_version=1,
        suite="synthetic",
        severity=severity,
        outcome="failed",
        subject=subject or indicator or f"table {number}",
        observation_key=about[0],
        indicator_code=indicator,
        area_id=AREA if indicator else None,
        period_id=period,
        breakdown="_T" if indicator else None,
        source_id=source,
        message_vi=vi,
        message_en=en,
        left_value=525.0 if number == 1 else None,
        right_value=52.5 if number == 1 else None,
        expected_low=26.25 if number == 1 else None,
        expected_high=105.0 if number == 1 else None,
        unit="percent" if number == 1 else None,
        decision="none",
    )


def finding_id(number: int) -> str:
    """The id of the finding that was made with a number."""
    return sha256(f"finding {number}".encode()).hexdigest()


def write_cells(made: Made) -> None:
    """The cells of the synthetic snapshot, as an adapter would have read them: a list of lines."""
    record, _ = read_record(record_text(), f"{RECORD}.yml")
    assert record is not None
    key = cell_set_key(record.route("recorded").reading, SNAPSHOT)
    rows = [
        {
            **dict.fromkeys(CELL_SCHEMA),
            "cell_set_key": key,
            "snapshot_sha256": SNAPSHOT,
            "table_title": "Bảng giả lập",
            "cell_index": number,
            "cell_ref": f"row {number}",
            "labels": [
                {"dimension": "indicator", "label": "Chỉ tiêu giả lập", "code": None, "key": "x"},
                {"dimension": "period", "label": str(2015 + number), "code": None, "key": str(2015 + number)},
            ],
            "attributes": [],
            "unit_text": "%",
            "value_text": str(Decimal("40.5") + number),
            "flags": [],
        }
        for number in range(1, 12)
    ]
    path = cells_file(made.settings, key)
    path.parent.mkdir(parents=True, exist_ok=True)
    pl.DataFrame(rows, schema=CELL_SCHEMA, orient="row").write_parquet(path)
