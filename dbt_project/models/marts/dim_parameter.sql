with parameters as (

    select * from {{ ref('assessment_parameter') }}

),

final as (

    select
        cast(parameter as varchar) as parameter,
        cast(value as decimal(38, 15)) as value,
        cast(meaning as varchar) as meaning
    from parameters

)

select * from final
