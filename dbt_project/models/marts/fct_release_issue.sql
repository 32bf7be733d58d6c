with issues as (

    select * from {{ ref('obs_release_issue') }}

),

final as (

    select
        issue_key,
        source_id,
        periodicity,
        period_id,
        period_end,
        maturity,
        due_on,
        grace_until,
        is_due,
        state,
        issued_on,
        basis_vi,
        basis_en
    from issues

)

select * from final
