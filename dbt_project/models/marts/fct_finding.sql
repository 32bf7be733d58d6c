with findings as (

    select * from {{ ref('acc_finding') }}

),

final as (

    select
        finding_id,
        finding_key,
        rule_id,
        rule_version,
        suite,
        severity,
        outcome,
        subject,
        observation_key,
        indicator_code,
        area_id,
        period_id,
        breakdown,
        source_id,
        message_vi,
        message_en,
        left_value,
        right_value,
        expected_low,
        expected_high,
        unit,
        decision,
        decision_id,
        reason_code,
        decided_on,
        n_people
    from findings

)

select * from final
