with cases as (

    select * from {{ ref('mth_case') }}
    where method = 'destatis_weather'

),

series as (

    select * from {{ ref('mth_series') }}

),

points as (

    select
        cases.case_id,
        series.year,
        series.value,
        row_number() over (partition by cases.case_id order by series.year desc) as place,
        coalesce(cases.window_points, 6) as window_points
    from cases
    inner join series
        on cases.case_id = series.case_id
    where
        series.series = 'value'
        and series.value is not null
        and series.year <= coalesce(cases.assessment_year, series.year)

),

-- The unbroken run of years that ends in the latest point: there year and place add up to the same number.
numbered as (

    select
        *,
        year + place as run,
        max(year) over (partition by case_id) + 1 as last_run
    from points

),

windows as (

    select
        case_id,
        count(*) as n_points,
        max(year) as current_year,
        {{ first_in_order('value', 'place') }} as current_value,
        {{ first_in_order('case when place = 2 then value end', 'place') }} as value_before,
        {{ first_in_order('value', 'place desc') }} as first_value
    from numbered
    where run = last_run and place <= window_points
    group by case_id

),

trends as (

    select
        *,
        case when n_points >= 4 then (current_value - first_value) / (n_points - 1) end as avg_change,
        case when n_points >= 2 then current_value - value_before end as last_change
    from windows

),

-- Of an interval the end that asks for less; of several targets each, with the one in the case itself.
targets as (

    select
        case_id,
        target_year,
        case
            when target_low is null then target_value
            when direction = 1 then target_low
            else target_high
        end as target_value
    from cases
    where target_value is not null or target_low is not null

    union all

    select
        case_id,
        year as target_year,
        value as target_value
    from series
    where series = 'target' and value is not null

),

-- Of several years the next one; when all are over, the last.
dated as (

    select
        targets.case_id,
        targets.target_value,
        targets.target_year,
        trends.current_year,
        coalesce(
            min(case when targets.target_year >= trends.current_year then targets.target_year end)
                over (partition by targets.case_id),
            max(targets.target_year) over (partition by targets.case_id)
        ) as year_that_counts
    from targets
    left join trends
        on targets.case_id = trends.case_id

),

graded as (

    select
        cases.case_id,
        cases.method,
        cases.kind,
        cases.direction,
        trends.n_points,
        trends.current_year,
        trends.current_value,
        trends.avg_change,
        trends.last_change,
        dated.target_value,
        dated.target_year,
        coalesce(
            case cases.direction
                when 1 then trends.current_value >= dated.target_value
                when -1 then trends.current_value <= dated.target_value
            end, false
        ) as is_reached,
        cases.direction * trends.avg_change as avg_forward,
        cases.direction * trends.last_change as last_forward,
        trends.current_value
        + trends.avg_change * greatest(dated.target_year - trends.current_year, 0) as projected
    from cases
    left join trends
        on cases.case_id = trends.case_id
    left join dated
        on
            cases.case_id = dated.case_id
            and (dated.year_that_counts is null or dated.target_year = dated.year_that_counts)

),

-- A target that is met already is graded like one that holds for every year.
ruled as (

    select
        *,
        case
            when kind = 'direction_only' then 'direction'
            when kind = 'constant_target' or is_reached then 'constant'
            else 'value'
        end as rule
    from graded

),

missed as (

    select
        *,
        case
            when rule = 'value' then (target_value - projected) / (target_value - current_value)
        end as miss_share
    from ruled

),

-- Twelve decimals keep the noise of double arithmetic from moving a share that lies on a limit.
symbols as (

    select
        *,
        case
            when avg_change is null then null
            when rule = 'direction' and avg_forward > 0 and last_forward > 0 then 1
            when rule = 'direction' and avg_forward > 0 then 2
            when rule = 'direction' and last_forward > 0 then 3
            when rule = 'direction' then 4
            when target_value is null then null
            when rule = 'constant' and is_reached and avg_forward >= 0 then 1
            when rule = 'constant' and is_reached then 2
            when avg_forward <= 0 then 4
            when rule = 'constant' then 3
            when target_year is null then null
            when round(miss_share, 12) < 0.05 then 1
            when round(miss_share, 12) <= 0.2 then 2
            else 3
        end as severity
    from missed

),

ranked as (

    select
        *,
        row_number() over (
            partition by case_id
            order by severity desc nulls last, miss_share desc nulls last, target_value
        ) as place
    from symbols

),

final as (

    select
        case_id,
        method,
        case severity
            when 1 then 'sun'
            when 2 then 'slightly_cloudy'
            when 3 then 'cloud'
            when 4 then 'thunderstorm'
        end as symbol,
        coalesce(n_points, 0) as n_points,
        current_year,
        current_value,
        target_value,
        target_year,
        avg_change,
        last_change,
        case when rule = 'value' then projected end as projected,
        miss_share
    from ranked
    where place = 1

)

select * from final
