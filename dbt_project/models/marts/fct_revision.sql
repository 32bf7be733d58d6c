with revisions as (

    select * from {{ ref('acc_revision') }}

),

final as (

    select
        indicator_code,
        area_id,
        period_id,
        breakdown,
        form,
        source_id,
        revision_number,
        kind,
        from_observation_key,
        to_observation_key,
        from_value,
        to_value,
        unit,
        cast(revision as decimal(38, 15)) as revision,
        {{ round_published('revision_percent') }} as revision_percent,
        from_maturity,
        to_maturity,
        from_issued_on,
        to_issued_on,
        is_dated_by_arrival,
        days_between_issues,
        held
    from revisions

)

select * from final
