with {{ component_figures(['obs_derived_merger', 'obs_derived_sum']) }},

{{ declared_slots(3, 'change_slots') }},

-- Methods that reach over several years: which ones depends on the figures there are, not on a declared shift.
reaching as (

    select
        reaching_derivations.*,
        coalesce(result_units.dimension like 'currency%', false) as keeps_price_basis
    from {{ ref('obs_derivation') }} as reaching_derivations
    left join units as result_units
        on reaching_derivations.unit = result_units.unit
    where reaching_derivations.method in ('level_from_growth', 'chain_link')

),

-- Whole years only: growth of a part-year says nothing of the year.
yearly as (

    select
        declared.derivation_id,
        declared.role,
        declared.indicator_code,
        declared.breakdown,
        declared.form,
        declared.price_basis,
        component_keys.area_id,
        cast(component_keys.period_id as integer) as year
    from declared
    inner join reaching
        on declared.derivation_id = reaching.derivation_id
    inner join component_keys
        on
            declared.indicator_code = component_keys.indicator_code
            and declared.breakdown = component_keys.breakdown
            and declared.form = component_keys.form
    where regexp_full_match(component_keys.period_id, '[0-9]{4}')

),

-- From a level on, as far as the rates of growth reach without a gap and without a break of the series.
grown as (

    select
        levels.derivation_id,
        levels.area_id,
        levels.year as level_year,
        ends.year as result_year
    from yearly as levels
    inner join yearly as ends
        on
            levels.derivation_id = ends.derivation_id
            and levels.area_id = ends.area_id
            and levels.role = 'level_before'
            and ends.role = 'growth'
            and levels.year < ends.year
    inner join yearly as growths
        on
            levels.derivation_id = growths.derivation_id
            and levels.area_id = growths.area_id
            and growths.role = 'growth'
            and growths.year > levels.year
            and growths.year <= ends.year
    left join breaks
        on
            levels.indicator_code = breaks.indicator_code
            and levels.area_id = coalesce(breaks.area_id, levels.area_id)
            and breaks.break_year > levels.year
            and breaks.break_year <= ends.year
    where breaks.break_year is null
    group by levels.derivation_id, levels.area_id, levels.year, ends.year
    having count(*) = ends.year - levels.year

),

-- Of a year that only the old base has, the figure on the new base by the ratio of the two in a year that both have.
chained as (

    select
        old_levels.derivation_id,
        old_levels.area_id,
        old_overlaps.year as level_year,
        old_levels.year as result_year
    from yearly as old_levels
    inner join yearly as old_overlaps
        on
            old_levels.derivation_id = old_overlaps.derivation_id
            and old_levels.area_id = old_overlaps.area_id
            and old_levels.role = 'old_level'
            and old_overlaps.role = 'old_level'
            and old_levels.year < old_overlaps.year
    inner join yearly as new_overlaps
        on
            old_levels.derivation_id = new_overlaps.derivation_id
            and old_levels.area_id = new_overlaps.area_id
            and new_overlaps.role = 'new_level'
            and old_overlaps.year = new_overlaps.year

),

placed_years as (

    select
        grown.derivation_id,
        grown.area_id,
        grown.level_year,
        grown.result_year,
        yearly.year - grown.level_year + 1 as position,
        yearly.role,
        case yearly.role when 'growth' then 'grow' else 'multiply' end as operation,
        yearly.indicator_code,
        yearly.breakdown,
        yearly.form,
        yearly.price_basis,
        yearly.year
    from grown
    inner join yearly
        on
            grown.derivation_id = yearly.derivation_id
            and grown.area_id = yearly.area_id
            and (
                (yearly.role = 'level_before' and yearly.year = grown.level_year)
                or (yearly.role = 'growth' and yearly.year > grown.level_year and yearly.year <= grown.result_year)
            )

    union all

    select
        chained.derivation_id,
        chained.area_id,
        chained.level_year,
        chained.result_year,
        case
            when yearly.role = 'new_level' then 2
            when yearly.year = chained.result_year then 1
            else 3
        end as position,
        case when yearly.role = 'old_level' and yearly.year = chained.level_year then 'old_overlap' else yearly.role end as role,
        case when yearly.role = 'old_level' and yearly.year = chained.level_year then 'divide' else 'multiply' end as operation,
        yearly.indicator_code,
        yearly.breakdown,
        yearly.form,
        yearly.price_basis,
        yearly.year
    from chained
    inner join yearly
        on
            chained.derivation_id = yearly.derivation_id
            and chained.area_id = yearly.area_id
            and (
                (yearly.role = 'old_level' and yearly.year in (chained.result_year, chained.level_year))
                or (yearly.role = 'new_level' and yearly.year = chained.level_year)
            )

),

-- The nearest year to start from is the first of the ways.
year_slots as (

    select
        reaching.derivation_id,
        abs(placed_years.result_year - placed_years.level_year) as alternative,
        reaching.method,
        reaching.priority,
        reaching.one_source,
        reaching.offset_value,
        reaching.indicator_code,
        placed_years.area_id,
        cast(placed_years.result_year as varchar) as period_id,
        reaching.breakdown,
        reaching.form,
        reaching.unit as result_unit,
        reaching.keeps_price_basis,
        count(*) over (
            partition by
                placed_years.derivation_id, placed_years.area_id, placed_years.level_year, placed_years.result_year
        ) as n_slots,
        placed_years.position,
        placed_years.role,
        placed_years.operation,
        1.0 as coefficient,
        placed_years.indicator_code as component_indicator_code,
        placed_years.area_id as component_area_id,
        cast(placed_years.year as varchar) as component_period_id,
        placed_years.breakdown as component_breakdown,
        placed_years.form as component_form,
        placed_years.price_basis as required_price_basis,
        cast(null as varchar) as required_index_base
    from placed_years
    inner join reaching
        on placed_years.derivation_id = reaching.derivation_id

),

slots as (

    select * from change_slots
    union all
    select * from year_slots

),

{{ derived_ctes() }}

select * from derived
