with cases as (

    select * from {{ ref('asm_case') }}
    where {{ is_level_case() }}

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

-- What can be said before any figure is looked at.
gated as (

    select
        *,
        {{ gate_reason() }} as gate,
        {{ target_year_over() }} as is_over,
        {{ graded_figure() }} as figure,
        coalesce(value_low <> value_high, false) as is_interval,
        {{ is_exact_case() }} as is_exact
    from cases
    cross join parameters

),

{{ annual_points('coalesce(' ~ reaches('series.value', 'gated.') ~ ', false)') }},

{{ trend_of('windowed') }},

-- What a figure has done since it met the target: the way up to it says nothing of whether it stays.
{{ trend_of('windowed_since_met', 'first_year_met') }},

base as (

    select
        gated.assessment_key,
        series.role as base_role,
        case when series.role = 'annual' then series.period_id end as base_period_id,
        case when series.role = 'annual' then series.year end as base_year,
        case when series.role = 'annual' then series.value end as base_value
    from gated
    inner join series
        on
            gated.assessment_key = series.assessment_key
            and gated.base_period = series.period_id
            and series.role in ('annual', 'before_break', 'withheld', 'not_comparable')

),

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
        best_years.best_year_change,
        best_years.best_year_growth,
        base.base_role,
        base.base_period_id,
        base.base_year,
        base.base_value,
        windowed.first_value,
        windowed.last_value,
        windowed.years,
        windowed_since_met.first_value as first_value_since_met,
        windowed_since_met.last_value as last_value_since_met,
        windowed_since_met.years as years_since_met,
        windowed_since_met.n_window_points as n_points_since_met,
        case
            when gated.gate is not null then gated.gate
            when gated.figure is null then 'NO_TARGET'
            when latest.period_id is null and points.has_withheld then 'WITHHELD'
            when latest.period_id is null and points.has_not_comparable then 'NOT_COMPARABLE'
            when latest.period_id is null then 'NO_DATA'
            -- Neither side is the better one and no band says how near is near enough.
            when gated.sense is null and not gated.is_exact then 'NO_TARGET'
            when not gated.is_over and gated.last_complete_year - latest.year > gated.stale_after_periods then 'STALE'
        end as reason_code
    from gated
    left join latest
        on gated.assessment_key = latest.assessment_key and latest.place = 1
    left join points
        on gated.assessment_key = points.assessment_key
    left join gaps
        on gated.assessment_key = gaps.assessment_key
    left join best_years
        on gated.assessment_key = best_years.assessment_key
    left join base
        on gated.assessment_key = base.assessment_key
    left join windowed
        on gated.assessment_key = windowed.assessment_key
    left join windowed_since_met
        on gated.assessment_key = windowed_since_met.assessment_key

),

-- Each case as it is (shift 0) and, where a typical revision is known, with its figure moved by one to either side.
shifted as (

    select
        measured.*,
        shifts.shift,
        {{ moved_value('measured.actual_value') }} as moved_value,
        -- To an exact figure the way leads from wherever the base lies.
        coalesce(
            measured.sense,
            case when measured.is_exact and not measured.is_interval then sign(measured.figure - measured.base_value) end
        ) as way,
        {{ mean_change('measured') }} as drift,
        {{ mean_change('measured', '_since_met') }} as drift_since_met
    from measured
    cross join shifts
    where shifts.shift = 0 or (measured.reason_code is null and measured.typical_revision > 0)

),

-- Without a way to go there is no share of it: the base meets the target already, or lies no further from it than a
-- figure is usually revised. Such a target asks for staying, and is judged by drift.
guarded as (

    select
        *,
        coalesce(reason_code is null and way * (figure - base_value) <= 0, false) as is_met_at_base,
        coalesce(
            reason_code is null and way * (figure - base_value) > 0 and abs(figure - base_value) < typical_revision,
            false
        ) as is_within_noise
    from shifted

),

judged as (

    select
        *,
        case
            when reason_code is not null then 'not_assessed'
            when {{ reaches('moved_value') }}
                then
                    case
                        when is_interval and sense = 1 and moved_value > value_high then 'above_range'
                        when is_interval and sense = -1 and moved_value < value_low then 'reached'
                        when is_interval then 'in_band'
                        else 'reached'
                    end
            when first_year_met < actual_year then 'lost'
            else 'not_reached'
        end as level_state,
        case
            when gate is not null then gate
            when is_over then 'TARGET_YEAR_OVER'
            when reason_code is not null then reason_code
            -- A target that is to be met by one step has no path of years.
            when trajectory = 'stepwise' then 'NO_TARGET'
            when base_period is not null and base_role = 'before_break' then 'BREAK'
            when base_period is not null and base_role = 'withheld' then 'WITHHELD'
            when base_period is not null and base_role = 'not_comparable' then 'NOT_COMPARABLE'
            when base_period is null or base_value is null then 'NO_BASE'
            when trajectory is null and not (is_met_at_base or is_within_noise) then 'NO_TARGET'
            when actual_year <= base_year then 'TOO_FEW'
            when period_end is null or period_end <= base_year then 'NOT_COMPARABLE'
            when way is null then 'NO_TARGET'
            when (is_met_at_base or is_within_noise) and n_points < trend_points then 'TOO_FEW'
        end as pace_reason_code,
        is_met_at_base or is_within_noise as is_kept,
        coalesce({{ reaches('moved_value') }}, false) as is_reached,
        {{ carried_on('drift') }} as carried_on,
        case when n_points_since_met >= trend_points then {{ carried_on('drift_since_met') }} end as carried_on_since_met,
        cast(moved_value as double) as y,
        cast(base_value as double) as y0,
        cast(figure as double) as goal,
        cast(interim_value as double) as interim,
        -- An interim value bends the path only where it lies on the way.
        coalesce(
            interim_year > base_year and interim_year < period_end
            and way * (interim_value - base_value) > 0 and way * (figure - interim_value) >= 0,
            false
        ) as has_interim
    from guarded

),

-- Equal growth has no meaning through zero, nor from a handful, and the logistic curve none beyond 0 and 100: such cases
-- take the straight path.
shaped as (

    select
        *,
        case
            when
                trajectory = 'compound' and y0 > 0 and y > 0 and goal > 0
                and not (target_type = 'count' and y0 < small_count_base)
                then 'compound'
            when trajectory = 'logit' and least(y0, y, goal) > 0 and greatest(y0, y, goal) < 100 then 'logit'
            else 'linear'
        end as shape,
        -- A target that is met and that its figure is leaving again, at the rate at which it has changed since.
        coalesce(
            reason_code is null and not is_kept and not is_over and sense is not null and is_reached
            and not {{ reaches('carried_on_since_met') }},
            false
        ) as is_worsening
    from judged

),

scaled as (

    select
        *,
        {{ on_scale('y', 'shape') }} as scale_y,
        {{ on_scale('y0', 'shape') }} as scale_y0,
        {{ on_scale('goal', 'shape') }} as scale_goal,
        case when has_interim then {{ on_scale('interim', 'shape') }} end as scale_interim
    from shaped
    where pace_reason_code is null and not is_kept

),

-- On its scale every path is a straight line, bent at an interim value.
pathed as (

    select
        assessment_key,
        shift,
        shape,
        scale_y,
        scale_y0,
        case
            when has_interim and actual_year <= interim_year
                then {{ path_linear('scale_y0', 'scale_interim', 'base_year', 'actual_year', 'interim_year') }}
            when has_interim
                then {{ path_linear('scale_interim', 'scale_goal', 'interim_year', 'actual_year', 'period_end') }}
            else {{ path_linear('scale_y0', 'scale_goal', 'base_year', 'actual_year', 'period_end') }}
        end as scale_path
    from scaled

),

paced as (

    select
        shaped.*,
        {{ off_scale('pathed.scale_path', 'pathed.shape') }} as exact_path,
        {{ pace_on_path('pathed.scale_y0', 'pathed.scale_y', 'pathed.scale_path') }} as pace
    from shaped
    left join pathed
        on shaped.assessment_key = pathed.assessment_key and shaped.shift = pathed.shift

),

stated as (

    select
        *,
        case when target_type = 'count' then round(exact_path) else exact_path end as path_value,
        case
            when pace_reason_code is not null then 'not_assessed'
            when is_kept and is_reached and {{ reaches('carried_on') }} then 'on_track'
            when is_kept and is_reached then 'slightly_behind'
            when is_kept and drift * coalesce(sense, cast(sign(goal - y) as integer)) > 0 then 'behind'
            when is_kept then 'moving_away'
            when is_worsening then 'slightly_behind'
            when target_type = 'count' and abs(goal - y0) < small_count and abs(y - round(exact_path)) <= 1 then 'on_track'
            else {{ pace_band('pace') }}
        end as pace_state
    from paced

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
        case when reason_code is null then actual_period_id end as actual_period_id,
        base_period_id,
        base_value,
        n_points,
        periods_present,
        periods_missing,
        path_value,
        y - path_value as gap,
        case when pace_reason_code is null and not is_kept then {{ share_of_way('y0', 'y', 'goal') }} end as share_of_way,
        pace,
        case
            when is_kept and pace_reason_code is null then drift
            when is_worsening then drift_since_met
        end as drift_per_year,
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
        case when reason_code is null and trajectory = 'compound' then best_year_growth end as best_year_growth,
        case when reason_code is null then best_year_change end as best_year_change,
        level_state,
        is_over as level_final,
        pace_state,
        reason_code,
        pace_reason_code,
        case when reason_code is null then abs(y - goal) end as margin,
        {{ margin_to_band('reason_code is null', 'abs(y - goal)', 'not is_worsening') }} as margin_to_band,
        {{ band_margin_of('reason_code is null', 'not is_worsening') }} as band_margin_of,
        case when reason_code is null then sensitivity.is_revision_sensitive end as is_revision_sensitive,
        case when reason_code is null then maturity_rank end as maturity_rank,
        case
            when is_met_at_base then 'met_at_base'
            when is_within_noise then 'target_within_noise'
            when is_worsening then 'reached_and_worsening'
            when pace_reason_code is null and trajectory <> shape then 'straight_path_taken'
        end as note
    from stated
    inner join sensitivity
        on stated.assessment_key = sensitivity.assessment_key
    where stated.shift = 0

)

select * from final
