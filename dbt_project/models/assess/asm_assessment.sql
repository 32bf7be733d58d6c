with cases as (

    select * from {{ ref('asm_case') }}

),

series as (

    select * from {{ ref('asm_case_series') }}

),

levels as (

    select * from {{ ref('asm_level') }}

),

holds as (

    select * from {{ ref('asm_hold') }}

),

average_growths as (

    select * from {{ ref('asm_average_growth') }}

),

annual_changes as (

    select * from {{ ref('asm_annual_change') }}

),

cumulatives as (

    select * from {{ ref('asm_cumulative') }}

),

structures as (

    select * from {{ ref('asm_structure') }}

),

projections as (

    select * from {{ ref('asm_projection') }}

),

-- Each kind of target gives the columns that it has.
results as (

    select * from levels
    {{ union_all_by_name() }}
    select * from holds
    {{ union_all_by_name() }}
    select * from average_growths
    {{ union_all_by_name() }}
    select * from annual_changes
    {{ union_all_by_name() }}
    select * from cumulatives
    {{ union_all_by_name() }}
    select * from structures

),

-- The newest figure there is, whether or not the target could be graded on it; of two that end on one day the one
-- over the longer time.
latest_known as (

    select
        *,
        row_number() over (
            partition by assessment_key
            order by end_date desc nulls last, start_date, period_id
        ) as place
    from series
    where role in ('annual', 'before_break', 'context')

),

-- What decides a case, as one text: its own words and numbers, then its figures in a declared order.
figures_as_text as (

    select
        assessment_key,
        {{ joined_text(
            text_of(['role', 'period_id', 'year', 'last_year', 'value', 'maturity', 'source_id']), 'role, period_id', '#'
        ) }} as figures
    from series
    where role in ('annual', 'before_break', 'withheld', 'not_comparable', 'published_average')
    group by assessment_key

),

hashed as (

    select
        cases.assessment_key,
        cases.plan_version,
        cases.area_id,
        cases.target_id,
        cases.target_type,
        cases.group_id,
        cases.period_end,
        md5(
            {{ text_of([
                'cases.target_id', 'cases.plan_version', 'cases.indicator_code', 'cases.area_id', 'cases.method',
                'cases.method_version', 'cases.last_complete_year', 'cases.target_type', 'cases.comparator',
                'cases.value_low', 'cases.value_high', 'cases.unit', 'cases.period_start', 'cases.period_end',
                'cases.direction', 'cases.sense', 'cases.trajectory', 'cases.base_period', 'cases.phasing',
                'cases.tolerance', 'cases.range_kind', 'cases.group_id', 'cases.aspiration', 'cases.reading_status',
                'cases.frame_id',
                'cases.is_not_comparable', 'cases.interim_year', 'cases.interim_value', 'cases.break_years',
                'cases.is_running_total', 'cases.unit_of_figures', 'cases.typical_revision'
            ]) }} || '##' || coalesce(figures_as_text.figures, '')
        ) as own_hash
    from cases
    left join figures_as_text
        on cases.assessment_key = figures_as_text.assessment_key

),

-- The parts of a structure are decided by one another's figures too.
vector_hashes as (

    select
        plan_version,
        area_id,
        group_id,
        period_end,
        md5({{ joined_text('own_hash', 'target_id') }}) as vector_hash,
        min(target_id) as first_target_id
    from hashed
    where target_type = 'structure' and group_id is not null
    group by plan_version, area_id, group_id, period_end

),

vectors as (

    select
        hashed.assessment_key,
        vector_hashes.vector_hash,
        hashed.target_id = vector_hashes.first_target_id as is_first
    from hashed
    inner join vector_hashes
        on
            hashed.plan_version = vector_hashes.plan_version
            and hashed.area_id = vector_hashes.area_id
            and hashed.group_id = vector_hashes.group_id
            and hashed.period_end = vector_hashes.period_end
            and hashed.target_type = 'structure'

),

-- An interim value that was missed stays on record beside the target it leads to.
interims as (

    select
        cases.plan_version,
        cases.target_id,
        cases.area_id,
        results.level_state as interim_state
    from cases
    inner join results
        on cases.assessment_key = results.assessment_key
    where results.level_final

),

joined as (

    select
        cases.assessment_key,
        cases.target_id,
        cases.plan_version,
        cases.indicator_code,
        cases.area_id,
        cases.method,
        cases.method_version,
        cases.cut_off,
        cases.is_reference,
        cases.is_reference and coalesce(vectors.is_first, true) as is_counted,
        cases.group_id,
        cases.frame_id,
        cases.target_type,
        cases.comparator,
        cases.value_low,
        cases.value_high,
        cases.unit,
        cases.period_start,
        cases.period_end,
        cases.direction,
        cases.trajectory,
        cases.phasing,
        cases.tolerance,
        cases.range_kind,
        cases.aspiration,
        cases.reading_status,
        actual.value as actual_value,
        actual.value_text as actual_value_text,
        actual.value_decimals as actual_value_decimals,
        actual.unit as actual_unit,
        results.actual_period_id,
        actual.maturity as actual_maturity,
        actual.source_id as actual_source_id,
        actual.vintage_at as actual_vintage_at,
        actual.observation_key as actual_observation_key,
        results.base_period_id,
        results.base_value,
        base.vintage_at as base_vintage_at,
        coalesce(results.n_points, 0) as n_points,
        results.periods_present,
        results.periods_missing,
        cases.break_years,
        results.path_value,
        results.gap,
        results.share_of_way,
        results.pace,
        results.drift_per_year,
        results.average_to_date,
        results.total_to_date,
        results.required_per_year,
        results.required_growth,
        results.best_year_change,
        results.best_year_growth,
        results.level_shortfall,
        results.structure_distance,
        results.structure_base_distance,
        cases.interim_target_id,
        cases.interim_year,
        cases.interim_value,
        interims.interim_state,
        average.value as published_average,
        results.published_average_period_id,
        average.source_id as published_average_source_id,
        average.observation_key as published_average_observation_key,
        results.required_growth_from_published,
        case when results.reason_code is null then projections.projected_value end as projected_value,
        case when results.reason_code is null then projections.projected_low end as projected_low,
        case when results.reason_code is null then projections.projected_high end as projected_high,
        case when results.reason_code is null then projections.projection_note end as projection_note,
        results.level_state,
        results.level_final,
        case when results.level_final then results.level_state end as level_state_final,
        results.pace_state,
        results.margin_to_band,
        results.band_margin_of,
        cases.typical_revision,
        results.is_revision_sensitive,
        case
            when results.level_state = 'not_assessed' and results.pace_state = 'not_assessed' then 'D'
            when results.pace_reason_code in ('BREAK', 'STALE') then 'D'
            when cases.reading_status <> 'confirmed' then 'C'
            when results.is_revision_sensitive or results.margin < cases.typical_revision then 'C'
            when results.maturity_rank >= 3 and results.n_points >= 6 and results.margin > cases.typical_revision then 'A'
            when results.maturity_rank >= 2 and results.n_points >= 4 then 'B'
            else 'C'
        end as confidence,
        results.reason_code,
        results.pace_reason_code,
        case
            when results.level_state in ('reached', 'in_band', 'above_range') then 'reached'
            when results.pace_state <> 'not_assessed' then results.pace_state
            when results.level_state in ('not_reached', 'lost') then 'not_reached'
            else 'not_assessed'
        end as bucket,
        latest_known.value as latest_known_value,
        latest_known.value_text as latest_known_value_text,
        latest_known.value_decimals as latest_known_value_decimals,
        latest_known.unit as latest_known_unit,
        latest_known.period_id as latest_known_period_id,
        latest_known.source_id as latest_known_source_id,
        latest_known.observation_key as latest_known_observation_key,
        results.note,
        coalesce(vectors.vector_hash, hashed.own_hash) as inputs_hash
    from cases
    inner join results
        on cases.assessment_key = results.assessment_key
    inner join hashed
        on cases.assessment_key = hashed.assessment_key
    left join vectors
        on cases.assessment_key = vectors.assessment_key
    left join projections
        on cases.assessment_key = projections.assessment_key
    left join interims
        on
            cases.plan_version = interims.plan_version
            and cases.area_id = interims.area_id
            and cases.interim_target_id = interims.target_id
    left join series as actual
        on
            results.assessment_key = actual.assessment_key
            and results.actual_period_id = actual.period_id
            and actual.role = case when results.note = 'published_average_used' then 'published_average' else 'annual' end
    left join series as base
        on
            results.assessment_key = base.assessment_key
            and results.base_period_id = base.period_id
            and base.role = 'annual'
    left join series as average
        on
            results.assessment_key = average.assessment_key
            and results.published_average_period_id = average.period_id
            and average.role = 'published_average'
    left join latest_known
        on results.assessment_key = latest_known.assessment_key and latest_known.place = 1

)

select * from joined
