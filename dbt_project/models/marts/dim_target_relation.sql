with relations as (

    select * from {{ ref('stg_plan_relation') }}

),

final as (

    select * from relations

)

select * from final
