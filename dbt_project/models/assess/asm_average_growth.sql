with cases as (

    select * from {{ ref('asm_case') }}
    where target_type = 'average_growth'

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
        cast({{ graded_figure() }} as double) as rate,
        period_end - period_start + 1 as span_years,
        -- Growth is chained to the last complete year, at most to the end of the span.
        least(last_complete_year, period_end) as chain_end
    from cases
    cross join parameters

),

-- The years of a chain and what is at hand for each. A level needs the year before the first as well.
years as (

    select
        gated.assessment_key,
        gated.works_from_level,
        calendar.year,
        calendar.year = gated.period_start - 1 as is_base,
        series.period_id,
        series.value,
        series.maturity_rank,
        exists (
            select 1
            from series as held
            where
                held.assessment_key = gated.assessment_key
                and held.role = 'withheld'
                and held.period_type = 'year'
                and held.year = calendar.year
        ) as is_withheld,
        exists (
            select 1
            from series as broken
            where
                broken.assessment_key = gated.assessment_key
                and broken.role = 'before_break'
                and broken.year = calendar.year
        ) as is_before_break
    from gated
    inner join calendar
        on calendar.year between
            gated.period_start - case when gated.works_from_level then 1 else 0 end
            and gated.chain_end
    left join series
        on
            gated.assessment_key = series.assessment_key
            and calendar.year = series.year
            and series.role = 'annual'
            and series.period_type = 'year'

),

at_hand as (

    select
        assessment_key,
        cast(count(period_id) filter (where not is_base) as integer) as n_points,
        {{ joined_text('period_id', 'year') }} filter (where period_id is not null) as periods_present,
        {{ joined_text('cast(year as varchar)', 'year') }} filter (where period_id is null) as periods_missing,
        count(*) filter (where period_id is null and not is_base) as n_missing,
        count(*) filter (where period_id is null and is_withheld) as n_withheld,
        count(*) filter (where period_id is null and is_before_break) as n_before_break,
        count(*) filter (where is_base and is_before_break) > 0 as is_base_before_break,
        max(year) filter (where period_id is not null and not is_base) as actual_year,
        min(maturity_rank) as maturity_rank,
        -- Of growth rates; a fall of the whole (-100 %) ends a chain.
        {{ ordered_sum('case when value > -100 and not works_from_level then ' ~ log_factor('cast(value as double)') ~ ' end', 'year') }}
            as log_of_rates,
        count(*) filter (where value <= -100 and not works_from_level) as n_unchainable
    from years
    group by assessment_key

),

-- The highest (of a promised fall the lowest) growth that one year has brought: what a required growth is held against.
yearly_growths as (

    select
        years.assessment_key,
        years.year,
        case
            when not years.works_from_level and not years.is_base then cast(years.value as double)
            when years.works_from_level and years.value > 0 and year_before.value > 0
                then 100 * (cast(years.value as double) / cast(year_before.value as double) - 1)
        end as growth
    from years
    left join years as year_before
        on years.assessment_key = year_before.assessment_key and years.year = year_before.year + 1

),

best_years as (

    select
        gated.assessment_key,
        max(gated.sense * yearly_growths.growth) * max(gated.sense) as best_year_growth
    from gated
    inner join yearly_growths
        on gated.assessment_key = yearly_growths.assessment_key
    group by gated.assessment_key

),

not_comparable as (

    select gated.assessment_key, count(*) as n_not_comparable
    from gated
    inner join series
        on
            gated.assessment_key = series.assessment_key
            and series.role = 'not_comparable'
            and series.year between gated.period_start and gated.chain_end
    group by gated.assessment_key

),

ends as (

    select
        at_hand.assessment_key,
        actual.period_id as actual_period_id,
        cast(actual.value as double) as actual_value,
        base.period_id as base_period_id,
        base.value as base_value
    from at_hand
    left join years as actual
        on at_hand.assessment_key = actual.assessment_key and at_hand.actual_year = actual.year
    left join years as base
        on at_hand.assessment_key = base.assessment_key and base.is_base

),

-- Published averages that begin with the span; the longest is used.
averages as (

    select
        gated.assessment_key,
        series.period_id as published_average_period_id,
        cast(series.value as double) as published_average,
        series.last_year - series.year + 1 as published_years,
        series.maturity_rank as published_maturity_rank,
        row_number() over (
            partition by gated.assessment_key
            order by series.last_year desc, series.period_id
        ) as place
    from gated
    inner join series
        on
            gated.assessment_key = series.assessment_key
            and series.role = 'published_average'
            and gated.period_start = series.year
            and series.last_year <= gated.period_end
            and series.end_date <= gated.cut_off
            and series.value > -100

),

chained as (

    select
        gated.*,
        ends.actual_period_id,
        ends.actual_value,
        at_hand.actual_year,
        best_years.best_year_growth,
        ends.base_period_id,
        ends.base_value,
        coalesce(at_hand.n_points, 0) as n_points,
        at_hand.periods_present,
        at_hand.periods_missing,
        at_hand.maturity_rank,
        averages.published_average_period_id,
        averages.published_average,
        averages.published_years,
        averages.published_maturity_rank,
        case
            when gated.gate is not null then gated.gate
            when gated.period_end is null then 'NO_TARGET'
            -- The year that growth is counted from is the base.
            when gated.period_start is null then 'NO_BASE'
            when gated.figure <= -100 or gated.figure = 0 or gated.sense is null then 'NO_TARGET'
            when coalesce(at_hand.n_points, 0) = 0 and at_hand.n_withheld > 0 then 'WITHHELD'
            when coalesce(at_hand.n_points, 0) = 0 and not_comparable.n_not_comparable > 0 then 'NOT_COMPARABLE'
            when coalesce(at_hand.n_points, 0) = 0 then 'NO_DATA'
            when gated.works_from_level and ends.base_value is null and at_hand.is_base_before_break then 'BREAK'
            when gated.works_from_level and (ends.base_value is null or ends.base_value <= 0) then 'NO_BASE'
            when gated.works_from_level and ends.actual_value <= 0 then 'NOT_COMPARABLE'
            when gated.works_from_level and gated.is_over and at_hand.actual_year < gated.period_end then 'NO_DATA'
            when
                gated.works_from_level and gated.last_complete_year - at_hand.actual_year > gated.stale_after_periods
                and not gated.is_over
                then 'STALE'
            when not gated.works_from_level and at_hand.n_unchainable > 0 then 'NOT_COMPARABLE'
            when not gated.works_from_level and at_hand.n_missing > 0 and at_hand.n_before_break = at_hand.n_missing
                then 'BREAK'
            when not gated.works_from_level and at_hand.n_missing > 0 and at_hand.n_withheld = at_hand.n_missing
                then 'WITHHELD'
            when not gated.works_from_level and at_hand.n_missing > 0 then 'INCOMPLETE_SUM'
        end as chain_reason,
        case
            when gated.works_from_level and ends.base_value > 0 and ends.actual_value > 0
                then ln(ends.actual_value / cast(ends.base_value as double))
            when not gated.works_from_level and at_hand.n_unchainable = 0 then at_hand.log_of_rates
        end as log_index_as_is,
        -- Growth years behind the index: from the base for a level, the years at hand for rates.
        case when gated.works_from_level then at_hand.actual_year - gated.period_start + 1 else at_hand.n_points end
            as years_done
    from gated
    left join at_hand
        on gated.assessment_key = at_hand.assessment_key
    left join ends
        on gated.assessment_key = ends.assessment_key
    left join not_comparable
        on gated.assessment_key = not_comparable.assessment_key
    left join best_years
        on gated.assessment_key = best_years.assessment_key
    left join averages
        on gated.assessment_key = averages.assessment_key and averages.place = 1

),

-- A span that is over and whose years are not all at hand is judged on the average that was published for just that span.
resolved as (

    select
        *,
        coalesce(
            is_over
            and published_years = span_years
            and chain_reason in ('INCOMPLETE_SUM', 'NO_DATA', 'WITHHELD', 'BREAK', 'NO_BASE'),
            false
        ) as is_from_published
    from chained

),

-- Each case as it is (shift 0) and, where a typical revision is known, with its last year moved by one to either side.
shifted as (

    select
        resolved.*,
        shifts.shift,
        case
            when shifts.shift = 0 or resolved.log_index_as_is is null then resolved.log_index_as_is
            when resolved.works_from_level and resolved.actual_value + shifts.shift * resolved.typical_revision > 0
                then resolved.log_index_as_is + ln((resolved.actual_value + shifts.shift * resolved.typical_revision) / resolved.actual_value)
            when not resolved.works_from_level and resolved.actual_value + shifts.shift * resolved.typical_revision > -100
                then resolved.log_index_as_is
                    + {{ log_factor('(resolved.actual_value + shifts.shift * resolved.typical_revision)') }}
                    - {{ log_factor('resolved.actual_value') }}
        end as log_index
    from resolved
    cross join shifts
    where shifts.shift = 0 or (resolved.chain_reason is null and resolved.typical_revision > 0)

),

averaged as (

    select
        *,
        case
            when is_from_published then published_average
            when gate is null and years_done > 0 then {{ average_growth('log_index', 'years_done') }}
        end as average_to_date,
        case when chain_reason is null then {{ pace_of_growth('log_index', 'years_done', 'rate') }} end as pace,
        case when chain_reason is null then {{ level_against_path('log_index', 'years_done', 'rate') }} end as level_shortfall,
        -- A level is a verdict on the whole span; until it is over the pace speaks.
        case
            when not is_from_published then coalesce(chain_reason, case when not is_over then 'NOT_DUE' end)
        end as reason_code,
        case
            when gate is not null then gate
            when is_over then 'TARGET_YEAR_OVER'
            when chain_reason is not null then chain_reason
            -- A single year is shown and not graded on its own.
            when years_done < span_points then 'TOO_FEW'
        end as pace_reason_code
    from shifted

),

stated as (

    select
        *,
        case
            when reason_code is not null then 'not_assessed'
            -- The mean comes back from logarithms with noise in its last digits: 10 % a year must meet 10 %.
            when {{ meets('round(average_to_date, 10)', 'rate') }} then 'reached'
            else 'not_reached'
        end as level_state,
        case when pace_reason_code is null then {{ pace_band('pace') }} else 'not_assessed' end as pace_state
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
        case
            when is_from_published then published_average_period_id
            when gate is null then actual_period_id
        end as actual_period_id,
        base_period_id,
        base_value,
        n_points,
        periods_present,
        periods_missing,
        case when chain_reason is null or is_from_published then rate end as path_value,
        case when chain_reason is null or is_from_published then average_to_date - rate end as gap,
        case when pace_reason_code is null then pace end as pace,
        average_to_date,
        case
            when chain_reason is null and years_done < span_years
                then {{ required_growth_of_rest('log_index', 'years_done', 'rate', 'span_years') }}
        end as required_growth,
        case when gate is null then best_year_growth end as best_year_growth,
        level_shortfall,
        case when gate is null then published_average_period_id end as published_average_period_id,
        case
            when gate is null and not is_over and published_years < span_years
                then {{ required_growth_of_rest('published_years * ' ~ log_factor('published_average'), 'published_years', 'rate', 'span_years') }}
        end as required_growth_from_published,
        level_state,
        is_over as level_final,
        pace_state,
        reason_code,
        pace_reason_code,
        abs(average_to_date - rate) as margin,
        {{ margin_to_band('reason_code is null', 'abs(average_to_date - rate)') }} as margin_to_band,
        {{ band_margin_of('reason_code is null') }} as band_margin_of,
        case when chain_reason is null then sensitivity.is_revision_sensitive end as is_revision_sensitive,
        case when is_from_published then published_maturity_rank else maturity_rank end as maturity_rank,
        case when is_from_published then 'published_average_used' end as note
    from stated
    inner join sensitivity
        on stated.assessment_key = sensitivity.assessment_key
    where stated.shift = 0

)

select * from final
