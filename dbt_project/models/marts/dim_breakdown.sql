with breakdowns as (

    select * from {{ ref('breakdown') }}

),

final as (

    select
        breakdown,
        name_vi,
        name_en
    from breakdowns

)

select * from final
