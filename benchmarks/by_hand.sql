-- The floor of the benchmark: observations with their vintages and the actuals in force, from the same cells and the same
-- compiled mappings, as one would write it by hand for DuckDB alone. No lineage beyond the cell, no labels of what is
-- unclaimed, no revisions, no standing, no checks (what they hold is given), no assessments, no release.
-- {inputs}: folder of the inputs; {seeds}: folder of the seeds; {cells}: list of the files of the cell sets.

create table vintage as
select
    source_id, route, document, cell_set_key, cast(vintage_at as timestamp) as vintage_at, published_at, is_whole
from '{inputs}/vintage.parquet'
where not excluded and cells_file is not null;

create table cell as
select
    cell_set_key, cell_index, cell_ref, table_title, labels, unit_key, decimal_text, missing_code,
    list_filter(attributes, lambda a: a.name = 'maturity')[1].text as maturity,
    try_cast(list_filter(attributes, lambda a: a.name = 'published')[1].text as date) as published_at
from read_parquet({cells});

create table label as
select distinct reading.source_id, reading.route, cell_set_key, cell_index, part.dimension, part.key as label_key
from (select cell_set_key, cell_index, unnest(labels) as part from cell) as parts
inner join (select distinct source_id, route, cell_set_key from vintage) as reading using (cell_set_key);

create table claim as
with areas as (
    select source_id, route, cell_set_key, cell_index, min(area_id) as area_id
    from label inner join '{inputs}/mapping_area.parquet' using (source_id, route, dimension, label_key)
    group by all
),
periods as (
    select
        source_id, route, cell_set_key, cell_index, min(period_id) as period_id, min(maturity) as maturity
    from label inner join '{inputs}/mapping_period.parquet' using (source_id, route, dimension, label_key)
    group by all
),
ignored as (
    select distinct source_id, route, cell_set_key, cell_index
    from label inner join '{inputs}/mapping_ignored.parquet' using (source_id, route, dimension, label_key)
),
met as (
    select source_id, route, cell_set_key, cell_index, series_id, count(*) as n_conditions
    from label inner join '{inputs}/mapping_condition.parquet' using (source_id, route, dimension, label_key)
    group by all
),
matched as (
    select met.* exclude (n_conditions), series.* exclude (source_id, route, series_id, n_conditions)
    from met
    inner join '{inputs}/mapping_series.parquet' as series using (source_id, route, series_id, n_conditions)
),
read as (
    select
        matched.source_id, matched.route, cell_set_key, cell_index, cell_ref, indicator_code, breakdown, unit, form,
        index_base, price_basis,
        coalesce(areas.area_id, area.area_id) as area_id,
        coalesce(periods.period_id, period.period_id) as period_id,
        coalesce(
            matched.maturity, nullif(cell.maturity, 'not_stated'), periods.maturity, period.maturity, 'not_stated'
        ) as maturity,
        cell.published_at,
        case
            when coalesce(factor, 1) = 1 then try_cast(decimal_text as decimal(38, 15))
            when abs(factor / power(10.0, round(log10(factor))) - 1) < 1e-12
                then try_cast(decimal_text || 'e' || cast(round(log10(factor)) as integer) as decimal(38, 15))
            else try_cast(cast(printf('%.11e', cast(decimal_text as double) * factor) as double) as decimal(38, 15))
        end as value,
        case when decimal_text is null then coalesce(missing_code, 'blank') end as missing_code
    from matched
    inner join cell using (cell_set_key, cell_index)
    left join areas using (source_id, route, cell_set_key, cell_index)
    left join periods using (source_id, route, cell_set_key, cell_index)
    left join '{inputs}/mapping_area.parquet' as area
        on matched.source_id = area.source_id and matched.route = area.route and area.dimension = ''
    left join '{inputs}/mapping_period.parquet' as period
        on matched.source_id = period.source_id and matched.route = period.route and period.dimension = ''
    anti join ignored using (source_id, route, cell_set_key, cell_index)
    where
        -- Titles are compared as printed here: their keys are worked out in the product.
        (table_key is null or table_key = lower(trim(table_title)))
        and (
            not checks_unit_text
            or exists (
                select 1 from '{inputs}/unit_alias.parquet' as alias
                where alias.unit = matched.unit and alias.alias_key = cell.unit_key
            )
        )
)
select *
from read
where area_id is not null and period_id is not null and (value is not null or missing_code is not null)
window same as (
    partition by source_id, route, cell_set_key, indicator_code, area_id, period_id, breakdown, form, published_at
)
-- Equal figures for one thing count once, different ones not at all.
qualify
    row_number() over (same order by cell_index) = 1
    and min(coalesce(cast(value as varchar), missing_code)) over same
    = max(coalesce(cast(value as varchar), missing_code)) over same;

create table observation as
with stated as (
    select
        claim.* exclude (published_at), document, vintage_at,
        coalesce(claim.published_at, vintage.published_at) as published_at
    from claim inner join vintage using (source_id, route, cell_set_key)
),
issue as (
    select
        *, lead(vintage_at) over (partition by source_id, route, document order by vintage_at, cell_set_key) as next_at
    from vintage where is_whole
),
listed as (
    select
        source_id, route, cell_set_key, indicator_code, area_id, breakdown, form, min(period.start_date) as first_date
    from claim inner join '{inputs}/period.parquet' as period using (period_id)
    group by all
),
withdrawn as (
    select
        stated.* replace (
            null as value, 'withdrawn' as missing_code, 'not_stated' as maturity, null as cell_ref,
            later.vintage_at as vintage_at,
            case
                when stated.published_at is null then later.published_at
                else greatest(stated.published_at, coalesce(later.published_at, stated.published_at))
            end as published_at
        )
    from stated
    inner join issue using (source_id, route, document, cell_set_key, vintage_at)
    inner join vintage as later
        on
            issue.source_id = later.source_id and issue.route = later.route and issue.document = later.document
            and issue.next_at = later.vintage_at
    inner join listed
        on
            listed.source_id = stated.source_id and listed.route = stated.route
            and listed.cell_set_key = later.cell_set_key and listed.indicator_code = stated.indicator_code
            and listed.area_id = stated.area_id and listed.breakdown = stated.breakdown and listed.form = stated.form
    inner join '{inputs}/period.parquet' as period on stated.period_id = period.period_id
    where
        period.start_date >= listed.first_date
        and not exists (
            select 1 from claim
            where
                claim.source_id = stated.source_id and claim.route = stated.route
                and claim.cell_set_key = later.cell_set_key and claim.indicator_code = stated.indicator_code
                and claim.area_id = stated.area_id and claim.period_id = stated.period_id
                and claim.breakdown = stated.breakdown and claim.form = stated.form
        )
),
known as (
    select
        *,
        concat_ws(
            '|', coalesce(cast(value as varchar), ''), coalesce(missing_code, ''), maturity, unit,
            coalesce(index_base, ''), coalesce(price_basis, '')
        ) as content,
        coalesce(published_at, cast(vintage_at as date)) as issued_on
    from (select * from stated union all by name select * from withdrawn)
),
changed as (
    select
        *,
        coalesce(content <> lag(content) over issues, true) as is_change,
        row_number() over issues as place
    from known
    window issues as (
        partition by indicator_code, area_id, period_id, breakdown, form, source_id
        order by issued_on, vintage_at, published_at nulls first, route, document, cell_index
    )
),
numbered as (
    select
        *,
        count(*) filter (where is_change) over (
            partition by indicator_code, area_id, period_id, breakdown, form, source_id order by place
        ) as run
    from changed
)
select
    * exclude (content, issued_on, run, place),
    max(published_at) over run_of_key as confirmed_published_at,
    max(vintage_at) over run_of_key as confirmed_vintage_at
from numbered
window run_of_key as (partition by indicator_code, area_id, period_id, breakdown, form, source_id, run)
qualify is_change;

create table actual as
with ranked as (
    select
        observation.*,
        coalesce(dated.rank, source.rank) as source_rank,
        coalesce(maturity.maturity_rank, 0) as maturity_rank,
        coalesce(observation.form = indicator.form, false) as form_fits
    from observation
    left join '{inputs}/source_record.parquet' as source using (source_id)
    left join (
        select source_id, indicator_code, arg_max(rank, applies_from) as rank
        from '{inputs}/source_rank.parquet' where applies_from <= (select cut_off from '{inputs}/run_parameter.parquet')
        group by all
    ) as dated
        on
            observation.source_id = dated.source_id
            and dated.indicator_code in ('', observation.indicator_code)
    left join read_csv('{seeds}/indicator.csv', all_varchar = true) as indicator
        on observation.indicator_code = indicator.indicator_code
    left join read_csv('{seeds}/maturity_rank.csv') as maturity on observation.maturity = maturity.maturity
    anti join (
        select * from '{inputs}/check_result.parquet' where severity = 'error' and outcome = 'failed'
    ) as held
        on
            held.source_id = observation.source_id and held.indicator_code = observation.indicator_code
            and held.area_id = observation.area_id and held.period_id = observation.period_id
            and held.breakdown = observation.breakdown and held.left_value = cast(observation.value as double)
),
in_source as (
    select * from ranked
    qualify row_number() over (
        partition by indicator_code, area_id, period_id, breakdown, form, source_id
        order by confirmed_published_at desc nulls last, confirmed_vintage_at desc
    ) = 1
)
select indicator_code, area_id, period_id, breakdown, value, unit, form, maturity, source_id, vintage_at
from in_source
where value is not null
qualify row_number() over (
    partition by indicator_code, area_id, period_id, breakdown
    order by
        form_fits desc, source_rank desc, maturity_rank desc, confirmed_published_at desc nulls last,
        confirmed_vintage_at desc, source_id, form
) = 1;
