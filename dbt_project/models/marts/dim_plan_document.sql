with documents as (

    select * from {{ ref('stg_plan_document') }}

),

final as (

    select * from documents

)

select * from final
