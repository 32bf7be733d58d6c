"""What the warehouse knows, read for the checks: every vintage with the words and bounds around it."""

from __future__ import annotations

from datetime import date
from functools import cached_property
from pathlib import Path

import duckdb
import polars as pl

from expectations.rules import RuleSet

# A figure of one series at one period from one source; its vintages differ in time only.
KEY = ("indicator_code", "area_id", "period_id", "breakdown", "form", "source_id")
# Order in which figures reached us: by arrival, then by issue, the undated first; the last only makes it
# total.
ARRIVAL = ("vintage_at", "published_at", "route", "document", "observation_key")
# Columns that serve messages only.
NAMES = frozenset(
    {"indicator_vi", "indicator_en", "area_vi", "area_en", "source_vi", "source_en", "unit_vi", "unit_en"}
)

TOTAL = "_T"
# What `issues` keeps of an observation.
_OF_ISSUES = (
    "value",
    "unit",
    "unit_dimension",
    "unit_factor",
    "rounding_half_width",
    "maturity",
    "confirmed_vintage_at",
    *sorted(NAMES),
)

_OBSERVATIONS = """
select
    -- What no check looks at stays where it is: the frame holds every vintage.
    o.* exclude (snapshot_sha256, cell_ref, table_title, citation_published, citation_place, note, review_state)
        replace (cast(o.value as double) as value),
    -- The indicator's name with its breakdown in brackets, where there is one.
    coalesce(i.name_vi, o.indicator_code)
    || case when o.breakdown = $total then '' else ' (' || coalesce(b.name_vi, o.breakdown) || ')' end as indicator_vi,
    coalesce(i.name_en, o.indicator_code)
    || case when o.breakdown = $total then '' else ' (' || coalesce(b.name_en, o.breakdown) || ')' end as indicator_en,
    i.indicator_code is not null as indicator_known,
    i.form as indicator_form,
    coalesce(iu.dimension, i.unit) as indicator_dimension,
    i.domain,
    coalesce(cast(i.is_additive as boolean), false) as is_additive,
    -- Bounds stand in the indicator's unit, the figure in its own.
    cast(i.lower_bound as double) * coalesce(iu.factor, 1.0) / coalesce(u.factor, 1.0) as lower_bound,
    cast(i.upper_bound as double) * coalesce(iu.factor, 1.0) / coalesce(u.factor, 1.0) as upper_bound,
    coalesce(a.name_vi, o.area_id) as area_vi,
    coalesce(a.name_en, o.area_id) as area_en,
    a.area_id is not null as area_known,
    p.type as period_type,
    p.start_date as period_start,
    coalesce(u.dimension, o.unit) as unit_dimension,
    coalesce(u.factor, 1.0) as unit_factor,
    cast(u.decimals as integer) as unit_decimals,
    coalesce(u.symbol_vi, o.unit) as unit_vi,
    coalesce(u.symbol_en, o.unit) as unit_en,
    coalesce(s.title_vi, o.source_id) as source_vi,
    coalesce(s.title_en, o.source_id) as source_en,
    cast(s.rank as integer) as source_rank
from observe.obs_observation o
left join seed.indicator i on i.indicator_code = o.indicator_code
left join seed.breakdown b on b.breakdown = o.breakdown
left join (
    select area_id, min(name_vi) as name_vi, min(name_en) as name_en
    from (
        select area_id, name_vi, name_en from seed.area
        union all
        -- Areas that plan documents bring.
        select area_id, name_vi, name_en from read_parquet($plan_area)
    )
    group by area_id
) a
    on a.area_id = o.area_id
left join read_parquet($period) p on p.period_id = o.period_id
left join seed.unit u on u.unit = o.unit
left join seed.unit iu on iu.unit = i.unit
left join read_parquet($source_record) s on s.source_id = o.source_id
"""

_COMPONENTS = """
select c.observation_key, c.position, c.component_observation_key, coalesce(d.method, c.derivation_id) as method
from observe.obs_derivation_input c
left join observe.obs_derivation d using (derivation_id)
order by c.observation_key, c.position
"""

_UNCLAIMED_CELLS = """
with arrivals as (
    select source_id, route, document, snapshot_sha256, min(vintage_at) as vintage_at
    from staging.stg_vintage group by all
)
select
    c.source_id, c.route, c.document, c.snapshot_sha256, c.cell_ref, c.labels_text, c.value_text, c.reason,
    arrivals.vintage_at,
    coalesce(s.title_vi, c.source_id) as source_vi,
    coalesce(s.title_en, c.source_id) as source_en
from observe.obs_cell_unclaimed c
left join arrivals using (source_id, route, document, snapshot_sha256)
left join read_parquet($source_record) s on s.source_id = c.source_id
"""

# A series has its cells in the latest snapshot of the documents of its route, or it has none.
_SERIES_CELLS = """
with latest as (
    select
        source_id, route, document, max_by(cell_set_key, row(vintage_at, cell_set_key)) as cell_set_key,
        max(vintage_at) as vintage_at
    from staging.stg_vintage group by all
),
routes as (
    select source_id, route, count(*) as n_documents, max(vintage_at) as vintage_at from latest group by all
),
found as (
    select c.source_id, c.route, c.series_id, count(distinct (c.cell_set_key, c.cell_index)) as n_cells
    from observe.obs_cell_claim c
    semi join latest
        on latest.source_id = c.source_id and latest.route = c.route and latest.cell_set_key = c.cell_set_key
    where c.reason is null or c.reason = 'DUPLICATE'
    group by all
),
conditions as (
    select
        source_id, route, series_id,
        string_agg(dimension || ' = ' || label_key, '; ' order by dimension, label_key) as conditions
    from read_parquet($mapping_condition) group by all
)
select
    m.source_id, m.route, m.series_id, m.indicator_code, m.breakdown, m.form,
    coalesce(conditions.conditions, '') as conditions,
    coalesce(routes.n_documents, 0) as n_documents,
    routes.vintage_at,
    coalesce(found.n_cells, 0) as n_cells,
    coalesce(i.name_vi, m.indicator_code) as indicator_vi,
    coalesce(i.name_en, m.indicator_code) as indicator_en,
    coalesce(s.title_vi, m.source_id) as source_vi,
    coalesce(s.title_en, m.source_id) as source_en
from read_parquet($mapping_series) m
left join routes using (source_id, route)
left join found using (source_id, route, series_id)
left join conditions using (source_id, route, series_id)
left join seed.indicator i on i.indicator_code = m.indicator_code
left join read_parquet($source_record) s on s.source_id = m.source_id
"""

_STRUCTURE_DRIFT = """
select
    d.*,
    coalesce(s.title_vi, d.source_id) as source_vi,
    coalesce(s.title_en, d.source_id) as source_en
from read_parquet($structure_drift) d
left join read_parquet($source_record) s on s.source_id = d.source_id
"""

_RELEASE_ISSUES = """
select
    i.*,
    coalesce(s.title_vi, i.source_id) as source_vi,
    coalesce(s.title_en, i.source_id) as source_en
from observe.obs_release_issue i
left join read_parquet($source_record) s on s.source_id = i.source_id
where i.is_due
"""


# The last retrieval of each document that was tried at all.
_RETRIEVALS = """
select
    o.source_id,
    o.document,
    o.last_outcome,
    coalesce(o.last_reason, '') as reason,
    coalesce(s.title_vi, o.source_id) as source_vi,
    coalesce(s.title_en, o.source_id) as source_en
from read_parquet($source_outcome) o
left join read_parquet($source_record) s on s.source_id = o.source_id
"""


# What the catalogue says of each indicator, for the bounds that are drawn from it.
_INDICATORS = """
select
    i.indicator_code, i.form, i.domain, i.direction, coalesce(u.dimension, i.unit) as dimension,
    coalesce(cast(u.factor as double), 1.0) as factor,
    coalesce(cast(i.is_additive_over_time as boolean), false) as is_additive_over_time,
    r.indicator_code is not null as is_running_total
from seed.indicator i
left join seed.unit u on u.unit = i.unit
left join (select distinct indicator_code from seed.running_total) r on r.indicator_code = i.indicator_code
order by i.indicator_code
"""

# Areas that make up another over one span of time.
_AREA_SETS = """
select
    area_id, parent_area_id, level,
    parent_area_id || '|' || coalesce(cast(valid_from as varchar), '') || '|' || coalesce(cast(valid_to as varchar), '')
        as area_set,
    count(*) over (partition by parent_area_id, valid_from, valid_to, level) as n_areas
from seed.area
where parent_area_id is not null
order by all
"""

# Years from which a figure is not comparable with the year before: by definition, and where units were merged.
_BREAKS = """
select indicator_code, area_id, cast(break_year as bigint) as break_year, false as of_units
from seed.series_break
union all
select null, null, cast(extract('year' from cast(valid_from as date)) as bigint), true
from seed.administrative_frame where valid_from is not null
order by all
"""

_BENCHMARKS = """
select indicator_code, cast(benchmark_on as date) as benchmark_on, cast(first_year as bigint) as first_year,
    cast(last_year as bigint) as last_year
from seed.benchmark_revision order by all
"""

# Targets of plans that nothing has replaced.
_TARGETS = """
select
    t.plan_version, t.target_id, t.indicator_code, t.area_id, t.target_type, t.comparator,
    cast(t.value_low as double) as value_low, cast(t.value_high as double) as value_high,
    t.unit as target_unit, t.period_start, t.period_end, nullif(t.base_period, '') as base_period,
    nullif(t.direction, '') as direction, t.clause,
    t.name_vi as target_vi, t.name_en as target_en,
    coalesce(d.number, t.plan_version) as document_number,
    coalesce(u.dimension, t.unit) as target_dimension, coalesce(cast(u.factor as double), 1.0) as target_factor,
    coalesce(u.symbol_vi, t.unit) as target_unit_vi, coalesce(u.symbol_en, t.unit) as target_unit_en
from read_parquet($plan_target) t
left join read_parquet($plan_document) d on d.plan_version = t.plan_version
left join seed.unit u on u.unit = t.unit
where t.target_type <> 'milestone' and coalesce(d.legal_status, '') <> 'superseded'
order by t.plan_version, t.target_id
"""

# The figures that each vintage of a document gives, whether they were new or not.
_DOCUMENT_FIGURES = """
with arrived as (
    select source_id, route, document, cell_set_key, min(vintage_at) as vintage_at, min(published_at) as published_at
    from staging.stg_vintage group by all
)
select
    a.source_id, a.route, a.document, a.cell_set_key, a.vintage_at, a.published_at, c.table_title, c.period_id,
    count(*) as n_figures,
    count(distinct c.value) filter (where not i.is_still) as n_different,
    -- Of two sets of figures, with and without their period, whether they are the same.
    bit_xor(hash(c.indicator_code, c.area_id, c.breakdown, c.form, c.unit, c.value, c.period_id))
        as figures_and_periods,
    bit_xor(hash(c.indicator_code, c.area_id, c.breakdown, c.form, c.unit, c.value))
        filter (where not i.is_still) as figures
from arrived a
inner join observe.obs_cell_claim c
    on c.source_id = a.source_id and c.route = a.route and c.cell_set_key = a.cell_set_key
-- Areas, and counts of facilities and units, may well be those of another year.
inner join (
    select
        i.indicator_code,
        coalesce(
            u.dimension in ('area', 'rank') or (cast(u.decimals as integer) = 0 and u.dimension <> 'person'), false
        ) as is_still
    from seed.indicator i left join seed.unit u on u.unit = i.unit
) i on i.indicator_code = c.indicator_code
where c.reason is null and c.value is not null and c.period_id is not null
group by all
order by all
"""

_SOURCE_NAMES = """
select source_id, coalesce(title_vi, source_id) as source_vi, coalesce(title_en, source_id) as source_en
from read_parquet($source_record)
"""

_CUT_OFF = "select cut_off from read_parquet($run_parameter)"

_DOCUMENT_BYTES = """
with first_seen as (
    select source_id, route, document, snapshot_sha256, min(vintage_at) as vintage_at
    from staging.stg_vintage group by all
)
select
    f.source_id, f.route, f.document, f.snapshot_sha256, f.vintage_at,
    coalesce(s.title_vi, f.source_id) as source_vi, coalesce(s.title_en, f.source_id) as source_en
from first_seen f
left join read_parquet($source_record) s on s.source_id = f.source_id
order by f.source_id, f.route, f.document, f.vintage_at, f.snapshot_sha256
"""


class Known:
    """The warehouse as the checks see it; each part is read when a suite first asks for it.

    `inputs_dir` holds the Parquet files that the run wrote for dbt. `held` grows while the suites run: keys
    of the observations that an error rule has held so far. A missing table or file raises duckdb.Error when
    it is asked for.
    """

    def __init__(self, connection: duckdb.DuckDBPyConnection, inputs_dir: Path, rule_set: RuleSet) -> None:
        self._connection = connection
        self._inputs_dir = inputs_dir
        self.rule_set = rule_set
        self.held: frozenset[str] = frozenset()
        # Several suites ask for the same; it is found again only when more is held.
        self._in_force: tuple[frozenset[str], pl.DataFrame] | None = None
        self._issues: tuple[frozenset[str], pl.DataFrame] | None = None

    def hold(self, observation_keys: frozenset[str]) -> None:
        """Hold observations, and with them everything that was worked out from them."""
        reached = observation_keys
        while reached:
            self.held |= reached
            made_of = pl.col("component_observation_key").is_in(list(reached))
            reached = frozenset(self.components.filter(made_of)["observation_key"]) - self.held

    @cached_property
    def observations(self) -> pl.DataFrame:
        """One row per observation, every vintage, with indicator, area, period, unit and source joined."""
        rows = self._read(_OBSERVATIONS, "period", "plan_area", "source_record", total=TOTAL)
        return rows.sort(list(ARRIVAL))

    @cached_property
    def components(self) -> pl.DataFrame:
        """One row per component of a derived observation: observation_key, component_observation_key and what it is."""
        return self._read(_COMPONENTS)

    @cached_property
    def cut_off(self) -> date:
        """The day up to which things are known and judged."""
        return date.fromisoformat(str(self._read(_CUT_OFF, "run_parameter").item()))

    @cached_property
    def indicators(self) -> pl.DataFrame:
        """One row per indicator: form, domain, direction, dimension and factor of its unit, and how it adds up."""
        return self._read(_INDICATORS)

    @cached_property
    def area_sets(self) -> pl.DataFrame:
        """One row per area of a set that makes up another: area_id, parent_area_id, level, area_set, n_areas."""
        return self._read(_AREA_SETS)

    @cached_property
    def breaks(self) -> pl.DataFrame:
        """One row per declared break: indicator_code, area_id (none is every area), break_year, of_units."""
        return self._read(_BREAKS)

    @cached_property
    def benchmarks(self) -> pl.DataFrame:
        """One row per declared re-estimation: indicator_code, benchmark_on, first_year, last_year."""
        return self._read(_BENCHMARKS)

    @cached_property
    def targets(self) -> pl.DataFrame:
        """One row per target, milestones left out, of the plan documents that are not superseded."""
        return self._read(_TARGETS, "plan_target", "plan_document")

    @cached_property
    def document_bytes(self) -> pl.DataFrame:
        """One row per document and snapshot, with when it first arrived."""
        return self._read(_DOCUMENT_BYTES, "source_record")

    @cached_property
    def document_figures(self) -> pl.DataFrame:
        """One row per vintage, table title and period of a document: how many figures, and which, as numbers."""
        return self._read(_DOCUMENT_FIGURES)

    @cached_property
    def source_names(self) -> pl.DataFrame:
        """One row per source: source_id, source_vi, source_en."""
        return self._read(_SOURCE_NAMES, "source_record")

    @cached_property
    def unclaimed_cells(self) -> pl.DataFrame:
        """One row per published cell that no mapping claimed, with the reason."""
        return self._read(_UNCLAIMED_CELLS, "source_record")

    @cached_property
    def series_cells(self) -> pl.DataFrame:
        """One row per series of a mapping, with the cells it finds in the latest snapshots of its route."""
        return self._read(_SERIES_CELLS, "source_record", "mapping_series", "mapping_condition")

    @cached_property
    def structure_drift(self) -> pl.DataFrame:
        """One row per kind of change between the last two snapshots of a document."""
        return self._read(_STRUCTURE_DRIFT, "structure_drift", "source_record")

    @cached_property
    def release_issues(self) -> pl.DataFrame:
        """One row per issue that a release calendar asks for up to the cut-off, with what became of it."""
        return self._read(_RELEASE_ISSUES, "source_record")

    @cached_property
    def retrievals(self) -> pl.DataFrame:
        """One row per document, with the outcome of its last retrieval and the reason where it failed."""
        return self._read(_RETRIEVALS, "source_outcome", "source_record")

    def in_force(self) -> pl.DataFrame:
        """The observation of each key that its source last published, leaving out what is held."""
        if self._in_force is None or self._in_force[0] != self.held:
            self._in_force = self.held, in_force(self.observations, self.held)
        return self._in_force[1]

    def issues(self) -> pl.DataFrame:
        """What sources published of each key, one issue after another; see `issues`. Held figures are left out."""
        if self._issues is None or self._issues[0] != self.held:
            self._issues = self.held, issues(self.observations, self.held)
        return self._issues[1]

    def published_in_force(self) -> pl.DataFrame:
        """`in_force` without what was worked out here, which is no statement of a source."""
        return self.in_force().filter(pl.col("derivation_id").is_null())

    def _read(self, query: str, *inputs: str, **values: str) -> pl.DataFrame:
        files = {name: str(self._inputs_dir / f"{name}.parquet") for name in inputs}
        return self._connection.execute(query, files | values).pl()


def in_force(observations: pl.DataFrame, held: frozenset[str]) -> pl.DataFrame:
    """The latest issue of each key: by the date it was last confirmed (none is earliest), then arrival.

    A figure published again unchanged is confirmed by the later issue.
    """
    return (
        observations.filter(~pl.col("observation_key").is_in(list(held)))
        .sort(
            ["confirmed_published_at", "confirmed_vintage_at", "arrival", "observation_key"], nulls_last=False
        )
        .unique(subset=list(KEY), keep="last", maintain_order=True)
    )


def issues(observations: pl.DataFrame, held: frozenset[str]) -> pl.DataFrame:
    """The finite figures that sources published, by key and arrival, each with the issue before it.

    `in_base_unit`, `half`: the figure and the half width of its rounding in the base unit of its dimension;
    `before`, `half_before`, `maturity_before` those of the issue before, empty for the first. `is_last`: no
    later issue of the key is there.
    """
    figures = observations.filter(
        pl.col("value").is_not_null()
        & pl.col("value").is_finite()
        & pl.col("derivation_id").is_null()
        & ~pl.col("observation_key").is_in(list(held))
    ).select(*dict.fromkeys([*KEY, *ARRIVAL, *_OF_ISSUES]))
    ordered = figures.sort([*KEY, *ARRIVAL], nulls_last=False).with_columns(
        (pl.col("value") * pl.col("unit_factor")).alias("in_base_unit"),
        (pl.col("rounding_half_width").fill_null(0.0) * pl.col("unit_factor")).alias("half"),
        pl.all_horizontal([pl.col(name) == pl.col(name).shift(1) for name in KEY])
        .fill_null(False)
        .alias("follows"),
    )
    return ordered.with_columns(
        *[
            pl.when("follows").then(pl.col(name).shift(1)).alias(before)
            for name, before in (
                ("in_base_unit", "before"),
                ("half", "half_before"),
                ("maturity", "maturity_before"),
            )
        ],
        ~pl.col("follows").shift(-1).fill_null(False).alias("is_last"),
    )
