with cases as (

    select * from {{ ref('mth_case') }}
    where method = 'statcan_aggregate_score'

),

series as (

    select * from {{ ref('mth_series') }}

),

scores as (

    select
        scores.case_id,
        {{ ordered_sum('scores.value', 'scores.position') }} / count(*) as score,
        count(*) as n_scores,
        -- Stated for each series that has a score, or not known.
        count(achieved.value) = count(*) and min(achieved.value) = 1 as all_achieved
    from series as scores
    left join series as achieved
        on
            scores.case_id = achieved.case_id
            and scores.position = achieved.position
            and achieved.series = 'achieved'
    where scores.series = 'score' and scores.value is not null
    group by scores.case_id

),

final as (

    select
        cases.case_id,
        cases.method,
        scores.score,
        coalesce(scores.n_scores, 0) as n_scores,
        case
            when scores.all_achieved then 'target_achieved'
            when scores.score >= 2.5 then 'substantial_progress'
            when scores.score >= 0 then 'moderate_progress'
            when scores.score >= -2.5 then 'limited_progress'
            when scores.score < -2.5 then 'deterioration'
            else 'not_available'
        end as status
    from cases
    left join scores
        on cases.case_id = scores.case_id

)

select * from final
