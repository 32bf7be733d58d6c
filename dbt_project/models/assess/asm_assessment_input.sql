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
    select * from averages
    union all
    select * from latest_known

),

final as (

    select * from united
    where observation_key is not null

)

select * from final
