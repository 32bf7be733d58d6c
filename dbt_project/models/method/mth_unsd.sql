with cases as (

    select * from {{ ref('mth_case') }}
    where method in ('unsd_progress_chart_2022', 'unsd_progress_chart_2023')

),

grown as (

    select
        *,
        coalesce(
            -- A rate that the publisher printed without the figures behind it.
            stated_growth, {{ compound_growth('base_value', 'current_value', '(current_year - base_year)') }}
        ) as cagr_actual,
        {{ compound_growth('base_value', 'target_value', '(target_year - base_year)') }} as cagr_required
    from cases

),

projected as (

    select
        *,
        case when cagr_required <> 0 then cagr_actual / cagr_required end as ratio,
        case
            when target_year >= current_year
                then current_value * power(1 + cagr_actual, target_year - current_year)
        end as value_at_target_year,
        direction * cagr_actual as forward,
        -- Within one per cent of the end of a scale of per cent counts as there.
        coalesce(
            {{ reached_target('current_value', 'target_value', 'direction') }}
            or (target_value = 100 and direction = 1 and current_value >= 99)
            or (target_value = 0 and direction = -1 and current_value <= 1), false
        ) as is_reached
    from grown

),

shared as (

    select
        *,
        case
            when target_value <> base_value then (value_at_target_year - base_value) / (target_value - base_value)
        end as projected_share
    from projected

),

graded as (

    select
        *,
        case
            when target_value is null and forward >= 0.02 then 3
            when target_value is null and forward >= 0.005 then 2
            when target_value is null and forward is not null then 1
            when is_reached or projected_share >= 0.95 then 3
            when projected_share >= 0.1 then 2
            when projected_share < 0.1 then 1
        end as score_2023,
        case
            when target_value is null then
                case
                    when forward > 0.01 then 'Substantial progress/ on track'
                    when forward >= 0.005 then 'Fair progress but acceleration needed'
                    when forward >= -0.01 then 'Limited to no progress'
                    when forward < -0.01 then 'Deterioration'
                end
            when ratio > 0.95 then 'Substantial progress/ on track'
            when ratio >= 0.5 then 'Fair progress but acceleration needed'
            when ratio >= -0.1 then 'Limited to no progress'
            when ratio < -0.1 then 'Deterioration'
        end as class_2022
    from shared

),

final as (

    select
        case_id,
        method,
        base_year,
        base_value,
        current_year,
        current_value,
        target_value,
        target_year,
        cagr_actual,
        cagr_required,
        ratio,
        case when method = 'unsd_progress_chart_2022' then class_2022 end as class,
        case when method = 'unsd_progress_chart_2023' then value_at_target_year end as projected_value,
        case when method = 'unsd_progress_chart_2023' then projected_share end as projected_share,
        case when method = 'unsd_progress_chart_2023' then score_2023 end as score,
        case
            when method = 'unsd_progress_chart_2022' and class_2022 is null
                or method = 'unsd_progress_chart_2023' and score_2023 is null
                then 'UNDEFINED'
        end as refused_reason
    from graded

)

select * from final
