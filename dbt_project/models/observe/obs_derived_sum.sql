with {{ component_figures(['obs_derived_merger']) }},

indicators as (

    select * from {{ ref('indicator') }}

),

methods as (

    select * from {{ ref('derivation_method') }}

),

compositions as (

    select
        *,
        count(*) over (partition by period_part, alternative) as n_slots
    from {{ ref('period_composition') }}

),

{{ declared_slots(2, 'part_slots') }},

-- Flows of part-years make up one another; a stock or a rate never does.
period_keys as (

    select
        component_keys.*,
        left(component_keys.period_id, 4) as year,
        coalesce(nullif(substr(component_keys.period_id, 6), ''), 'year') as part
    from component_keys
    inner join indicators
        on
            component_keys.indicator_code = indicators.indicator_code
            and component_keys.form = indicators.form
            and indicators.is_additive_over_time
    where {{ movable_year('component_keys.period_id') }} is not null

),

complete_periods as (

    select
        period_keys.indicator_code,
        period_keys.area_id,
        period_keys.breakdown,
        period_keys.form,
        period_keys.year,
        compositions.period_part,
        compositions.alternative
    from period_keys
    inner join compositions
        on period_keys.part = compositions.component_part
    group by all
    having count(*) = any_value(compositions.n_slots)

),

period_slots as (

    select
        'periods' as derivation_id,
        compositions.alternative,
        methods.method,
        methods.priority,
        methods.one_source,
        methods.offset_value,
        complete_periods.indicator_code,
        complete_periods.area_id,
        complete_periods.year
        || case when complete_periods.period_part = 'year' then '' else '-' || complete_periods.period_part end as period_id,
        complete_periods.breakdown,
        complete_periods.form,
        cast(null as varchar) as result_unit,
        true as keeps_price_basis,
        compositions.n_slots,
        compositions.position,
        case when compositions.coefficient > 0 then 'period' else 'period_taken_off' end as role,
        'add' as operation,
        compositions.coefficient,
        complete_periods.indicator_code as component_indicator_code,
        complete_periods.area_id as component_area_id,
        complete_periods.year
        || case when compositions.component_part = 'year' then '' else '-' || compositions.component_part end
            as component_period_id,
        complete_periods.breakdown as component_breakdown,
        complete_periods.form as component_form,
        cast(null as varchar) as required_price_basis,
        cast(null as varchar) as required_index_base
    from complete_periods
    inner join compositions
        on
            complete_periods.period_part = compositions.period_part
            and complete_periods.alternative = compositions.alternative
    inner join methods
        on methods.method = 'periods'

),

slots as (

    select * from part_slots
    union all
    select * from period_slots

),

{{ derived_ctes() }}

select * from derived
