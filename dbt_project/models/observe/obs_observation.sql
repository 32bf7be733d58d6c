with published as (

    select * from {{ ref('obs_published') }}

),

final as (

    select * from published

)

select * from final
