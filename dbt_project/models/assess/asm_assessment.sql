{%- set result_columns = [
    'assessment_key', 'actual_period_id', 'base_period_id', 'base_value', 'n_points', 'periods_present',
    'periods_missing', 'path_value', 'gap', 'share_of_way', 'pace', 'average_to_date', 'required_per_year',
    'required_growth', 'level_shortfall', 'published_average_period_id', 'required_growth_from_published',
    'level_state', 'level_final', 'pace_state', 'reason_code', 'pace_reason_code', 'margin', 'maturity_rank', 'note'
] | join(', ') -%}
with cases as (

    select * from {{ ref('asm_case') }}

),

series as (

    select * from {{ ref('asm_case_series') }}

),

levels as (

    select {{ result_columns }} from {{ ref('asm_level') }}

),

average_growths as (

    select {{ result_columns }} from {{ ref('asm_average_growth') }}

),

other_types as (

    select {{ result_columns }} from {{ ref('asm_other_type') }}

),

results as (

    select * from levels
    union all
    select * from average_growths
    union all
    select * from other_types

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
    where role in ('annual', 'context')

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
        cases.target_type,
        cases.comparator,
        cases.value_low,
        cases.value_high,
        cases.unit,
        cases.period_start,
        cases.period_end,
        actual.value as actual_value,
        actual.value_text as actual_value_text,
        actual.value_decimals as actual_value_decimals,
        actual.unit as actual_unit,
        results.actual_period_id,
        actual.maturity as actual_maturity,
        actual.source_id as actual_source_id,
        actual.observation_key as actual_observation_key,
        results.base_period_id,
        results.base_value,
        results.n_points,
        results.periods_present,
        results.periods_missing,
        results.path_value,
        results.gap,
        results.share_of_way,
        results.pace,
        results.average_to_date,
        results.required_per_year,
        results.required_growth,
        results.level_shortfall,
        average.value as published_average,
        results.published_average_period_id,
        average.source_id as published_average_source_id,
        average.observation_key as published_average_observation_key,
        results.required_growth_from_published,
        results.level_state,
        results.level_final,
        results.pace_state,
        case
            when results.level_state = 'not_assessed' and results.pace_state = 'not_assessed' then 'D'
            when cases.reading_status <> 'confirmed' then 'C'
            when results.margin < cases.typical_revision then 'C'
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
        results.note
    from cases
    inner join results
        on cases.assessment_key = results.assessment_key
    left join series as actual
        on
            results.assessment_key = actual.assessment_key
            and results.actual_period_id = actual.period_id
            and actual.role = 'annual'
    left join series as average
        on
            results.assessment_key = average.assessment_key
            and results.published_average_period_id = average.period_id
            and average.role = 'published_average'
    left join latest_known
        on results.assessment_key = latest_known.assessment_key and latest_known.place = 1

)

select * from joined
