with indicators as (

    select * from {{ ref('indicator') }}

),

final as (

    select
        indicator_code,
        name_vi,
        name_en,
        unit,
        form,
        direction,
        domain,
        custodian_vi,
        definition_vi,
        definition_en,
        t_code,
        lower_bound,
        upper_bound,
        observation_period_type,
        definition_source,
        index_base,
        maturity_ladder,
        components,
        is_additive
    from indicators

)

select * from final
