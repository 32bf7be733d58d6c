with recursive cases as (

    select * from {{ ref('asm_case') }}
    where target_type = 'cumulative'

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
        period_end - period_start + 1 as span_years,
        least(last_complete_year, period_end) as last_year_due,
        coalesce(is_running_total, false) as holds_earlier_years,
        -- Growth of the yearly amounts (%) that the declared phasing plans with; equal parts are growth of nothing.
        case
            when phasing = 'equal' then 0.0
            when phasing like 'growth:%' then try_cast(split_part(phasing, ':', 2) as double)
        end as phasing_rate
    from cases
    cross join parameters

),

-- The years of the span so far and what is at hand for each.
years as (

    select
        gated.assessment_key,
        calendar.year,
        this_year.period_id,
        this_year.value,
        this_year.maturity_rank,
        held.assessment_key is not null as is_withheld
    from gated
    inner join calendar
        on calendar.year between gated.period_start and gated.last_year_due
    left join series as this_year
        on
            gated.assessment_key = this_year.assessment_key
            and calendar.year = this_year.year
            and this_year.role = 'annual'
    left join (
        select distinct assessment_key, year from series where role = 'withheld'
    ) as held
        on
            gated.assessment_key = held.assessment_key
            and calendar.year = held.year

),

at_hand as (

    select
        assessment_key,
        cast(count(value) as integer) as n_points,
        cast(count(*) as integer) as n_years,
        count(*) filter (where value is null and is_withheld) as n_withheld,
        max(year) filter (where value is not null) as actual_year,
        {{ joined_text('period_id', 'year') }} filter (where value is not null) as periods_present,
        {{ joined_text('cast(year as varchar)', 'year') }} filter (where value is null) as periods_missing,
        min(maturity_rank) as maturity_rank,
        min(value) >= 0 as is_never_negative,
        sum(value) as sum_of_years
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
            and series.year between gated.period_start and gated.last_year_due

),

best_years as (

    select
        this_year.assessment_key,
        100 * (max(cast(this_year.value as double) / cast(year_before.value as double)) - 1) as best_year_growth
    from years as this_year
    inner join years as year_before
        on
            this_year.assessment_key = year_before.assessment_key
            and this_year.year = year_before.year + 1
            and this_year.value > 0
            and year_before.value > 0
    group by this_year.assessment_key

),

measured as (

    select
        gated.*,
        actual.period_id as actual_period_id,
        actual.value as actual_value,
        at_hand.actual_year,
        coalesce(at_hand.n_points, 0) as n_points,
        at_hand.periods_present,
        -- A running total needs no other year than its latest.
        case when not gated.holds_earlier_years or at_hand.actual_year is null then at_hand.periods_missing end as periods_missing,
        at_hand.n_years,
        case when gated.holds_earlier_years then actual.maturity_rank else at_hand.maturity_rank end as maturity_rank,
        at_hand.is_never_negative,
        best_years.best_year_growth,
        case when gated.holds_earlier_years then actual.value else at_hand.sum_of_years end as total,
        -- Years that the total covers.
        case
            when gated.holds_earlier_years then at_hand.actual_year - gated.period_start + 1
            else gated.last_year_due - gated.period_start + 1
        end as years_done,
        case
            when gated.gate is not null then gated.gate
            when gated.period_start is null or gated.sense is null then 'NO_TARGET'
            when coalesce(at_hand.n_points, 0) = 0 and at_hand.n_withheld > 0 then 'WITHHELD'
            when coalesce(at_hand.n_points, 0) = 0 and not_comparable.assessment_key is not null then 'NOT_COMPARABLE'
            when coalesce(at_hand.n_points, 0) = 0 then 'NO_DATA'
            when gated.holds_earlier_years and gated.is_over and at_hand.actual_year < gated.period_end then 'NO_DATA'
            when
                gated.holds_earlier_years and not gated.is_over
                and gated.last_complete_year - at_hand.actual_year > gated.stale_after_periods
                then 'STALE'
            when gated.holds_earlier_years then null
            when at_hand.n_points < at_hand.n_years and at_hand.n_withheld = at_hand.n_years - at_hand.n_points
                then 'WITHHELD'
            when at_hand.n_points < at_hand.n_years then 'INCOMPLETE_SUM'
        end as sum_reason
    from gated
    left join at_hand
        on gated.assessment_key = at_hand.assessment_key
    left join years as actual
        on at_hand.assessment_key = actual.assessment_key and at_hand.actual_year = actual.year
    left join not_comparable
        on gated.assessment_key = not_comparable.assessment_key
    left join best_years
        on gated.assessment_key = best_years.assessment_key

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

judged as (

    select
        *,
        coalesce({{ meets('moved_total', 'figure') }}, false) as is_met,
        cast(moved_total as double) as y,
        cast(figure as double) as goal,
        case
            when gate is not null then gate
            when is_over then 'TARGET_YEAR_OVER'
            when sum_reason is not null then sum_reason
            -- What is left of a total that must not be exceeded has no way that more of it would shorten.
            when phasing_rate is null or phasing_rate <= -100 or sense = -1 or figure <= 0 then 'NO_TARGET'
        end as pace_reason_code
    from shifted

),

leveled as (

    select
        *,
        case
            -- Years that are missing can only add to the sum of those at hand.
            when sense = 1 and is_met and (sum_reason is null or sum_reason in ('INCOMPLETE_SUM', 'WITHHELD'))
                and n_points > 0 and is_never_negative
                then null
            when sum_reason is not null then sum_reason
            when not is_over and not (sense = -1 and not is_met and is_never_negative) then 'NOT_DUE'
        end as reason_code,
        case
            when pace_reason_code is null
                then goal * {{ phased_share('phasing_rate', 'years_done', 'span_years') }}
        end as path_value
    from judged

),

stated as (

    select
        *,
        case
            when reason_code is not null then 'not_assessed'
            when is_met then 'reached'
            else 'not_reached'
        end as level_state,
        case when pace_reason_code is null then y / path_value end as pace,
        case when pace_reason_code is null then {{ pace_band('(y / path_value)') }} else 'not_assessed' end as pace_state
    from leveled

),

sensitivity as (

    select
        assessment_key,
        {{ changes_between_shifts() }} as is_revision_sensitive
    from stated
    group by assessment_key

),

-- The growth of the yearly amounts, from the last one on, that adds up to the rest: bisection, for which the factor lies
-- between nothing and the one that would bring the whole rest in the first year.
rests as (

    select
        assessment_key,
        cast(actual_value as double) as last_amount,
        goal - y as rest,
        span_years - years_done as years_left
    from stated
    where
        shift = 0 and sum_reason is null and not holds_earlier_years and not is_over
        and actual_value > 0 and goal > y and span_years > years_done

),

halved as (

    select
        assessment_key, last_amount, rest, years_left, 0 as step,
        cast(0 as double) as factor_low,
        greatest(1, rest / last_amount) as factor_high
    from rests

    union all

    select
        assessment_key, last_amount, rest, years_left, step + 1,
        case when {{ brings_rest('(factor_low + factor_high) / 2') }} then factor_low else (factor_low + factor_high) / 2 end,
        case when {{ brings_rest('(factor_low + factor_high) / 2') }} then (factor_low + factor_high) / 2 else factor_high end
    from halved
    where step < 60

),

required as (

    select assessment_key, 100 * (factor_high - 1) as required_growth
    from halved
    where step = 60

),

final as (

    select
        stated.assessment_key,
        case when gate is null then actual_period_id end as actual_period_id,
        n_points,
        periods_present,
        periods_missing,
        case when gate is null then y end as total_to_date,
        path_value,
        y - path_value as gap,
        case when sum_reason is null then y / nullif(goal, 0) end as share_of_way,
        pace,
        case
            when sum_reason is null and not is_over and goal > y and years_done < span_years
                then {{ required_change('y', 'goal', 'years_done', 'span_years') }}
        end as required_per_year,
        required.required_growth,
        case when gate is null and not holds_earlier_years then best_year_growth end as best_year_growth,
        level_state,
        is_over as level_final,
        pace_state,
        reason_code,
        pace_reason_code,
        case when reason_code is null or reason_code = 'NOT_DUE' then abs(y - goal) end as margin,
        {{ margin_to_band('reason_code is null', 'abs(y - goal)') }} as margin_to_band,
        {{ band_margin_of('reason_code is null') }} as band_margin_of,
        case when sum_reason is null then sensitivity.is_revision_sensitive end as is_revision_sensitive,
        case when gate is null then maturity_rank end as maturity_rank
    from stated
    inner join sensitivity
        on stated.assessment_key = sensitivity.assessment_key
    left join required
        on stated.assessment_key = required.assessment_key
    where stated.shift = 0

)

select * from final
