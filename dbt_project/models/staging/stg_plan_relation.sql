with relations as (

    select * from {{ source('inputs', 'plan_relation') }}

),

final as (

    select
        plan_version,
        relation_id,
        kind,
        target_id,
        nullif(to_target_id, '') as to_target_id,
        cast(whole_value as decimal(38, 15)) as whole_value,
        nullif(whole_unit, '') as whole_unit,
        nullif(annotation_id, '') as annotation_id,
        note_vi,
        note_en
    from relations

)

select * from final
