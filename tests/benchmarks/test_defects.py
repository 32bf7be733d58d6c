"""A small, fixed slice of the bench of seeded defects: on shipped figures, without a build.

How often the rules find a class is measured by the bench and kept in docs/quality.md; here it is held that each class
is found at all, that a finding must name what was put in, and that the same seed puts in the same.
"""

import random
from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import duckdb
import polars as pl
import pytest

from benchmarks.defects import bench, classes, page
from benchmarks.defects.bodies import Body, Figures, claims_of, vintages_of
from expectations.rules import RuleSet, load_rules
from expectations.run import CheckRun
from store.settings import PROJECT_ROOT, Settings
from tests.expectations.warehouse import OBSERVATION_SCHEMA, Warehouse
from tests.figures.shipped import figures

# Shipped sources, under the ids that the small warehouse has records of.
SOURCES = {
    "nso_population": "nso",
    "gso_2018_tables": "ministry",
    "statistics_office_cao_bang": "paper",
    "vietnam_vn": "press",
    "lao_dong": "press",
}
WORDS = (
    "source_id", "route", "cell_set_key", "cell_ref", "table_title", "indicator_code", "area_id", "period_id",
    "breakdown", "unit", "form", "reason",
)  # fmt: skip
CELLS = pl.Schema(
    [
        *((name, pl.String()) for name in WORDS),
        ("cell_index", pl.Int64()),
        ("value", pl.Decimal(38, 15)),
    ]
)
DOCUMENTS = pl.Schema(
    [
        *(
            (name, pl.String())
            for name in ("source_id", "route", "document", "snapshot_sha256", "cell_set_key")
        ),
        ("vintage_at", pl.Datetime("us")),
        ("published_at", pl.Date()),
    ]
)
SEED, ROUNDS = 7, 2


@pytest.fixture(scope="module")
def rule_set() -> RuleSet:
    return load_rules()


@pytest.fixture(scope="module")
def body(tmp_path_factory: pytest.TempPathFactory) -> Body:
    """The figures of some shipped sources, as a build would leave them."""
    settings = Settings(home=tmp_path_factory.mktemp("defects"))
    warehouse = Warehouse()
    for figure in figures():
        source = SOURCES.get(figure.record.source_id)
        if source is None or len(figure.claims) != 1 or not _is_number(figure.row["value"]):
            continue
        series = figure.claims[0]
        warehouse.observe(
            series.indicator, figure.row["period"], figure.row["value"],
            source_id=source, area_id=str(figure.area_id), breakdown=series.breakdown, form=series.form,
            unit=figure.row.get("unit_code") or series.unit, maturity=figure.row.get("maturity") or "not_stated",
            document=f"{figure.record.source_id}_{figure.row['period'][:4]}",
            table_title=f"{figure.record.source_id} {figure.row['period'][:4]}",
        )  # fmt: skip
    warehouse.periods |= {f"{year}{part}" for year in range(2010, 2027) for part in ("", "-H1", "-YTD09")}
    warehouse.write(settings)
    with duckdb.connect(str(settings.warehouse_file)) as connection:
        observations = connection.execute("from observe.obs_observation").pl()
    rows = observations.cast({"value": OBSERVATION_SCHEMA["value"]}).to_dicts()
    return Body(
        "slice",
        "some shipped figures",
        settings.warehouse_file,
        settings.inputs_dir,
        Figures(observations, claims_of(rows, CELLS), vintages_of(rows, DOCUMENTS)),
        keeps_derivations=False,
    )


def _is_number(text: str) -> bool:
    try:
        return Decimal(text).is_finite()
    except ArithmeticError:
        return False


@pytest.fixture(scope="module")
def result(body: Body, rule_set: RuleSet, tmp_path_factory: pytest.TempPathFactory) -> bench.Result:
    return bench.run_body(body, rule_set, tmp_path_factory.mktemp("checks"), seed=SEED, repeats=ROUNDS)


@pytest.mark.parametrize("defect", list(classes.CLASSES))
def test_each_class_is_put_in_and_found(result: bench.Result, defect: str) -> None:
    outcomes = bench.by_class(result.outcomes)[defect]
    assert any(outcome.rules for outcome in outcomes)


def test_a_thousandfold_revision_is_always_held(result: bench.Result) -> None:
    slips = bench.by_class(result.outcomes)["unit slip by 10³"]
    revisions = [outcome for outcome in slips if outcome.injection.variant == classes.REVISION]
    assert revisions
    assert all(outcome.held for outcome in revisions)


def test_no_right_figure_is_held(result: bench.Result) -> None:
    assert result.controls
    assert not any(outcome.held for outcome in result.controls)


def test_a_finding_about_another_figure_finds_nothing(body: Body, rule_set: RuleSet, tmp_path: Path) -> None:
    """Two defects in one run: each is found by what names it, and taken out of the run the other remains."""
    pool = bench._pool(body)
    batch = bench.draw_batch(pool, random.Random(SEED), classes.CLASSES, "pair")
    slip = next(one for one in batch if one.defect.startswith("unit") and one.variant == classes.REVISION)
    other = next(one for one in batch if one.defect == "two sources apart" and one.places != slip.places)
    run = bench.check_batch(body, [slip], rule_set, tmp_path)
    assert bench.judge(slip, run, frozenset())[0].held
    assert not bench.judge(other, _without_fact(run, slip), frozenset())[0].rules


def _without_fact(run: CheckRun, injection: classes.Injection) -> CheckRun:
    return replace(run, results=run.results.filter(pl.col("observation_key").is_in(list(injection.keys))))


def test_the_same_seed_draws_the_same_defects(body: Body) -> None:
    pool = bench._pool(body)

    def drawn(seed: int) -> list[tuple[str, frozenset[str]]]:
        batch = bench.draw_batch(pool, random.Random(seed), classes.CLASSES, "again")
        return [(injection.defect, injection.keys) for injection in batch]

    assert drawn(1) == drawn(1)
    assert drawn(1) != drawn(2)


def test_defects_of_one_batch_do_not_meet(body: Body) -> None:
    batch = bench.draw_batch(bench._pool(body), random.Random(3), classes.CLASSES, "apart")
    places = [place for injection in batch for place in injection.places]
    assert len(places) == len(set(places))


@pytest.mark.parametrize(
    ("hits", "of", "low", "high"),
    # Wilson (1927) as tabulated by Newcombe (1998), Statistics in Medicine 17, table I, method 3.
    [(81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0.0, 0.1611), (1, 29, 0.0061, 0.1718)],
)
def test_intervals_are_those_that_were_published(hits: int, of: int, low: float, high: float) -> None:
    assert list(bench.wilson(hits, of)) == pytest.approx([low, high], abs=5e-5)


def test_figures_stand_between_their_marks(result: bench.Result) -> None:
    text = page.figures([result], seed=SEED, repeats=ROUNDS, rule_set_version="0" * 64)
    whole = page.page_with(f"before\n{page.START}\nold\n{page.END}\nafter\n", text)
    assert whole.startswith("before\n") and whole.endswith("\nafter\n")
    assert "\nold\n" not in whole and "unit slip by 10³" in whole
    assert page.page_with(whole, text) == whole
    with pytest.raises(ValueError, match="no lines"):
        page.page_with("a page without marks", text)


def _rows(text: str) -> Iterator[list[str]]:
    for line in text.splitlines():
        if line.startswith("|") and not line.startswith("|-"):
            yield [cell.strip() for cell in line.strip("|").split("|")]


def test_the_page_keeps_figures_of_every_class() -> None:
    """docs/quality.md was written by the bench over both bodies."""
    text = (PROJECT_ROOT / "docs" / "quality.md").read_text(encoding="utf-8")
    named = {row[0] for row in _rows(text)}
    assert set(classes.CLASSES) | set(classes.CONTROLS) <= named
