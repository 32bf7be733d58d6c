with members as (

    select * from {{ source('inputs', 'plan_list_member') }}

),

final as (

    select
        plan_version,
        list_id,
        cast(position as integer) as position,
        name,
        cast(line as integer) as line,
        nullif(target_id, '') as target_id,
        note_vi,
        note_en
    from members

)

select * from final
