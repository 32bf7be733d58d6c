with derivations as (

    select * from {{ ref('obs_derivation') }}

),

components as (

    select * from {{ ref('derivation_component') }}

),

indicators as (

    select * from {{ ref('indicator') }}

),

units as (

    select * from {{ ref('unit') }}

),

-- numerator:CODE;denominator:CODE, each code with a breakdown after a slash where it is not the total.
stated_ratios as (

    select
        'ratio_' || lower(indicator_code) as derivation_id,
        split_part(split_part(components, ';', 1), ':', 2) as numerator,
        split_part(split_part(components, ';', 2), ':', 2) as denominator
    from indicators
    where components is not null

),

placed as (

    select derivation_id, 1 as position, 'numerator' as role, numerator as component, 'multiply' as operation
    from stated_ratios
    union all
    select derivation_id, 2, 'denominator', denominator, 'divide'
    from stated_ratios

),

united as (

    select
        derivation_id,
        position,
        role,
        split_part(component, '/', 1) as indicator_code,
        coalesce(nullif(split_part(component, '/', 2), ''), '_T') as breakdown,
        operation,
        1.0 as coefficient,
        0 as year_shift,
        cast(null as varchar) as price_basis
    from placed

    union all

    select derivation_id, position, role, indicator_code, breakdown, operation, coefficient, year_shift, price_basis
    from components

),

final as (

    select
        united.derivation_id,
        united.position,
        united.role,
        united.indicator_code,
        united.breakdown,
        indicators.form,
        united.operation,
        united.coefficient,
        united.year_shift,
        united.price_basis,
        indicators.is_additive_over_time,
        -- What no method may do: a ratio of ratios, a sum of shares, a term that is no rate of growth.
        case
            when united.operation = 'add' and derivations.method in ('parts', 'remainder') and indicators.form not in ('level', 'increment', 'change')
                then 'SUM_OF_RELATIVE_FIGURES'
            when united.operation in ('multiply', 'divide') and derivations.method = 'ratio' and indicators.form <> 'level'
                then 'RATIO_OF_RATIOS'
            when (united.operation = 'grow') <> (indicators.form = 'growth_rate') then 'NO_RATE_OF_GROWTH'
            when
                united.operation = 'add'
                and regexp_replace(units.dimension, '_difference$', '') <> regexp_replace(result_units.dimension, '_difference$', '')
                then 'UNITS_DO_NOT_FIT'
        end as refused_because
    from united
    inner join derivations
        on united.derivation_id = derivations.derivation_id
    inner join indicators
        on united.indicator_code = indicators.indicator_code
    inner join units
        on indicators.unit = units.unit
    inner join units as result_units
        on derivations.unit = result_units.unit

)

select * from final
