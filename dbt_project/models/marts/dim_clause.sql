with clauses as (

    select * from {{ source('inputs', 'plan_clause') }}

),

final as (

    select
        plan_version,
        clause,
        heading_vi,
        heading_en,
        cast(line_from as integer) as line_from,
        cast(line_to as integer) as line_to
    from clauses

)

select * from final
