with check_results as (

    select * from {{ source('inputs', 'check_result') }}
    where outcome in ('failed', 'not_checked')

),

-- Decisions are recorded per finding; a finding without one says so.
final as (

    select
        finding_id,
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
        'none' as decision
    from check_results

)

select * from final
