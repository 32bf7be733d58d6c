with inputs as (

    select * from {{ ref('asm_assessment_input') }}

),

final as (

    select
        assessment_key,
        role,
        observation_key
    from inputs

)

select * from final
