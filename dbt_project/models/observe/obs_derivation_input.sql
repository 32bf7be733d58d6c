with derived as (

    select * from {{ ref('obs_derived') }}

),

listed as (

    select
        observation_key,
        derivation_id,
        {{ rows_of('components') }} as component
    from derived

),

final as (

    select
        observation_key,
        cast(component.position as integer) as position,
        derivation_id,
        component.role as role,
        component.observation_key as component_observation_key,
        component.operation as operation,
        cast(component.coefficient as double) as coefficient
    from listed

)

select * from final
