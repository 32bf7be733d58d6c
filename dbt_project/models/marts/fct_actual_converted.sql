with converted as (

    select * from {{ ref('acc_actual_converted') }}

),

final as (

    select * from converted

)

select * from final
