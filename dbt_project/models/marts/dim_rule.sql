with rules as (

    select * from {{ source('inputs', 'check_summary') }}

),

final as (

    select
        rule_id,
        rule_version,
        suite,
        severity,
        title_vi,
        title_en,
        description_vi,
        description_en,
        owner_vi,
        owner_en,
        reason_on,
        reason_vi,
        reason_en,
        applies_from,
        promote_by,
        intended_severity,
        n_passed,
        n_failed,
        n_suppressed,
        n_not_checked,
        n_nothing_to_compare
    from rules

)

select * from final
