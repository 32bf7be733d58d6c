with periods as (

    select * from {{ source('inputs', 'period') }}

),

final as (

    select
        period_id,
        type,
        cast(start_date as date) as "start",
        cast(end_date as date) as "end"
    from periods

)

select * from final
