with targets as (

    select * from {{ ref('stg_plan_target') }}
    where target_type = 'milestone'

),

run_parameters as (

    select * from {{ source('inputs', 'run_parameter') }}

),

dated as (

    select
        targets.plan_version,
        targets.target_id,
        make_date(targets.period_end, 12, 31) as due_date,
        run_parameters.cut_off
    from targets
    cross join run_parameters

),

-- Overdue needs evidence that the thing is not done; silence is no report.
final as (

    select
        plan_version,
        target_id,
        due_date,
        case when due_date > cut_off then 'not_due' else 'no_report' end as state,
        cast(null as varchar) as evidence
    from dated

)

select * from final
