with cases as (

    select * from {{ ref('asm_case') }}
    where {{ is_hold_case() }}

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

-- The band to stay in: an end that is null is open. A floor or a ceiling is open on its better side.
gated as (

    select
        *,
        {{ gate_reason() }} as gate,
        {{ target_year_over() }} as is_over,
        {{ graded_figure() }} as figure,
        case
            when target_type = 'hold' then coalesce(value_low, value_high) - tolerance
            when target_type = 'interval' then value_low
            when sense = 1 then {{ graded_figure() }}
        end as band_low,
        case
            when target_type = 'hold' then coalesce(value_high, value_low) + tolerance
            when target_type = 'interval' then value_high
            when sense = -1 then {{ graded_figure() }}
        end as band_high,
        target_type in ('floor', 'ceiling') as is_one_sided
    from cases
    cross join parameters

),

{{ annual_points(held_in_band('series.value', 'gated.')) }},

{{ trend_of('windowed') }},

measured as (

    select
        gated.*,
        latest.period_id as actual_period_id,
        latest.year as actual_year,
        latest.value as actual_value,
        latest.maturity_rank,
        coalesce(points.n_points, 0) as n_points,
        points.periods_present,
        gaps.periods_missing,
        points.first_year_met,
        windowed.first_value,
        windowed.last_value,
        windowed.years,
        case
            when gated.gate is not null then gated.gate
            when gated.is_one_sided and gated.sense is null then 'NO_TARGET'
            when latest.period_id is null and points.has_withheld then 'WITHHELD'
            when latest.period_id is null and points.has_not_comparable then 'NOT_COMPARABLE'
            when latest.period_id is null then 'NO_DATA'
            when not gated.is_over and gated.last_complete_year - latest.year > gated.stale_after_periods then 'STALE'
            -- How far off is still held decides the verdict, so it is declared or there is none.
            when gated.target_type = 'hold' and gated.tolerance is null then 'NO_TARGET'
        end as reason_code
    from gated
    left join latest
        on gated.assessment_key = latest.assessment_key and latest.place = 1
    left join points
        on gated.assessment_key = points.assessment_key
    left join gaps
        on gated.assessment_key = gaps.assessment_key
    left join windowed
        on gated.assessment_key = windowed.assessment_key

),

-- Each case as it is (shift 0) and, where a typical revision is known, with its figure moved by one to either side.
shifted as (

    select
        measured.*,
        shifts.shift,
        {{ moved_value('measured.actual_value') }} as moved_value,
        {{ mean_change('measured') }} as drift
    from measured
    cross join shifts
    where shifts.shift = 0 or (measured.reason_code is null and measured.typical_revision > 0)

),

judged as (

    select
        *,
        coalesce({{ held_in_band('moved_value') }}, false) as is_held,
        case
            when gate is not null then gate
            when is_over then 'TARGET_YEAR_OVER'
            when reason_code is not null then reason_code
            when period_end is null then 'NO_TARGET'
            when n_points < trend_points then 'TOO_FEW'
        end as pace_reason_code,
        {{ carried_on('drift') }} as carried_on
    from shifted

),

stated as (

    select
        *,
        case
            when reason_code is not null then 'not_assessed'
            when is_held and is_one_sided then 'reached'
            when is_held then 'in_band'
            when first_year_met < actual_year then 'lost'
            else 'not_reached'
        end as level_state,
        case
            when pace_reason_code is not null then 'not_assessed'
            when is_held and carried_on >= coalesce(cast(band_low as double), carried_on)
                and carried_on <= coalesce(cast(band_high as double), carried_on)
                then 'on_track'
            when is_held then 'slightly_behind'
            -- Out of the band: below it a rise returns, above it a fall.
            when drift > 0 and moved_value <= coalesce(band_low, moved_value - 1) then 'behind'
            when drift < 0 and moved_value >= coalesce(band_high, moved_value + 1) then 'behind'
            else 'moving_away'
        end as pace_state,
        cast(null as double) as pace
    from judged

),

sensitivity as (

    select
        assessment_key,
        {{ changes_between_shifts() }} as is_revision_sensitive
    from stated
    group by assessment_key

),

margins as (

    select
        *,
        least(
            coalesce(abs(cast(actual_value - band_low as double)), abs(cast(actual_value - band_high as double))),
            coalesce(abs(cast(actual_value - band_high as double)), abs(cast(actual_value - band_low as double)))
        ) as margin
    from stated
    where shift = 0

),

final as (

    select
        margins.assessment_key,
        case when gate is null then actual_period_id end as actual_period_id,
        n_points,
        periods_present,
        periods_missing,
        case when reason_code is null and n_points >= trend_points then drift end as drift_per_year,
        level_state,
        is_over as level_final,
        pace_state,
        reason_code,
        pace_reason_code,
        case when reason_code is null then margin end as margin,
        case when reason_code is null then margin end as margin_to_band,
        case when reason_code is null then 'level' end as band_margin_of,
        case when reason_code is null then sensitivity.is_revision_sensitive end as is_revision_sensitive,
        case when reason_code is null then maturity_rank end as maturity_rank
    from margins
    inner join sensitivity
        on margins.assessment_key = sensitivity.assessment_key

)

select * from final
