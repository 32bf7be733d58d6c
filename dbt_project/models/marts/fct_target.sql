with targets as (

    select * from {{ ref('stg_plan_target') }}

),

final as (

    select * from targets

)

select * from final
