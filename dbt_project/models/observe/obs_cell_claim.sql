with vintages as (

    select * from {{ ref('stg_vintage') }}

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

-- One cell set is read by one route, however many vintages it has: cells are matched once.
readings as (

    select distinct source_id, route, cell_set_key from vintages

),

route_cells as (

    select
        readings.source_id,
        readings.route,
        cells.*
    from readings
    inner join cells
        on readings.cell_set_key = cells.cell_set_key

),

route_labels as (

    select
        readings.source_id,
        readings.route,
        cell_labels.*
    from readings
    inner join cell_labels
        on readings.cell_set_key = cell_labels.cell_set_key

),

ignored as (

    select
        route_labels.source_id,
        route_labels.route,
        route_labels.cell_set_key,
        route_labels.cell_index,
        min(mapping_ignored.reason) as declared_reason
    from route_labels
    inner join mapping_ignored
        on
            route_labels.source_id = mapping_ignored.source_id
            and route_labels.route = mapping_ignored.route
            and route_labels.dimension = mapping_ignored.dimension
            and route_labels.label_key = mapping_ignored.label_key
    group by all

),

labelled_areas as (

    select
        route_labels.source_id,
        route_labels.route,
        route_labels.cell_set_key,
        route_labels.cell_index,
        min(mapping_areas.area_id) as area_id
    from route_labels
    inner join mapping_areas
        on
            route_labels.source_id = mapping_areas.source_id
            and route_labels.route = mapping_areas.route
            and route_labels.dimension = mapping_areas.dimension
            and route_labels.label_key = mapping_areas.label_key
    group by all

),

constant_areas as (

    select source_id, route, min(area_id) as area_id
    from mapping_areas
    where dimension = ''
    group by all

),

labelled_periods as (

    select
        route_labels.source_id,
        route_labels.route,
        route_labels.cell_set_key,
        route_labels.cell_index,
        min(mapping_periods.period_id) as period_id,
        min(mapping_periods.maturity) as maturity
    from route_labels
    inner join mapping_periods
        on
            route_labels.source_id = mapping_periods.source_id
            and route_labels.route = mapping_periods.route
            and route_labels.dimension = mapping_periods.dimension
            and route_labels.label_key = mapping_periods.label_key
    group by all

),

constant_periods as (

    select source_id, route, min(period_id) as period_id, min(maturity) as maturity
    from mapping_periods
    where dimension = ''
    group by all

),

matched_conditions as (

    select
        route_labels.source_id,
        route_labels.route,
        route_labels.cell_set_key,
        route_labels.cell_index,
        mapping_conditions.series_id,
        count(*) as n_conditions_met
    from route_labels
    inner join mapping_conditions
        on
            route_labels.source_id = mapping_conditions.source_id
            and route_labels.route = mapping_conditions.route
            and route_labels.dimension = mapping_conditions.dimension
            and route_labels.label_key = mapping_conditions.label_key
    group by all

),

-- A series without conditions takes every cell of its route.
matched_series as (

    select
        route_cells.source_id,
        route_cells.route,
        route_cells.cell_set_key,
        route_cells.cell_index,
        mapping_series.series_id,
        mapping_series.indicator_code,
        mapping_series.unit,
        mapping_series.factor,
        mapping_series.form,
        mapping_series.breakdown,
        mapping_series.maturity,
        mapping_series.index_base,
        mapping_series.price_basis,
        mapping_series.checks_unit_text
    from route_cells
    inner join mapping_series
        on
            route_cells.source_id = mapping_series.source_id
            and route_cells.route = mapping_series.route
            and (
                mapping_series.table_key is null
                or mapping_series.table_key = {{ label_key('route_cells.table_title') }}
            )
    left join matched_conditions
        on
            route_cells.source_id = matched_conditions.source_id
            and route_cells.route = matched_conditions.route
            and route_cells.cell_set_key = matched_conditions.cell_set_key
            and route_cells.cell_index = matched_conditions.cell_index
            and mapping_series.series_id = matched_conditions.series_id
    where coalesce(matched_conditions.n_conditions_met, 0) = mapping_series.n_conditions

),

joined as (

    select
        route_cells.*,
        matched_series.series_id,
        matched_series.indicator_code,
        coalesce(labelled_areas.area_id, constant_areas.area_id) as area_id,
        coalesce(labelled_periods.period_id, constant_periods.period_id) as period_id,
        matched_series.breakdown,
        matched_series.unit,
        matched_series.form,
        matched_series.index_base,
        matched_series.price_basis,
        coalesce(matched_series.factor, 1.0) as factor,
        coalesce(
            matched_series.maturity,
            nullif(route_cells.stated_maturity, 'not_stated'),
            labelled_periods.maturity,
            constant_periods.maturity,
            'not_stated'
        ) as maturity,
        coalesce(matched_series.checks_unit_text, false) as checks_unit_text,
        unit_aliases.unit is not null as unit_text_fits,
        ignored.declared_reason
    from route_cells
    left join matched_series
        using (source_id, route, cell_set_key, cell_index)
    left join labelled_areas
        using (source_id, route, cell_set_key, cell_index)
    left join constant_areas
        using (source_id, route)
    left join labelled_periods
        using (source_id, route, cell_set_key, cell_index)
    left join constant_periods
        using (source_id, route)
    left join ignored
        using (source_id, route, cell_set_key, cell_index)
    left join unit_aliases
        on
            matched_series.unit = unit_aliases.unit
            and route_cells.unit_key = unit_aliases.alias_key

),

valued as (

    select
        *,
        case
            when decimal_text is not null then {{ scaled_decimal('decimal_text', 'factor') }}
        end as value,
        -- A factor of a thousandth moves three printed digits behind the point.
        case
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

-- The same figure for the same thing twice in one file: equal figures count once, different ones not at all,
-- because nothing says which is right. A later date of issue in the row makes it a later issue.
compared as (

    select
        *,
        case
            when own_reason is null
                then row_number() over (
                    partition by
                        source_id, route, cell_set_key, indicator_code, area_id, period_id, breakdown, form,
                        stated_published_at, own_reason
                    order by cell_index, series_id
                )
        end as place_among_equals,
        case
            when own_reason is null
                then
                    min(coalesce(cast(value as varchar), missing_code) || '|' || unit) over same_thing
                    <> max(coalesce(cast(value as varchar), missing_code) || '|' || unit) over same_thing
        end as differs_from_equals
    from read
    window same_thing as (
        partition by
            source_id, route, cell_set_key, indicator_code, area_id, period_id, breakdown, form,
            stated_published_at, own_reason
    )

),

final as (

    select
        source_id,
        route,
        cell_set_key,
        cell_index,
        cell_ref,
        table_title,
        {{ labels_text('labels') }} as labels_text,
        series_id,
        indicator_code,
        area_id,
        period_id,
        breakdown,
        unit,
        form,
        index_base,
        price_basis,
        maturity,
        value,
        value_text,
        cast(value_decimals as smallint) as value_decimals,
        missing_code,
        stated_published_at,
        citation_publisher,
        citation_title,
        citation_address,
        citation_published,
        citation_place,
        note,
        case
            when own_reason is not null then own_reason
            when differs_from_equals or place_among_equals > 1 then 'DUPLICATE'
        end as reason,
        declared_reason
    from compared

)

select * from final
