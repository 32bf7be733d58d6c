with relations as (

    select * from {{ ref('area_relation') }}

),

final as (

    select
        from_area_id,
        to_area_id,
        kind,
        valid_from,
        straddles_districts,
        code_reused,
        note_vi,
        note_en
    from relations

)

select * from final
