with cases as (

    select * from {{ ref('mth_case') }}
    where method = 'target_to_date_15pct'

),

series as (

    select * from {{ ref('mth_series') }}

),

periods as (

    select
        actuals.case_id,
        actuals.position,
        actuals.value as actual,
        targets.value as target
    from series as actuals
    inner join series as targets
        on actuals.case_id = targets.case_id and actuals.position = targets.position
    where
        actuals.series = 'actual'
        and targets.series = 'periodic_target'
        and actuals.value is not null
        and targets.value is not null

),

sums as (

    select
        case_id,
        count(*) as n_points,
        {{ ordered_sum('actual', 'position') }} as actual_sum,
        {{ ordered_sum('target', 'position') }} as target_sum,
        {{ first_in_order('actual', 'position desc') }} as actual_latest,
        {{ first_in_order('target', 'position desc') }} as target_latest
    from periods
    group by case_id

),

-- A running total is summed all the same: the publisher does not ask what an actual is.
to_date as (

    select
        cases.case_id,
        cases.method,
        coalesce(cases.direction, 1) as direction,
        coalesce(cases.margin, 0.15) as margin,
        coalesce(sums.n_points, 0) as n_points,
        case when cases.is_cumulative or cases.is_percent then sums.target_latest else sums.target_sum end as target_to_date,
        case when cases.is_percent then sums.actual_latest else sums.actual_sum end as actual_to_date
    from cases
    left join sums
        on cases.case_id = sums.case_id

),

met as (

    select
        *,
        case when target_to_date <> 0 then actual_to_date / target_to_date end as ratio
    from to_date

),

final as (

    select
        case_id,
        method,
        n_points,
        target_to_date,
        actual_to_date,
        ratio,
        cast(
            case
                when ratio > 1 + margin then case direction when -1 then -1 else 1 end
                when ratio < 1 - margin then case direction when -1 then 1 else -1 end
                when ratio is not null then 0
            end as integer
        ) as over_under
    from met

)

select * from final
