with cases as (

    select * from {{ ref('asm_case') }}
    where target_type in ('level', 'floor', 'ceiling', 'count', 'interval')

),

series as (

    select * from {{ ref('asm_case_series') }}

),

parameters as (

    {{ assessment_parameters() }}

),

-- What can be said before any figure is looked at.
gated as (

    select
        *,
        {{ gate_reason() }} as gate,
        {{ target_year_over() }} as is_over,
        {{ graded_figure() }} as figure,
        coalesce(value_low <> value_high, false) as is_interval,
        coalesce(value_low <> value_high and range_kind = 'tolerance', false) as is_tolerance_band
    from cases
    cross join parameters

),

-- Points that speak to the target: inside its span where it has one; when its last year is over, only that year.
relevant as (

    select
        series.*,
        not gated.is_over or series.year = gated.period_end as is_current,
        case
            when gated.is_tolerance_band then series.value between gated.value_low and gated.value_high
            else coalesce({{ meets('series.value', 'gated.figure') }}, false)
        end as is_met
    from gated
    inner join series
        on
            gated.assessment_key = series.assessment_key
            and series.year >= coalesce(gated.period_start, series.year)
            and series.role in ('annual', 'withheld', 'not_comparable')

),

latest as (

    select
        *,
        row_number() over (partition by assessment_key order by year desc, period_id) as place
    from relevant
    where role = 'annual' and is_current

),

points as (

    select
        assessment_key,
        cast(count(*) filter (where role = 'annual') as integer) as n_points,
        min(year) filter (where role = 'annual') as first_year,
        max(year) filter (where role = 'annual') as last_year,
        min(year) filter (where role = 'annual' and is_met) as first_year_met,
        {{ joined_text('period_id', 'year, period_id') }} filter (where role = 'annual') as periods_present,
        count(*) filter (where role = 'withheld' and is_current) > 0 as has_withheld,
        count(*) filter (where role = 'not_comparable' and is_current) > 0 as has_not_comparable
    from relevant
    group by assessment_key

),

calendar as (

    {{ calendar_years() }}

),

gaps as (

    select
        points.assessment_key,
        {{ joined_text('cast(calendar.year as varchar)', 'calendar.year') }} as periods_missing
    from points
    inner join calendar
        on calendar.year between points.first_year and points.last_year
    left join relevant
        on
            points.assessment_key = relevant.assessment_key
            and calendar.year = relevant.year
            and relevant.role = 'annual'
    where relevant.assessment_key is null
    group by points.assessment_key

),

base as (

    select
        gated.assessment_key,
        series.period_id as base_period_id,
        series.year as base_year,
        series.value as base_value
    from gated
    inner join series
        on
            gated.assessment_key = series.assessment_key
            and gated.base_period = series.period_id
            and series.role = 'annual'

),

measured as (

    select
        gated.*,
        latest.period_id as actual_period_id,
        latest.year as actual_year,
        latest.value as actual_value,
        latest.is_met,
        latest.maturity_rank,
        coalesce(points.n_points, 0) as n_points,
        points.periods_present,
        gaps.periods_missing,
        points.first_year_met,
        base.base_period_id,
        base.base_year,
        base.base_value,
        case
            when gated.gate is not null then gated.gate
            when gated.figure is null or (gated.sense is null and not gated.is_tolerance_band) then 'NO_TARGET'
            when latest.period_id is null and points.has_withheld then 'WITHHELD'
            when latest.period_id is null and points.has_not_comparable then 'NOT_COMPARABLE'
            when latest.period_id is null then 'NO_DATA'
            when not gated.is_over and gated.last_complete_year - latest.year > gated.stale_after_periods then 'STALE'
        end as reason_code
    from gated
    left join latest
        on gated.assessment_key = latest.assessment_key and latest.place = 1
    left join points
        on gated.assessment_key = points.assessment_key
    left join gaps
        on gated.assessment_key = gaps.assessment_key
    left join base
        on gated.assessment_key = base.assessment_key

),

judged as (

    select
        *,
        case
            when reason_code is not null then 'not_assessed'
            when is_tolerance_band and is_met then 'in_band'
            when is_met and is_interval and sense = 1 and actual_value > value_high then 'above_range'
            when is_met and is_interval and sense = -1 and actual_value < value_low then 'reached'
            when is_met and is_interval then 'in_band'
            when is_met then 'reached'
            when first_year_met < actual_year then 'lost'
            else 'not_reached'
        end as level_state,
        case
            when gate is not null then gate
            when is_over then 'TARGET_YEAR_OVER'
            when reason_code is not null then reason_code
            when base_period is null or base_value is null then 'NO_BASE'
            when trajectory is null or is_tolerance_band then 'NO_TARGET'
            when actual_year <= base_year then 'TOO_FEW'
            when period_end is null or period_end <= base_year then 'NOT_COMPARABLE'
            when sense * (figure - base_value) <= 0 then 'NOT_COMPARABLE'
        end as pace_reason_code,
        reason_code is null and base_value is not null and sense * (figure - base_value) <= 0 as is_met_at_base,
        cast(actual_value as double) as y,
        cast(base_value as double) as y0,
        cast(figure as double) as goal
    from measured

),

-- Equal growth has no meaning through zero, nor from a handful: such cases take the straight path.
shaped as (

    select
        *,
        trajectory = 'compound'
        and y0 > 0 and y > 0 and goal > 0
        and not (target_type = 'count' and y0 < small_count_base) as is_compound
    from judged

),

paced as (

    select
        *,
        case
            when pace_reason_code is not null then null
            when is_compound then {{ path_compound('y0', 'goal', 'base_year', 'actual_year', 'period_end') }}
            else {{ path_linear('y0', 'goal', 'base_year', 'actual_year', 'period_end') }}
        end as exact_path,
        case
            when pace_reason_code is not null then null
            when is_compound then {{ pace_compound('y0', 'y', 'goal', 'base_year', 'actual_year', 'period_end') }}
            else {{ pace_linear('y0', 'y', 'goal', 'base_year', 'actual_year', 'period_end') }}
        end as pace
    from shaped

),

pathed as (

    select
        *,
        case when target_type = 'count' then round(exact_path) else exact_path end as path_value
    from paced

),

final as (

    select
        assessment_key,
        case when reason_code is null then actual_period_id end as actual_period_id,
        base_period_id,
        base_value,
        n_points,
        periods_present,
        periods_missing,
        path_value,
        y - path_value as gap,
        case when pace_reason_code is null then {{ share_of_way('y0', 'y', 'goal') }} end as share_of_way,
        pace,
        cast(null as double) as average_to_date,
        case
            when level_state in ('not_reached', 'lost') and period_end > actual_year and not is_over
                then {{ required_change('y', 'goal', 'actual_year', 'period_end') }}
        end as required_per_year,
        case
            when
                level_state in ('not_reached', 'lost') and period_end > actual_year and not is_over
                and trajectory = 'compound' and y > 0 and goal > 0
                then {{ required_growth_of_level('y', 'goal', 'actual_year', 'period_end') }}
        end as required_growth,
        cast(null as double) as level_shortfall,
        cast(null as varchar) as published_average_period_id,
        cast(null as double) as required_growth_from_published,
        level_state,
        is_over as level_final,
        case
            when pace_reason_code is not null then 'not_assessed'
            when target_type = 'count' and abs(goal - y0) < small_count and abs(y - path_value) <= 1 then 'on_track'
            else {{ pace_band('pace') }}
        end as pace_state,
        reason_code,
        pace_reason_code,
        case when reason_code is null then abs(y - goal) end as margin,
        case when reason_code is null then maturity_rank end as maturity_rank,
        case
            when is_met_at_base then 'met_at_base'
            when pace_reason_code is null and trajectory = 'compound' and not is_compound then 'straight_path_taken'
        end as note
    from pathed

)

select * from final
