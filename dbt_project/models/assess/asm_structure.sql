-- A structure is one promise in several rows: its parts are judged together as a vector, and every part carries the verdict.
with parts as (

    select
        *,
        case
            when group_id is null then assessment_key
            else {{ key_of(["coalesce(plan_version, '')", "coalesce(area_id, '')", 'group_id', 'coalesce(period_end, 0)']) }}
        end as structure_key
    from {{ ref('asm_case') }}
    where target_type = 'structure'

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

gated as (

    select
        *,
        {{ gate_reason() }} as gate,
        {{ target_year_over() }} as is_over,
        coalesce(value_low, value_high) as goal
    from parts
    cross join parameters

),

-- What the parts promise together. The figures of a table are rounded alike, so the finest tells how.
structures as (

    select
        structure_key,
        count(*) as n_parts,
        min(gate) as gate,
        bool_or(is_over) as is_over,
        min(period_start) as period_start,
        min(period_end) as period_end,
        min(last_complete_year) as last_complete_year,
        min(stale_after_periods) as stale_after_periods,
        min(structure_rounding) as structure_rounding,
        min(trend_points) as trend_points,
        min(trend_window) as trend_window,
        min(band_on_track) as band_on_track,
        min(band_slightly_behind) as band_slightly_behind,
        min(band_behind) as band_behind,
        count(distinct coalesce(base_period, '')) as n_bases,
        count(distinct coalesce(trajectory, '')) as n_trajectories,
        min(base_period) as base_period,
        min(trajectory) as trajectory,
        max({{ decimals_of(plain_text('goal')) }}) as decimals,
        sum(goal) as sum_of_goals,
        coalesce(sum(tolerance), 0) as sum_of_tolerances,
        count(*) - count(tolerance) as n_rounded_parts,
        -- A revision of every part at once moves the distance by at most half of their sum.
        0.5 * sum(typical_revision) as typical_revision
    from gated
    group by structure_key

),

-- What is at hand for the parts in each year, whole or not.
years as (

    select
        gated.structure_key,
        series.year,
        count(*) filter (where series.role = 'annual') as n_annual,
        count(distinct series.source_id) filter (where series.role = 'annual') as n_sources,
        sum(series.value) filter (where series.role = 'annual') as sum_of_values,
        0.5 * {{ ordered_sum("case when series.role = 'annual' then cast(abs(series.value - gated.goal) as double) end", 'gated.target_id') }}
            as distance,
        bool_and(
            series.role <> 'annual'
            or abs(series.value - gated.goal)
            <= coalesce(gated.tolerance, cast(0.5 * power(10.0, -structures.decimals) as decimal(38, 15)))
        ) as is_met,
        min(series.maturity_rank) filter (where series.role = 'annual') as maturity_rank,
        count(*) filter (where series.role = 'withheld') as n_withheld,
        count(*) filter (where series.role = 'not_comparable') as n_not_comparable,
        count(*) filter (where series.role = 'before_break') as n_before_break
    from gated
    inner join structures
        on gated.structure_key = structures.structure_key
    inner join series
        on
            gated.assessment_key = series.assessment_key
            and series.role in ('annual', 'withheld', 'not_comparable', 'before_break')
    group by gated.structure_key, series.year

),

-- A vector is a year in which one source gives every part, and the parts are the whole.
placed as (

    select
        years.*,
        years.n_annual = structures.n_parts as is_complete,
        years.n_annual = structures.n_parts
        and years.n_sources <= 1
        and abs(years.sum_of_values - 100) <= structures.structure_rounding * structures.n_parts as is_vector,
        not structures.is_over or years.year = structures.period_end as is_current,
        years.year >= coalesce(structures.period_start, years.year) as is_in_span
    from years
    inner join structures
        on years.structure_key = structures.structure_key

),

summed as (

    select
        structure_key,
        cast(count(*) filter (where is_vector and is_in_span) as integer) as n_points,
        max(year) filter (where is_vector and is_in_span and is_current) as actual_year,
        min(year) filter (where is_vector and is_in_span and is_met) as first_year_met,
        count(*) filter (where is_complete and not is_vector and is_current) > 0 as has_wrong_vector,
        count(*) filter (where n_not_comparable > 0 and is_current) > 0 as has_not_comparable,
        count(*) filter (where n_withheld > 0 and is_current) > 0 as has_withheld,
        {{ joined_text('cast(year as varchar)', 'year') }} filter (where is_vector and is_in_span) as periods_present,
        {{ joined_text('cast(year as varchar)', 'year') }} filter (where not is_vector and is_in_span) as periods_missing
    from placed
    group by structure_key

),

-- How the distance has changed over the latest vectors: what a structure that was met at its base is paced by.
drifts as (

    select
        recent.structure_key,
        ({{ first_in_order('recent.distance', 'recent.year desc') }} - {{ first_in_order('recent.distance', 'recent.year') }})
        / nullif(max(recent.year) - min(recent.year), 0) as drift
    from (
        select *, row_number() over (partition by structure_key order by year desc) as place
        from placed
        where is_vector and is_in_span
    ) as recent
    inner join structures
        on recent.structure_key = structures.structure_key and recent.place <= structures.trend_window
    group by recent.structure_key

),

-- The base year of the structure: that of the base period of its first part.
base_years as (

    select
        gated.structure_key,
        min(series.year) as base_year
    from gated
    inner join series
        on gated.assessment_key = series.assessment_key and gated.base_period = series.period_id
    group by gated.structure_key

),

measured as (

    select
        structures.*,
        coalesce(summed.n_points, 0) as n_points,
        summed.actual_year,
        summed.first_year_met,
        summed.periods_present,
        summed.periods_missing,
        actual.distance,
        actual.is_met,
        actual.maturity_rank,
        base_years.base_year,
        drifts.drift,
        -- Half the sum of the distances at which each part still counts as met.
        0.5 * cast(structures.sum_of_tolerances as double)
        + 0.25 * structures.n_rounded_parts * power(10.0, -structures.decimals) as band,
        case when base.is_vector then base.distance end as base_distance,
        coalesce(base.is_vector and base.is_met, false) as is_base_met,
        coalesce(base.n_before_break > 0, false) as is_base_before_break,
        case
            when structures.gate is not null then structures.gate
            -- Parts of one structure with one base, one path and a whole between them; else it is no structure.
            when structures.n_bases > 1 or structures.n_trajectories > 1 then 'NOT_COMPARABLE'
            when abs(structures.sum_of_goals - 100) > structures.structure_rounding * structures.n_parts then 'NOT_COMPARABLE'
            when summed.actual_year is null and summed.has_wrong_vector then 'NOT_COMPARABLE'
            when summed.actual_year is null and summed.has_withheld then 'WITHHELD'
            when summed.actual_year is null and summed.has_not_comparable then 'NOT_COMPARABLE'
            when summed.actual_year is null then 'NO_DATA'
            when
                not structures.is_over
                and structures.last_complete_year - summed.actual_year > structures.stale_after_periods
                then 'STALE'
        end as reason_code
    from structures
    left join summed
        on structures.structure_key = summed.structure_key
    left join placed as actual
        on summed.structure_key = actual.structure_key and summed.actual_year = actual.year
    left join base_years
        on structures.structure_key = base_years.structure_key
    left join drifts
        on structures.structure_key = drifts.structure_key
    left join placed as base
        on base_years.structure_key = base.structure_key and base_years.base_year = base.year

),

shifted as (

    select
        measured.*,
        shifts.shift,
        case
            when shifts.shift = 0 then measured.distance
            else greatest(0, measured.distance + shifts.shift * measured.typical_revision)
        end as moved_distance
    from measured
    cross join shifts
    where shifts.shift = 0 or (measured.reason_code is null and measured.typical_revision > 0)

),

judged as (

    select
        *,
        case
            when reason_code is not null then 'not_assessed'
            when is_met then 'reached'
            when first_year_met < actual_year then 'lost'
            else 'not_reached'
        end as level_state,
        case
            when gate is not null then gate
            when is_over then 'TARGET_YEAR_OVER'
            when reason_code is not null then reason_code
            when trajectory = 'stepwise' then 'NO_TARGET'
            when base_period is not null and is_base_before_break then 'BREAK'
            when base_period is null or base_distance is null then 'NO_BASE'
            when trajectory is null and not is_base_met then 'NO_TARGET'
            when actual_year <= base_year then 'TOO_FEW'
            when period_end is null or period_end <= base_year then 'NOT_COMPARABLE'
            when is_base_met and n_points < trend_points then 'TOO_FEW'
        end as pace_reason_code,
        reason_code is null and is_base_met as is_met_at_base,
        (actual_year - base_year) / cast(period_end - base_year as double) as part_of_time
    from shifted

),

paced as (

    select
        *,
        case when pace_reason_code is null and not is_met_at_base then 1 - moved_distance / base_distance end as progress,
        case
            when pace_reason_code is null and not is_met_at_base then (1 - moved_distance / base_distance) / part_of_time
        end as pace
    from judged

),

stated as (

    select
        *,
        case
            when pace_reason_code is not null then 'not_assessed'
            when is_met_at_base and is_met and round(distance + drift * (period_end - actual_year), 12) <= band then 'on_track'
            when is_met_at_base and is_met then 'slightly_behind'
            when is_met_at_base and drift < 0 then 'behind'
            when is_met_at_base then 'moving_away'
            else {{ pace_band('pace') }}
        end as pace_state
    from paced

),

sensitivity as (

    select
        structure_key,
        {{ changes_between_shifts() }} as is_revision_sensitive
    from stated
    group by structure_key

),

verdicts as (

    select
        stated.*,
        sensitivity.is_revision_sensitive,
        {{ margin_to_band('reason_code is null', 'distance') }} as margin_to_band,
        {{ band_margin_of('reason_code is null') }} as band_margin_of
    from stated
    inner join sensitivity
        on stated.structure_key = sensitivity.structure_key
    where stated.shift = 0

),

final as (

    select
        gated.assessment_key,
        case when verdicts.gate is null then actual.period_id end as actual_period_id,
        case when verdicts.base_distance is not null then base.period_id end as base_period_id,
        case when verdicts.base_distance is not null then base.value end as base_value,
        verdicts.n_points,
        verdicts.periods_present,
        verdicts.periods_missing,
        -- The part's own straight path; the parts of straight paths stay a whole.
        case
            when verdicts.pace_reason_code is null
                then {{ path_linear('cast(base.value as double)', 'cast(gated.goal as double)', 'verdicts.base_year', 'verdicts.actual_year', 'verdicts.period_end') }}
        end as path_value,
        case
            when verdicts.pace_reason_code is null
                then cast(actual.value as double)
                    - {{ path_linear('cast(base.value as double)', 'cast(gated.goal as double)', 'verdicts.base_year', 'verdicts.actual_year', 'verdicts.period_end') }}
        end as gap,
        verdicts.progress as share_of_way,
        verdicts.pace,
        -- Points that have to move a year between the parts.
        case
            when
                verdicts.level_state in ('not_reached', 'lost') and not verdicts.is_over
                and verdicts.period_end > verdicts.actual_year
                then verdicts.distance / (verdicts.period_end - verdicts.actual_year)
        end as required_per_year,
        case when verdicts.reason_code is null then verdicts.distance end as structure_distance,
        verdicts.base_distance as structure_base_distance,
        case when verdicts.is_met_at_base and verdicts.pace_reason_code is null then verdicts.drift end as drift_per_year,
        verdicts.level_state,
        verdicts.is_over as level_final,
        verdicts.pace_state,
        verdicts.reason_code,
        verdicts.pace_reason_code,
        case when verdicts.reason_code is null then verdicts.distance end as margin,
        verdicts.margin_to_band,
        verdicts.band_margin_of,
        case when verdicts.reason_code is null then verdicts.is_revision_sensitive end as is_revision_sensitive,
        case when verdicts.reason_code is null then verdicts.maturity_rank end as maturity_rank,
        case
            when verdicts.is_met_at_base then 'met_at_base'
            when verdicts.pace_reason_code is null and verdicts.trajectory <> 'linear' then 'straight_path_taken'
        end as note
    from gated
    inner join verdicts
        on gated.structure_key = verdicts.structure_key
    left join series as actual
        on
            gated.assessment_key = actual.assessment_key
            and verdicts.actual_year = actual.year
            and actual.role = 'annual'
    left join series as base
        on
            gated.assessment_key = base.assessment_key
            and verdicts.base_year = base.year
            and base.role = 'annual'

)

select * from final
