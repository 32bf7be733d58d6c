with cases as (

    select * from {{ ref('mth_case') }}
    where method in ('statcan_cagr_ratio', 'statcan_cagr_no_target')

),

series as (

    select * from {{ ref('mth_series') }}
    where series = 'value' and value is not null

),

-- Without a base or a latest value of its own, a case takes them from its series: the latest year is the current one,
-- and a base year without a figure gives way to the next year that has one.
bounds as (

    select
        cases.case_id,
        max(series.year) as last_year,
        min(case when series.year >= cases.base_year then series.year end) as first_year
    from cases
    inner join series
        on cases.case_id = series.case_id
    group by cases.case_id

),

placed as (

    select
        cases.case_id,
        cases.method,
        coalesce(cases.direction, -1) as direction,
        case when cases.base_value is null then bounds.first_year else cases.base_year end as base_year,
        coalesce(cases.base_value, first_points.value) as base_value,
        case when cases.current_value is null then bounds.last_year else cases.current_year end as current_year,
        coalesce(cases.current_value, last_points.value) as current_value,
        -- A target of nothing is taken for a thousandth.
        case when cases.target_value = 0 then 0.001 else cases.target_value end as target_value,
        coalesce(cases.target_year, 2030) as target_year,
        cases.limit_value
    from cases
    left join bounds
        on cases.case_id = bounds.case_id
    left join series as first_points
        on bounds.case_id = first_points.case_id and bounds.first_year = first_points.year
    left join series as last_points
        on bounds.case_id = last_points.case_id and bounds.last_year = last_points.year

),

prepared as (

    select
        *,
        case when base_value < 0 then -1 else 1 end as base_sign,
        -- So is a base of nothing, but only in the growth: sign and limit are asked of the base itself.
        case when base_value = 0 then 0.001 else base_value end as base_of_growth,
        coalesce(
            case direction when 1 then current_value >= target_value else current_value <= target_value end, false
        ) as is_achieved,
        case
            when limit_value is null or target_value is not null then 1.0
            when abs(base_value) >= 2 * abs(limit_value) then 1.0
            when abs(base_value) <= abs(limit_value)
                then 1 - power(abs(base_value) / abs(limit_value), 4.44)
            else 1 - power((2 * abs(limit_value) - abs(base_value)) / abs(limit_value), 4.44)
        end as reduction
    from placed

),

grown as (

    select
        *,
        case
            when current_year - base_year >= 1
                then {{ compound_growth('base_of_growth', 'current_value', '(current_year - base_year)') }}
        end as growth_observed,
        case
            when target_year = base_year then null
            when target_value / base_of_growth < 0
                then {{ modulus_of_growth_across_zero('base_of_growth', 'target_value', '(target_year - base_year)') }}
            else abs({{ compound_growth('base_of_growth', 'target_value', '(target_year - base_year)') }})
        end as growth_required
    from prepared

),

-- Growth over no growth: without a number, but above or below every threshold.
measured as (

    select
        *,
        case
            when target_value is null then base_sign * direction * growth_observed
            when growth_required <> 0 then base_sign * direction * growth_observed / growth_required
        end as progress_value,
        case
            when target_value is not null and growth_required = 0 then sign(base_sign * direction * growth_observed)
        end as unbounded_sign,
        case when target_value is null then 0.015 * reduction else 0.95 end as high,
        case when target_value is null then 0.005 * reduction else 0.6 end as medium
    from grown

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
        progress_value,
        case
            when is_achieved then 'target_achieved'
            when unbounded_sign > 0 or progress_value >= high then 'substantial_progress'
            when unbounded_sign < 0 or progress_value < 0 then 'deterioration'
            when progress_value >= medium then 'moderate_progress'
            when progress_value >= 0 then 'limited_progress'
            else 'not_available'
        end as status,
        case
            when is_achieved or unbounded_sign > 0 then 5.0
            when unbounded_sign < 0 then -5.0
            when target_value is null and progress_value < 0 then greatest(125 * progress_value - 2.5, -5.0)
            when target_value is null and progress_value >= 0 and reduction = 0 then 5.0
            when target_value is null and progress_value >= high
                then least(500 * progress_value / reduction - 5, 5.0)
            when target_value is null and progress_value >= medium then 250 * progress_value / reduction - 1.25
            when target_value is null and progress_value >= 0 then 500 * progress_value / reduction - 2.5
            when progress_value >= medium then least(7.1429 * progress_value - 4.2857, 5.0)
            when progress_value < medium then greatest(4.1667 * progress_value - 2.5, -5.0)
        end as score
    from measured

)

select * from final
