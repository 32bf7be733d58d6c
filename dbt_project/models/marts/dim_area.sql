with areas as (

    select * from {{ ref('area') }}

),

plan_areas as (

    select * from {{ ref('stg_plan_area') }}

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
        parent_area_id,
        kind_vi,
        centre_lon,
        centre_lat
    from areas
    union all
    select
        area_id,
        code,
        level,
        name_vi,
        name_en,
        valid_from,
        valid_to,
        parent_area_id,
        kind_vi,
        cast(null as double) as centre_lon,
        cast(null as double) as centre_lat
    from plan_areas
    -- What the seed knows is the seed's to say.
    where area_id not in (select area_id from areas)

)

select * from final
