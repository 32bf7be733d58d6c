with cases as (

    select * from {{ ref('asm_case') }}
    where target_type in ('hold', 'structure', 'cumulative', 'annual_change')

),

series as (

    select * from {{ ref('asm_case_series') }}

),

parameters as (

    {{ assessment_parameters() }}

),

calendar as (

    {{ calendar_years() }}

),

gated as (

    select
        *,
        {{ gate_reason() }} as gate,
        {{ target_year_over() }} as is_over,
        {{ graded_figure() }} as figure,
        target_type in ('cumulative', 'annual_change') as is_by_year
    from cases
    cross join parameters

),

-- hold, structure: points, and the latest of them.

relevant as (

    select
        series.*,
        not gated.is_over or series.year = gated.period_end as is_current
    from gated
    inner join series
        on
            gated.assessment_key = series.assessment_key
            and not gated.is_by_year
            and series.year >= coalesce(gated.period_start, series.year)
            and series.role in ('annual', 'withheld', 'not_comparable')

),

points as (

    select
        assessment_key,
        cast(count(*) filter (where role = 'annual') as integer) as n_points,
        max(year) filter (where role = 'annual' and is_current) as actual_year,
        {{ joined_text('period_id', 'year, period_id') }} filter (where role = 'annual') as periods_present,
        count(*) filter (where role = 'withheld' and is_current) > 0 as has_withheld,
        count(*) filter (where role = 'not_comparable' and is_current) > 0 as has_not_comparable
    from relevant
    group by assessment_key

),

-- cumulative, annual change: one figure for each year of the span so far. A change that is not published as such is
-- the difference of two years.

years as (

    select
        gated.assessment_key,
        calendar.year,
        this_year.period_id,
        this_year.maturity_rank,
        case
            when not gated.works_from_level then this_year.value
            when this_year.value is not null and year_before.value is not null
                -- A promised fall is counted as a positive number, as the plan writes it.
                then (this_year.value - year_before.value) * case when gated.direction = 'decrease' then -1 else 1 end
        end as amount,
        held.assessment_key is not null as is_withheld
    from gated
    inner join calendar
        on
            gated.is_by_year
            and calendar.year between gated.period_start and least(gated.last_complete_year, gated.period_end)
    left join series as this_year
        on
            gated.assessment_key = this_year.assessment_key
            and calendar.year = this_year.year
            and this_year.role = 'annual'
    left join series as year_before
        on
            gated.assessment_key = year_before.assessment_key
            and calendar.year = year_before.year + 1
            and year_before.role = 'annual'
    left join (
        select distinct assessment_key, year from series where role = 'withheld'
    ) as held
        on
            gated.assessment_key = held.assessment_key
            and calendar.year = held.year

),

sums as (

    select
        assessment_key,
        cast(count(amount) as integer) as n_points,
        cast(count(*) as integer) as n_years,
        count(*) filter (where amount is null and is_withheld) as n_withheld,
        max(year) filter (where amount is not null) as actual_year,
        {{ joined_text('period_id', 'year') }} filter (where amount is not null) as periods_present,
        {{ joined_text('cast(year as varchar)', 'year') }} filter (where amount is null) as periods_missing,
        min(maturity_rank) as maturity_rank,
        sum(amount) as total
    from years
    group by assessment_key

),

actual as (

    select
        series.assessment_key,
        series.year,
        series.period_id,
        series.value,
        series.maturity_rank
    from series
    where series.role = 'annual'

),

measured as (

    select
        gated.*,
        actual.period_id as actual_period_id,
        actual.value as actual_value,
        coalesce(points.n_points, sums.n_points, 0) as n_points,
        coalesce(points.periods_present, sums.periods_present) as periods_present,
        sums.periods_missing,
        sums.total,
        sums.n_years,
        case when gated.is_by_year then sums.maturity_rank else actual.maturity_rank end as maturity_rank,
        case
            when gated.gate is not null then gated.gate
            when gated.is_by_year and gated.period_start is null then 'NO_TARGET'
            when coalesce(points.n_points, sums.n_points, 0) = 0 and (points.has_withheld or sums.n_withheld > 0)
                then 'WITHHELD'
            when points.actual_year is null and points.has_not_comparable then 'NOT_COMPARABLE'
            when not gated.is_by_year and points.actual_year is null then 'NO_DATA'
            when gated.is_by_year and coalesce(sums.n_points, 0) = 0 then 'NO_DATA'
            when gated.is_by_year and sums.n_points < sums.n_years and sums.n_withheld = sums.n_years - sums.n_points
                then 'WITHHELD'
            when gated.is_by_year and sums.n_points < sums.n_years then 'INCOMPLETE_SUM'
            when
                not gated.is_by_year and not gated.is_over
                and gated.last_complete_year - points.actual_year > gated.stale_after_periods
                then 'STALE'
            -- The way of a structure is measured from its base structure, all parts at once.
            when gated.target_type = 'structure' then 'NO_BASE'
            -- Holding is a matter of trend as well as of level, and of how far off is still held.
            when gated.target_type = 'hold' and points.n_points < gated.trend_points then 'TOO_FEW'
            when gated.target_type = 'hold' and gated.tolerance is null then 'NO_BASE'
            when gated.is_by_year and gated.sense is null then 'NO_TARGET'
            -- All years so far are at hand, the rest are to come.
            when gated.is_by_year and not gated.is_over then 'NOT_DUE'
        end as reason_code
    from gated
    left join points
        on gated.assessment_key = points.assessment_key
    left join sums
        on gated.assessment_key = sums.assessment_key
    left join actual
        on
            gated.assessment_key = actual.assessment_key
            and coalesce(points.actual_year, sums.actual_year) = actual.year

),

averaged as (

    select
        *,
        case
            when gate is null and target_type = 'annual_change' and n_points > 0
                then cast(total as double) / n_points
        end as average_to_date
    from measured

),

final as (

    select
        assessment_key,
        case when gate is null then actual_period_id end as actual_period_id,
        cast(null as varchar) as base_period_id,
        cast(null as decimal(38, 15)) as base_value,
        n_points,
        periods_present,
        periods_missing,
        cast(null as double) as path_value,
        cast(null as double) as gap,
        cast(null as double) as share_of_way,
        cast(null as double) as pace,
        average_to_date,
        case
            when target_type = 'cumulative' and reason_code = 'NOT_DUE' and gate is null
                then {{ required_change('cast(total as double)', 'cast(figure as double)', 'last_complete_year', 'period_end') }}
        end as required_per_year,
        cast(null as double) as required_growth,
        cast(null as double) as level_shortfall,
        cast(null as varchar) as published_average_period_id,
        cast(null as double) as required_growth_from_published,
        case
            when reason_code is not null then 'not_assessed'
            when target_type = 'hold'
                then
                    case
                        when abs(actual_value - coalesce(value_low, value_high)) <= tolerance then 'in_band'
                        else 'not_reached'
                    end
            when target_type = 'cumulative'
                then case when {{ meets('total', 'figure') }} then 'reached' else 'not_reached' end
            else case when {{ meets('round(average_to_date, 10)', 'cast(figure as double)') }} then 'reached' else 'not_reached' end
        end as level_state,
        is_over as level_final,
        'not_assessed' as pace_state,
        reason_code,
        case
            when gate is not null then gate
            when is_over then 'TARGET_YEAR_OVER'
            -- What can be stated of the level has no path: no phasing is declared, and holding has none.
            when reason_code is null or reason_code = 'NOT_DUE' then 'NO_TARGET'
            else reason_code
        end as pace_reason_code,
        cast(null as double) as margin,
        maturity_rank,
        cast(null as varchar) as note
    from averaged

)

select * from final
