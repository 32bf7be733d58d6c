with statements as (

    select * from {{ source('inputs', 'statement') }}

),

targets as (

    select * from {{ ref('fct_target') }}

),

run_parameters as (

    select * from {{ source('inputs', 'run_parameter') }}

),

final as (

    select
        statements.statement_id,
        statements.plan_version,
        statements.target_id,
        statements.office,
        statements.cause,
        statements.measure,
        statements.deadline,
        -- A statement stays as it was made; what becomes of it is judged at the cut-off.
        case
            when statements.ended_by = 'withdraw' then 'withdrawn'
            when statements.ended_by = 'done' and statements.ended_on > statements.deadline then 'done_late'
            when statements.ended_by = 'done' then 'done'
            when not coalesce(targets.is_reference, false) then 'lapsed'
            when statements.deadline < run_parameters.cut_off then 'overdue'
            else 'open'
        end as state,
        statements.access,
        statements.stated_on,
        statements.stated_about,
        statements.stated_bucket,
        statements.ended_on,
        statements.ended_note
    from statements
    cross join run_parameters
    left join targets
        on
            statements.plan_version = targets.plan_version
            and statements.target_id = targets.target_id

)

select * from final
