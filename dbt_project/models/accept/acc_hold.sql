with recursive findings as (

    select * from {{ ref('acc_finding') }}

),

derivation_inputs as (

    select * from {{ ref('obs_derivation_input') }}

),

-- What holds a value holds what was worked out from it.
final as (

    select
        observation_key,
        finding_id,
        rule_id,
        case when effect = 'holds' then decision else 'rule' end as kind,
        false as by_component
    from findings
    where holds

    union

    select
        derivation_inputs.observation_key,
        final.finding_id,
        final.rule_id,
        final.kind,
        true
    from final
    inner join derivation_inputs
        on final.observation_key = derivation_inputs.component_observation_key

)

select * from final
