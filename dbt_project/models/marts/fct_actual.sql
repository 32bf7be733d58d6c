with actuals as (

    select * from {{ ref('acc_actual') }}

),

final as (

    select
        indicator_code,
        area_id,
        period_id,
        breakdown,
        value,
        value_text,
        value_decimals,
        unit,
        form,
        maturity,
        source_id,
        observation_key,
        published_at,
        vintage_at,
        cast(n_other_sources as integer) as n_other_sources,
        cast(n_vintages as integer) as n_vintages,
        conflict,
        review_state,
        review_flag,
        waiting_observation_key,
        waiting_since
    from actuals

)

select * from final
