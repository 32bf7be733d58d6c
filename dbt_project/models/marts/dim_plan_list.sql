with lists as (

    select * from {{ source('inputs', 'plan_list') }}

),

members as (

    select * from {{ source('inputs', 'plan_list_member') }}

),

listed as (

    select
        plan_version,
        list_id,
        count(*) as count_listed
    from members
    group by plan_version, list_id

),

final as (

    select
        lists.plan_version,
        lists.list_id,
        lists.name_vi,
        lists.name_en,
        lists.clause,
        cast(lists.line as integer) as line,
        cast(lists.count_printed as integer) as count_printed,
        cast(coalesce(listed.count_listed, 0) as integer) as count_listed
    from lists
    left join listed
        on lists.plan_version = listed.plan_version and lists.list_id = listed.list_id

)

select * from final
