with candidates as (

    select * from {{ ref('acc_actual_candidate') }}

),

actuals as (

    select * from {{ ref('acc_actual') }}

),

held as (

    select
        indicator_code,
        area_id,
        period_id,
        breakdown,
        count(*) as n_held
    from candidates
    where held and value is not null
    group by indicator_code, area_id, period_id, breakdown

),

final as (

    select held.*
    from held
    left join actuals
        on
            held.indicator_code = actuals.indicator_code
            and held.area_id = actuals.area_id
            and held.period_id = actuals.period_id
            and held.breakdown = actuals.breakdown
    where actuals.indicator_code is null

)

select * from final
