{%- set kept = kept_sources('obs_cell_claim') -%}

with vintages as (

    select * from {{ ref('stg_vintage') }}
    where {{ is_not_among('source_id', kept) }}

),

source_keys as (

    select * from {{ source('inputs', 'source_key') }}

),

cells as (

    select * from {{ ref('stg_cell') }}

),

cell_labels as (

    select * from {{ ref('stg_cell_label') }}

),

mapping_series as (

    select * from {{ source('inputs', 'mapping_series') }}

),

mapping_conditions as (

    select * from {{ source('inputs', 'mapping_condition') }}

),

mapping_areas as (

    select * from {{ source('inputs', 'mapping_area') }}

),

mapping_periods as (

    select * from {{ source('inputs', 'mapping_period') }}

),

mapping_ignored as (

    select * from {{ source('inputs', 'mapping_ignored') }}

),

unit_aliases as (

    select distinct unit, alias_key from {{ source('inputs', 'unit_alias') }}

),

-- One cell set is read by one route, however many vintages it has: cells are matched once. Numbers of routes and
-- readings stand for their names below: joins over millions of cells are then over numbers.
routes as (

    select
        source_id,
        route,
        row_number() over (order by source_id, route) as route_number
    from (select distinct source_id, route from vintages) as routes_in_use

),

readings as (

    select
        routes.source_id,
        routes.route,
        routes.route_number,
        read_sets.cell_set_key,
        row_number() over (order by routes.route_number, read_sets.cell_set_key) as reading_number
    from (select distinct source_id, route, cell_set_key from vintages) as read_sets
    inner join routes
        on read_sets.source_id = routes.source_id and read_sets.route = routes.route

),

route_cells as (

    select
        readings.route_number,
        readings.reading_number,
        cells.cell_index,
        cells.table_title,
        cells.unit_key,
        cells.decimal_text,
        cells.missing_code,
        cells.stated_maturity,
        cells.stated_published_at
    from readings
    inner join cells
        on readings.cell_set_key = cells.cell_set_key

),

route_labels as (

    select
        readings.route_number,
        readings.reading_number,
        cell_labels.cell_index,
        cell_labels.dimension,
        cell_labels.label_key
    from readings
    inner join cell_labels
        on readings.cell_set_key = cell_labels.cell_set_key

),

-- What a record says of a label, whatever it is that it says.
meanings as (

    select source_id, route, dimension, label_key, area_id, null as period_id, null as maturity, null as reason
    from mapping_areas

    union all

    select source_id, route, dimension, label_key, null, period_id, maturity, null
    from mapping_periods

    union all

    select source_id, route, dimension, label_key, null, null, null, reason
    from mapping_ignored

),

route_meanings as (

    select routes.route_number, meanings.*
    from meanings
    inner join routes
        on meanings.source_id = routes.source_id and meanings.route = routes.route

),

labelled as (

    select
        route_labels.reading_number,
        route_labels.cell_index,
        min(route_meanings.area_id) as area_id,
        min(route_meanings.period_id) as period_id,
        min(route_meanings.maturity) as maturity,
        min(route_meanings.reason) as declared_reason
    from route_labels
    inner join route_meanings
        on
            route_labels.route_number = route_meanings.route_number
            and route_labels.dimension = route_meanings.dimension
            and route_labels.label_key = route_meanings.label_key
    group by route_labels.reading_number, route_labels.cell_index

),

-- A constant of a route stands for every label.
constants as (

    select
        route_number,
        min(area_id) as area_id,
        min(period_id) as period_id,
        min(maturity) as maturity
    from route_meanings
    where dimension = '' and reason is null
    group by route_number

),

route_series as (

    select routes.route_number, mapping_series.*
    from mapping_series
    inner join routes
        on mapping_series.source_id = routes.source_id and mapping_series.route = routes.route

),

matched_conditions as (

    select
        route_labels.route_number,
        route_labels.reading_number,
        route_labels.cell_index,
        mapping_conditions.series_id,
        count(*) as n_conditions_met
    from route_labels
    inner join routes
        on route_labels.route_number = routes.route_number
    inner join mapping_conditions
        on
            routes.source_id = mapping_conditions.source_id
            and routes.route = mapping_conditions.route
            and route_labels.dimension = mapping_conditions.dimension
            and route_labels.label_key = mapping_conditions.label_key
    group by
        route_labels.route_number, route_labels.reading_number, route_labels.cell_index, mapping_conditions.series_id

),

-- A series without conditions takes every cell of its route.
candidate_series as (

    select
        matched_conditions.route_number,
        matched_conditions.reading_number,
        matched_conditions.cell_index,
        matched_conditions.series_id
    from matched_conditions
    inner join route_series
        on
            matched_conditions.route_number = route_series.route_number
            and matched_conditions.series_id = route_series.series_id
            and matched_conditions.n_conditions_met = route_series.n_conditions

    union all

    select
        route_cells.route_number,
        route_cells.reading_number,
        route_cells.cell_index,
        route_series.series_id
    from route_cells
    inner join route_series
        on route_cells.route_number = route_series.route_number
    where route_series.n_conditions = 0

),

-- Each title once: it stands over many cells.
titles as (

    select
        table_title,
        {{ label_key('table_title') }} as title_key
    from (select distinct table_title from cells) as titles_in_use

),

matched_series as (

    select
        candidate_series.reading_number,
        candidate_series.cell_index,
        route_series.series_id,
        route_series.indicator_code,
        route_series.unit,
        route_series.factor,
        route_series.form,
        route_series.breakdown,
        route_series.maturity,
        route_series.index_base,
        route_series.price_basis,
        route_series.checks_unit_text,
        route_series.table_key
    from candidate_series
    inner join route_series
        on
            candidate_series.route_number = route_series.route_number
            and candidate_series.series_id = route_series.series_id

),

-- The series that a cell matches, those of another table left out.
of_table as (

    select matched_series.*
    from matched_series
    inner join route_cells
        on
            matched_series.reading_number = route_cells.reading_number
            and matched_series.cell_index = route_cells.cell_index
    left join titles
        on route_cells.table_title = titles.table_title
    where matched_series.table_key is null or matched_series.table_key = titles.title_key

),

joined as (

    select
        route_cells.reading_number,
        route_cells.cell_index,
        route_cells.decimal_text,
        route_cells.missing_code,
        route_cells.stated_published_at,
        of_table.series_id,
        of_table.indicator_code,
        coalesce(labelled.area_id, constants.area_id) as area_id,
        coalesce(labelled.period_id, constants.period_id) as period_id,
        of_table.breakdown,
        of_table.unit,
        of_table.form,
        of_table.index_base,
        of_table.price_basis,
        coalesce(of_table.factor, 1.0) as factor,
        coalesce(
            of_table.maturity,
            nullif(route_cells.stated_maturity, 'not_stated'),
            labelled.maturity,
            constants.maturity,
            'not_stated'
        ) as maturity,
        coalesce(of_table.checks_unit_text, false) as checks_unit_text,
        unit_aliases.unit is not null as unit_text_fits,
        labelled.declared_reason
    from route_cells
    left join of_table
        on route_cells.reading_number = of_table.reading_number and route_cells.cell_index = of_table.cell_index
    left join labelled
        on route_cells.reading_number = labelled.reading_number and route_cells.cell_index = labelled.cell_index
    left join constants
        on route_cells.route_number = constants.route_number
    left join unit_aliases
        on
            of_table.unit = unit_aliases.unit
            and route_cells.unit_key = unit_aliases.alias_key

),

valued as (

    select
        *,
        -- Most figures are printed in the unit of their series.
        case
            when factor = 1 then {{ decimal_or_null('decimal_text') }}
            when decimal_text is not null then {{ scaled_decimal('decimal_text', 'factor') }}
        end as value,
        -- A factor of a thousandth moves three printed digits behind the point.
        case
            when factor = 1 then {{ decimals_of('decimal_text') }}
            when decimal_text is not null
                then greatest({{ decimals_of('decimal_text') }} - coalesce({{ power_of_ten('factor') }}, 0), 0)
        end as value_decimals
    from joined

),

read as (

    select
        *,
        case
            when declared_reason is not null then 'IGNORED'
            when series_id is null then 'NO_SERIES'
            when area_id is null then 'NO_AREA'
            when period_id is null then 'NO_PERIOD'
            when checks_unit_text and not unit_text_fits then 'UNIT_MISMATCH'
            when decimal_text is not null and value is null then 'NUMBER_TOO_LARGE'
        end as own_reason
    from valued

),

-- The same thing twice in one file: few, so only these are compared.
repeated as (

    select reading_number, indicator_code, area_id, period_id, breakdown, form, stated_published_at
    from read
    where own_reason is null
    group by reading_number, indicator_code, area_id, period_id, breakdown, form, stated_published_at
    having count(*) > 1

),

-- Equal figures count once, different ones not at all, because nothing says which is right. A later date of issue in
-- the row makes it a later issue.
compared as (

    select
        read.reading_number,
        read.cell_index,
        read.series_id,
        row_number() over (
            partition by
                read.reading_number, read.indicator_code, read.area_id, read.period_id, read.breakdown, read.form,
                read.stated_published_at
            order by read.cell_index, read.series_id
        ) as place_among_equals,
        min(coalesce(cast(read.value as varchar), read.missing_code) || '|' || read.unit) over same_thing
        <> max(coalesce(cast(read.value as varchar), read.missing_code) || '|' || read.unit) over same_thing
            as differs_from_equals
    from read
    inner join repeated
        on
            read.reading_number = repeated.reading_number
            and read.indicator_code = repeated.indicator_code
            and read.area_id = repeated.area_id
            and read.period_id = repeated.period_id
            and read.breakdown = repeated.breakdown
            and read.form = repeated.form
            and read.stated_published_at is not distinct from repeated.stated_published_at
    where read.own_reason is null
    window same_thing as (
        partition by
            read.reading_number, read.indicator_code, read.area_id, read.period_id, read.breakdown, read.form,
            read.stated_published_at
    )

),

judged as (

    select
        read.*,
        case
            when read.own_reason is not null then read.own_reason
            when compared.differs_from_equals or compared.place_among_equals > 1 then 'DUPLICATE'
        end as reason
    from read
    left join compared
        on
            read.reading_number = compared.reading_number
            and read.cell_index = compared.cell_index
            and read.series_id = compared.series_id

),

final as (

    select
        readings.source_id,
        readings.route,
        readings.cell_set_key,
        judged.cell_index,
        cells.cell_ref,
        cells.table_title,
        -- Only what is not claimed is shown by its labels.
        case when judged.reason is not null then {{ labels_text('cells.labels') }} end as labels_text,
        judged.series_id,
        judged.indicator_code,
        judged.area_id,
        judged.period_id,
        judged.breakdown,
        judged.unit,
        judged.form,
        judged.index_base,
        judged.price_basis,
        judged.maturity,
        judged.value,
        cells.value_text,
        cast(judged.value_decimals as smallint) as value_decimals,
        judged.missing_code,
        judged.stated_published_at,
        cells.citation_publisher,
        cells.citation_title,
        cells.citation_address,
        cells.citation_published,
        cells.citation_place,
        cells.note,
        judged.reason,
        judged.declared_reason,
        source_keys.source_key
    from judged
    inner join readings
        on judged.reading_number = readings.reading_number
    inner join cells
        on readings.cell_set_key = cells.cell_set_key and judged.cell_index = cells.cell_index
    left join source_keys
        on readings.source_id = source_keys.source_id

)

{{ final_with_kept(kept) }}
