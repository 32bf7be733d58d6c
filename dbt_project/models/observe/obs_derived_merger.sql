with {{ component_figures([]) }},

relations as (

    select * from {{ ref('area_relation') }}
    where kind = 'merged_into'

),

indicators as (

    select * from {{ ref('indicator') }}

),

methods as (

    select * from {{ ref('derivation_method') }}
    where method = 'merger'

),

parts_of_area as (

    select
        from_area_id,
        to_area_id,
        row_number() over (partition by to_area_id order by from_area_id) as position,
        count(*) over (partition by to_area_id) as n_slots
    from relations

),

-- One part without a figure, and there is no sum: what is missing is not guessed.
complete_areas as (

    select
        component_keys.indicator_code,
        component_keys.breakdown,
        component_keys.form,
        component_keys.period_id,
        parts_of_area.to_area_id
    from component_keys
    inner join parts_of_area
        on component_keys.area_id = parts_of_area.from_area_id
    inner join indicators
        on
            component_keys.indicator_code = indicators.indicator_code
            and component_keys.form = indicators.form
            and indicators.is_additive
    group by all
    having count(*) = any_value(parts_of_area.n_slots)

),

slots as (

    select
        'merger' as derivation_id,
        0 as alternative,
        methods.method,
        methods.priority,
        methods.one_source,
        methods.offset_value,
        complete_areas.indicator_code,
        complete_areas.to_area_id as area_id,
        complete_areas.period_id,
        complete_areas.breakdown,
        complete_areas.form,
        cast(null as varchar) as result_unit,
        true as keeps_price_basis,
        parts_of_area.n_slots,
        parts_of_area.position,
        'merged_area' as role,
        'add' as operation,
        1.0 as coefficient,
        complete_areas.indicator_code as component_indicator_code,
        parts_of_area.from_area_id as component_area_id,
        complete_areas.period_id as component_period_id,
        complete_areas.breakdown as component_breakdown,
        complete_areas.form as component_form,
        cast(null as varchar) as required_price_basis,
        cast(null as varchar) as required_index_base
    from complete_areas
    inner join parts_of_area
        on complete_areas.to_area_id = parts_of_area.to_area_id
    cross join methods

),

{{ derived_ctes() }}

select * from derived
