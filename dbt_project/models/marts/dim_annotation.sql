with annotations as (

    select * from {{ source('inputs', 'plan_annotation') }}

),

final as (

    select
        plan_version,
        annotation_id,
        kind,
        clause,
        cast(line as integer) as line,
        nullif(effect, '') as effect,
        text_vi,
        text_en
    from annotations

)

select * from final
