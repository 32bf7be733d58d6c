with areas as (

    select * from {{ ref('area') }}

),

final as (

    select
        area_id,
        code,
        level,
        name_vi,
        name_en,
        valid_from,
        valid_to,
        parent_area_id
    from areas

)

select * from final
