"""Running the bench: batches of defects that do not touch each other, the rules over each, what was found."""

import math
import random
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import polars as pl

from benchmarks.defects.bodies import Body, Figures, claims_of, vintages_of
from benchmarks.defects.classes import (
    CLASSES,
    CONTROLS,
    LATER,
    DefectClass,
    Draw,
    Injection,
    Place,
    Pool,
    Sheet,
)
from expectations.rules import RuleSet
from expectations.run import FAILED, CheckRun, check

# Draws for one defect before a batch goes without it: many figures cannot carry a class.
_DRAWS = 400
_DOCUMENT = ("source_id", "route", "document")
# What these say of a record or a calendar changes with every document that arrives.
_OF_DOCUMENTS = frozenset({"mapping", "calendar", "registry"})
# What tells a published figure's cell among those of its source.
_CELL = ["source_id", "route", "indicator_code", "area_id", "period_id", "breakdown", "form", "value"]
_Z_95 = 1.959963984540054
# Below this |ln(wrong / right)| a wrong figure is nearer to the right one than real figures move in a year.
SMALL = 0.1
# Of fewer figures nobody can say whether they are those of another sheet or equal by chance.
FEWEST = 3


@dataclass(frozen=True)
class Outcome:
    """What the rules said of one defect: the rule of each finding that names it, and whether an error rule held it."""

    injection: Injection
    rules: tuple[str, ...]
    held: bool

    @property
    def missed_because(self) -> str | None:
        """Why nothing named it, as far as the defect itself tells; None when something did."""
        if self.rules:
            return None
        if self.injection.alone:
            return "nothing to compare with"
        if self.injection.is_whole and len(self.injection.added) < FEWEST:
            return "a sheet of one or two figures"
        if self.injection.size is not None and self.injection.size < SMALL:
            return "less than 10 % from the right figure"
        return "no rule objects to it"


@dataclass(frozen=True)
class Alarms:
    """What one rule found on untouched figures: how many rows it asked about, how many it objected to."""

    rule_id: str
    suite: str
    severity: str
    checked: int
    found: int


@dataclass
class Result:
    """What the bench found on one body."""

    body: str
    title: str
    n_values: int
    alarms: list[Alarms]
    outcomes: list[Outcome] = field(default_factory=list)
    controls: list[Outcome] = field(default_factory=list)
    # Findings by rule, in batches, that name nothing that was sent and are not there without it.
    beside: Counter[str] = field(default_factory=Counter)


def run_body(body: Body, rule_set: RuleSet, checks_dir: Path, *, seed: int, repeats: int) -> Result:
    """Put `repeats` rounds of defects into a body, and as many rounds of what a good source sends.

    The same seed, body and rules give the same result.
    """
    chance = random.Random(f"{seed}|{body.name}")
    pool = _pool(body)
    # Results are kept by what they were worked out from: untouched figures are checked once for all rounds.
    with body.known(rule_set) as known:
        untouched = check(known, rule_set, checks_dir)
    before = frozenset(untouched.results["finding_id"])
    alarms = [alarms for alarms in _alarms(untouched) if alarms.suite not in body.suites_left_out]
    result = Result(body.name, body.title, len(pool.rows), alarms)
    for classes, name, outcomes in (
        (CLASSES, "defect", result.outcomes),
        (CONTROLS, "control", result.controls),
    ):
        for number in range(repeats):
            batch = draw_batch(pool, chance, classes, f"{name}_{number + 1}")
            run = check_batch(body, batch, rule_set, checks_dir)
            judged = [judge(injection, run, before) for injection in batch]
            outcomes += [outcome for outcome, _ in judged]
            named = frozenset[str]().union(*(finding_ids for _, finding_ids in judged))
            of_figures = run.results.filter(~pl.col("suite").is_in(list(_OF_DOCUMENTS)))
            others = of_figures.filter(~pl.col("finding_id").is_in(list(before | named)))
            result.beside.update(others["rule_id"])
    return result


def check_batch(body: Body, batch: Sequence[Injection], rule_set: RuleSet, checks_dir: Path) -> CheckRun:
    """The rules over a body with a batch of defects in it."""
    with body.known(rule_set, _with_batch(body.figures, batch)) as known:
        return check(known, rule_set, checks_dir)


def _with_batch(figures: Figures, batch: Sequence[Injection]) -> Figures:
    """The figures without what had not arrived yet, and with what the defects bring."""
    is_gone = pl.col("observation_key").is_in([key for injection in batch for key in injection.removed])
    added = [row for injection in batch for row in injection.added]
    gone = figures.observations.filter(is_gone).select(_CELL)
    again = [
        figures.vintages.filter(
            pl.struct("source_id", "route", "document")
            == pl.lit(dict(zip(_DOCUMENT, injection.same_bytes_as, strict=True)))
        ).with_columns(
            pl.lit(injection.document).alias("document"),
            (pl.col("vintage_at") + LATER).alias("vintage_at"),
        )
        for injection in batch
        if injection.same_bytes_as is not None
    ]
    schema = figures.observations.schema
    return Figures(
        _with_arrival(
            pl.concat(
                [figures.observations.filter(~is_gone), pl.DataFrame(added, schema=schema, orient="row")]
            )
        ),
        pl.concat(
            [
                figures.claims.join(gone, on=_CELL, how="anti", nulls_equal=True),
                claims_of(added, figures.claims.schema),
            ]
        ),
        pl.concat([figures.vintages, vintages_of(added, figures.vintages.schema), *again]),
    )


def draw_batch(
    pool: Pool, chance: random.Random, classes: Mapping[str, DefectClass], name: str
) -> list[Injection]:
    """One of each class in turn, until no class finds a free place.

    No two share an indicator of an area, and a defect of a whole sheet has its source and area to itself.
    """
    batch: list[Injection] = []
    waiting = dict(classes)
    while waiting:
        for defect, kind in list(waiting.items()):
            injection = _draw(pool, chance, kind, f"{name}_{len(batch) + 1}", batch)
            if injection is None:
                del waiting[defect]
                continue
            batch.append(injection)
    return batch


def judge(injection: Injection, run: CheckRun, before: frozenset[str]) -> tuple[Outcome, frozenset[str]]:
    """The outcome of one defect, and the findings that name it.

    A finding names a defect when it is about one of its observations, about its document, or, where it was not there
    before, about the fact of one of them (a sum, or two sources, are facts of several figures).
    """
    facts = pl.DataFrame(
        [(row["indicator_code"], row["area_id"], row["period_id"]) for row in injection.added],
        schema=dict.fromkeys(["indicator_code", "area_id", "period_id"], pl.String),
        orient="row",
    ).unique()
    failed = run.results.filter((pl.col("outcome") == FAILED) & ~pl.col("finding_id").is_in(list(before)))
    of_fact = failed.join(facts, on=facts.columns, how="semi")["finding_id"]
    group = (
        {"GRDP_STRUCTURE"} if any("GRDP_SHARE" in row["indicator_code"] for row in injection.added) else set()
    )
    found = failed.filter(
        pl.col("observation_key").is_in(list(injection.keys))
        | pl.col("finding_id").is_in(of_fact.to_list())
        | pl.col("subject").fill_null("").str.contains(rf"(^|\W){injection.document}(\W|$)")
        | (
            pl.col("subject").is_in(list(group))
            & pl.col("area_id").is_in(facts["area_id"].to_list())
            & pl.col("period_id").is_in(facts["period_id"].to_list())
        )
    )
    held = not injection.keys.isdisjoint(run.held)
    rules = tuple(sorted(found["rule_id"]))
    return Outcome(injection, rules, held), frozenset(found["finding_id"])


def wilson(hits: int, of: int) -> tuple[float, float]:
    """The 95 % interval of a share after Wilson (1927): (0, 1) where nothing was counted."""
    if of == 0:
        return 0.0, 1.0
    share, z2 = hits / of, _Z_95**2
    middle = share + z2 / (2 * of)
    spread = _Z_95 * math.sqrt(share * (1 - share) / of + z2 / (4 * of * of))
    return max(0.0, (middle - spread) / (1 + z2 / of)), min(1.0, (middle + spread) / (1 + z2 / of))


def by_class(outcomes: Sequence[Outcome]) -> Mapping[str, list[Outcome]]:
    """The outcomes of each class, in the order of the classes; classes that were never drawn are left out."""
    groups = {
        defect: [outcome for outcome in outcomes if outcome.injection.defect == defect]
        for defect in (*CLASSES, *CONTROLS)
    }
    return {defect: group for defect, group in groups.items() if group}


def _draw(
    pool: Pool, chance: random.Random, kind: DefectClass, document: str, batch: Sequence[Injection]
) -> Injection | None:
    taken = frozenset[Place]().union(*(other.places for other in batch))
    touched = frozenset[Sheet]().union(*(other.sheets for other in batch))
    whole = frozenset[Sheet]().union(*(other.sheets for other in batch if other.is_whole))
    for _ in range(_DRAWS):
        injection = kind(Draw(pool, chance, document))
        if injection is None or not injection.places.isdisjoint(taken):
            continue
        if injection.sheets.isdisjoint(touched if injection.is_whole else whole):
            return injection
    return None


def _pool(body: Body) -> Pool:
    flows = body.codes(
        "select indicator_code from seed.indicator where cast(is_additive_over_time as boolean)"
    )
    return Pool(body.figures.observations, flows, body.codes("select indicator_code from seed.running_total"))


def _with_arrival(observations: pl.DataFrame) -> pl.DataFrame:
    """The observations with their order of arrival within their key counted anew."""
    key = ["indicator_code", "area_id", "period_id", "breakdown", "form", "source_id"]
    order = ["vintage_at", "published_at", "document", "observation_key"]
    return observations.sort([*key, *order], nulls_last=False).with_columns(
        pl.int_range(1, pl.len() + 1).over(key).cast(observations.schema["arrival"]).alias("arrival")
    )


def _alarms(run: CheckRun) -> Iterator[Alarms]:
    for entry in run.rules:
        counts = entry.counts
        yield Alarms(
            entry.rule.rule_id,
            entry.rule.suite,
            entry.rule.severity,
            counts.passed + counts.failed,
            counts.failed,
        )
