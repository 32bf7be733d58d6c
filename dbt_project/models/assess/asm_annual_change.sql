with cases as (

    select * from {{ ref('asm_case') }}
    where target_type = 'annual_change'

),

series as (

    select * from {{ ref('asm_case_series') }}

),

parameters as (

    {{ assessment_parameters() }}

),

shifts as (

    {{ revision_shifts() }}

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
        period_end - period_start + 1 as span_years
    from cases
    cross join parameters

),

-- One change for each year of the span so far. A change that is not published as such is the difference of two years;
-- a promised fall is counted as a positive number, as the plan writes it.
years as (

    select
        gated.assessment_key,
        calendar.year,
        this_year.period_id,
        this_year.maturity_rank,
        case
            when not gated.works_from_level then this_year.value
            when this_year.value is not null and year_before.value is not null
                then (this_year.value - year_before.value) * case when gated.direction = 'decrease' then -1 else 1 end
        end as amount,
        held.assessment_key is not null as is_withheld,
        broken.assessment_key is not null as is_broken
    from gated
    inner join calendar
        on calendar.year between gated.period_start and least(gated.last_complete_year, gated.period_end)
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
    left join (
        select distinct assessment_key, year from series where role = 'before_break'
    ) as broken
        on
            gated.assessment_key = broken.assessment_key
            and (calendar.year = broken.year or (gated.works_from_level and calendar.year = broken.year + 1))

),

sums as (

    select
        assessment_key,
        cast(count(amount) as integer) as n_points,
        cast(count(*) as integer) as n_years,
        count(*) filter (where amount is null and is_withheld) as n_withheld,
        count(*) filter (where amount is null and is_broken) as n_broken,
        max(year) filter (where amount is not null) as actual_year,
        {{ joined_text('period_id', 'year') }} filter (where amount is not null) as periods_present,
        {{ joined_text('cast(year as varchar)', 'year') }} filter (where amount is null) as periods_missing,
        min(maturity_rank) as maturity_rank,
        max(amount) as largest,
        min(amount) as smallest,
        sum(amount) as total
    from years
    group by assessment_key

),

not_comparable as (

    select distinct gated.assessment_key
    from gated
    inner join series
        on
            gated.assessment_key = series.assessment_key
            and series.role = 'not_comparable'
            and series.year between gated.period_start and least(gated.last_complete_year, gated.period_end)

),

measured as (

    select
        gated.*,
        actual.period_id as actual_period_id,
        coalesce(sums.n_points, 0) as n_points,
        sums.periods_present,
        sums.periods_missing,
        sums.total,
        sums.maturity_rank,
        case when gated.sense = -1 then sums.smallest else sums.largest end as best_year_change,
        case
            when gated.gate is not null then gated.gate
            when gated.period_start is null or gated.sense is null then 'NO_TARGET'
            when coalesce(sums.n_points, 0) = 0 and sums.n_withheld > 0 then 'WITHHELD'
            when coalesce(sums.n_points, 0) = 0 and not_comparable.assessment_key is not null then 'NOT_COMPARABLE'
            when coalesce(sums.n_points, 0) = 0 then 'NO_DATA'
            when sums.n_points < sums.n_years and sums.n_broken = sums.n_years - sums.n_points then 'BREAK'
            when sums.n_points < sums.n_years and sums.n_withheld = sums.n_years - sums.n_points then 'WITHHELD'
            when sums.n_points < sums.n_years then 'INCOMPLETE_SUM'
        end as sum_reason
    from gated
    left join sums
        on gated.assessment_key = sums.assessment_key
    left join years as actual
        on sums.assessment_key = actual.assessment_key and sums.actual_year = actual.year
    left join not_comparable
        on gated.assessment_key = not_comparable.assessment_key

),

-- Each case as it is (shift 0) and, where a typical revision is known, with its last year moved by one to either side.
shifted as (

    select
        measured.*,
        shifts.shift,
        {{ moved_value('measured.total') }} as moved_total
    from measured
    cross join shifts
    where shifts.shift = 0 or (measured.sum_reason is null and measured.typical_revision > 0)

),

averaged as (

    select
        *,
        cast(figure as double) as goal,
        case when gate is null and n_points > 0 then cast(moved_total as double) / n_points end as average_to_date,
        -- A promise about every year of a span is judged when the span is over.
        coalesce(sum_reason, case when not is_over then 'NOT_DUE' end) as reason_code,
        case
            when gate is not null then gate
            when is_over then 'TARGET_YEAR_OVER'
            when sum_reason is not null then sum_reason
            -- Part of a promised change is a pace only where more of it is better.
            when sense = -1 or figure <= 0 then 'NO_TARGET'
            when n_points < span_points then 'TOO_FEW'
        end as pace_reason_code
    from shifted

),

stated as (

    select
        *,
        case
            when reason_code is not null then 'not_assessed'
            -- The mean comes with noise in its last digits: 4.5 a year must meet 4.5.
            when {{ meets('round(average_to_date, 10)', 'goal') }} then 'reached'
            else 'not_reached'
        end as level_state,
        case when pace_reason_code is null then average_to_date / goal end as pace,
        case when pace_reason_code is null then {{ pace_band('(average_to_date / goal)') }} else 'not_assessed' end as pace_state
    from averaged

),

sensitivity as (

    select
        assessment_key,
        {{ changes_between_shifts() }} as is_revision_sensitive
    from stated
    group by assessment_key

),

final as (

    select
        stated.assessment_key,
        case when gate is null then actual_period_id end as actual_period_id,
        n_points,
        periods_present,
        periods_missing,
        case when sum_reason is null then goal end as path_value,
        case when sum_reason is null then average_to_date - goal end as gap,
        pace,
        average_to_date,
        case
            when sum_reason is null and n_points < span_years
                then (goal * span_years - cast(total as double)) / (span_years - n_points)
        end as required_per_year,
        case when gate is null then cast(best_year_change as double) end as best_year_change,
        level_state,
        is_over as level_final,
        pace_state,
        reason_code,
        pace_reason_code,
        case when sum_reason is null then abs(average_to_date - goal) end as margin,
        {{ margin_to_band('reason_code is null', 'abs(average_to_date - goal)') }} as margin_to_band,
        {{ band_margin_of('reason_code is null') }} as band_margin_of,
        case when sum_reason is null then sensitivity.is_revision_sensitive end as is_revision_sensitive,
        maturity_rank
    from stated
    inner join sensitivity
        on stated.assessment_key = sensitivity.assessment_key
    where stated.shift = 0

)

select * from final
