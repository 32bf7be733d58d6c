with components as (

    select * from {{ ref('obs_derivation_input') }}

),

final as (

    select
        observation_key,
        position,
        role,
        component_observation_key,
        operation,
        coefficient,
        derivation_id
    from components

)

select * from final
