with assessments as (

    select * from {{ ref('asm_assessment') }}

),

series as (

    select * from {{ ref('asm_case_series') }}

),

actuals as (

    select assessment_key, 'actual' as role, actual_observation_key as observation_key
    from assessments

),

bases as (

    select assessments.assessment_key, 'base' as role, series.observation_key
    from assessments
    inner join series
        on
            assessments.assessment_key = series.assessment_key
            and assessments.base_period_id = series.period_id
            and series.role = 'annual'

),

-- Growth, sums and changes rest on every year that is listed as present.
points as (

    select assessments.assessment_key, 'point' as role, series.observation_key
    from assessments
    inner join series
        on
            assessments.assessment_key = series.assessment_key
            and series.role = 'annual'
            and position(',' || series.period_id || ',' in ',' || assessments.periods_present || ',') > 0

),

-- A structure rests on the figures of all its parts, in its own year and in its base year.
components as (

    select assessments.assessment_key, 'component' as role, series.observation_key
    from assessments
    inner join assessments as parts
        on
            assessments.plan_version = parts.plan_version
            and assessments.area_id = parts.area_id
            and assessments.group_id = parts.group_id
            and assessments.period_end = parts.period_end
            and assessments.target_type = 'structure'
            and parts.target_type = 'structure'
            and assessments.assessment_key <> parts.assessment_key
    inner join series
        on
            parts.assessment_key = series.assessment_key
            and series.role = 'annual'
            and (parts.actual_period_id = series.period_id or parts.base_period_id = series.period_id)

),

interims as (

    select assessments.assessment_key, 'interim' as role, series.observation_key
    from assessments
    inner join series
        on
            assessments.assessment_key = series.assessment_key
            and assessments.interim_year = series.year
            and series.role = 'annual'

),

averages as (

    select assessment_key, 'published_average' as role, published_average_observation_key as observation_key
    from assessments

),

latest_known as (

    select assessment_key, 'latest_known' as role, latest_known_observation_key as observation_key
    from assessments

),

united as (

    select * from actuals
    union all
    select * from bases
    union all
    select * from points
    union all
    select * from components
    union all
    select * from interims
    union all
    select * from averages
    union all
    select * from latest_known

),

final as (

    select * from united
    where observation_key is not null

)

select * from final
