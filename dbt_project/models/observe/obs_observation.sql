with published as (

    select * from {{ ref('obs_published') }}
    {{ union_all_by_name() }}
    select * from {{ ref('obs_correction') }}

),

figures as (

    select * from {{ ref('obs_figure') }}

),

derived as (

    select * from {{ ref('obs_derived') }}

),

published_with_rounding as (

    select
        published.* exclude (source_key),
        figures.rounding_half_width
    from published
    inner join figures
        on published.observation_key = figures.observation_key

),

-- A derived figure has no cell of its own: its components have.
derived_as_published as (

    select
        derived.* exclude (components),
        'derived' as origin,
        'not_reviewed' as review_state
    from derived

),

final as (

    select * from published_with_rounding
    {{ union_all_by_name() }}
    select * from derived_as_published

)

select * from final
