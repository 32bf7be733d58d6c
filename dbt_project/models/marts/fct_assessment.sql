with assessments as (

    select * from {{ ref('asm_assessment') }}

),

final as (

    select
        assessment_key,
        target_id,
        plan_version,
        indicator_code,
        area_id,
        method,
        method_version,
        cut_off,
        target_type,
        comparator,
        value_low,
        value_high,
        unit,
        period_start,
        period_end,
        actual_value,
        actual_value_text,
        actual_value_decimals,
        actual_unit,
        actual_period_id,
        actual_maturity,
        actual_source_id,
        actual_observation_key,
        base_period_id,
        base_value,
        n_points,
        periods_present,
        periods_missing,
        {{ round_published('path_value') }} as path_value,
        {{ round_published('gap') }} as gap,
        {{ round_published('share_of_way') }} as share_of_way,
        {{ round_published('pace') }} as pace,
        {{ round_published('average_to_date') }} as average_to_date,
        {{ round_published('required_per_year') }} as required_per_year,
        {{ round_published('required_growth') }} as required_growth,
        {{ round_published('level_shortfall') }} as level_shortfall,
        published_average,
        published_average_period_id,
        published_average_source_id,
        published_average_observation_key,
        {{ round_published('required_growth_from_published') }} as required_growth_from_published,
        level_state,
        level_final,
        pace_state,
        confidence,
        reason_code,
        pace_reason_code,
        bucket,
        latest_known_value,
        latest_known_value_text,
        latest_known_value_decimals,
        latest_known_unit,
        latest_known_period_id,
        latest_known_source_id,
        latest_known_observation_key,
        note
    from assessments

)

select * from final
