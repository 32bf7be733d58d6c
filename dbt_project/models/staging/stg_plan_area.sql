with areas as (

    select * from {{ source('inputs', 'plan_area') }}

),

final as (

    select
        area_id,
        code,
        level,
        kind_vi,
        name_vi,
        name_en,
        cast(valid_from as date) as valid_from,
        cast(valid_to as date) as valid_to,
        parent_area_id
    from areas

)

select * from final
