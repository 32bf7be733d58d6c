-- A random walk with drift over the comparable points of a case, on the scale of its path.
with cases as (

    select * from {{ ref('asm_case') }}
    where target_type <> 'rank' and ({{ is_level_case() }} or {{ is_hold_case() }})

),

series as (

    select * from {{ ref('asm_case_series') }}

),

parameters as (

    {{ assessment_parameters() }}

),

gated as (

    select
        *,
        {{ graded_figure() }} as figure,
        {{ target_year_over() }} as is_over
    from cases
    cross join parameters
    where {{ gate_reason() }} is null

),

points as (

    select
        gated.assessment_key,
        series.year,
        cast(series.value as double) as y,
        gated.trajectory = 'compound' and min(series.value) over (partition by gated.assessment_key) > 0 as fits_compound,
        gated.trajectory = 'logit'
        and min(series.value) over (partition by gated.assessment_key) > 0
        and max(series.value) over (partition by gated.assessment_key) < 100 as fits_logit,
        count(*) over (partition by gated.assessment_key) as n_points
    from gated
    inner join series
        on
            gated.assessment_key = series.assessment_key
            and series.role = 'annual'
            and series.year >= coalesce(gated.period_start, series.year)
    where not gated.is_over

),

shaped as (

    select
        points.*,
        case when points.fits_compound then 'compound' when points.fits_logit then 'logit' else 'linear' end as shape
    from points
    cross join parameters
    where points.n_points >= parameters.projection_points

),

scaled as (

    select
        *,
        {{ on_scale('y', 'shape') }} as z
    from shaped

),

-- Steps from point to point; years between them without a figure make one step longer, nothing is filled in.
steps as (

    select
        *,
        z - lag(z) over (partition by assessment_key order by year) as change,
        year - lag(year) over (partition by assessment_key order by year) as years
    from scaled

),

drifts as (

    select
        assessment_key,
        {{ ordered_sum('change', 'year') }} / sum(years) as drift,
        sum(years) as years,
        count(change) as n_changes
    from steps
    group by assessment_key

),

-- The standard deviation of a change in one year; a longer step varies with the root of its years.
deviations as (

    select
        steps.assessment_key,
        sqrt(
            {{ ordered_sum('power(steps.change - steps.years * drifts.drift, 2) / steps.years', 'steps.year') }}
            / (max(drifts.n_changes) - 1)
        ) as deviation
    from steps
    inner join drifts
        on steps.assessment_key = drifts.assessment_key
    where steps.change is not null
    group by steps.assessment_key

),

latest as (

    select *
    from (
        select *, row_number() over (partition by assessment_key order by year desc) as place
        from scaled
    ) as numbered
    where place = 1

),

carried as (

    select
        gated.assessment_key,
        latest.shape,
        latest.y,
        latest.n_points >= gated.interval_points as has_interval,
        cast(gated.figure as double) as goal,
        latest.z + (gated.period_end - latest.year) * drifts.drift as ahead,
        {{ drift_error('deviations.deviation', '(gated.period_end - latest.year)', 'drifts.years') }} as error,
        {{ student_t_95('(drifts.n_changes - 1)') }} as quantile
    from gated
    inner join latest
        on gated.assessment_key = latest.assessment_key
    inner join drifts
        on gated.assessment_key = drifts.assessment_key
    inner join deviations
        on gated.assessment_key = deviations.assessment_key
    where gated.period_end > latest.year and gated.last_complete_year - latest.year <= gated.stale_after_periods

),

bounded as (

    select
        assessment_key,
        y,
        goal,
        {{ off_scale('ahead', 'shape') }} as projected_value,
        case when has_interval then {{ off_scale('(ahead - quantile * error)', 'shape') }} end as projected_low,
        case when has_interval then {{ off_scale('(ahead + quantile * error)', 'shape') }} end as projected_high
    from carried

),

final as (

    select
        assessment_key,
        projected_value,
        projected_low,
        projected_high,
        -- An interval wider than the distance that is to go tells nothing that a number could say.
        case when projected_high - projected_low > abs(goal - y) then 'words_only' end as projection_note
    from bounded

)

select * from final
