with reports as (

    select * from {{ source('inputs', 'milestone_report') }}

),

run_parameters as (

    select * from {{ source('inputs', 'run_parameter') }}

),

final as (

    select
        reports.source_id,
        reports.snapshot_sha256,
        reports.cell_ref,
        cast(reports.vintage_at as timestamp) as vintage_at,
        cast(reports.published_at as date) as published_at,
        reports.plan_version,
        reports.target_id,
        reports.reported_state,
        cast(reports.as_of_date as date) as as_of_date,
        cast(reports.completed_on as date) as completed_on,
        reports.issuer_vi,
        reports.document_number,
        cast(reports.document_date as date) as document_date,
        reports.note_vi,
        reports.note_en
    from reports
    cross join run_parameters
    where
        cast(reports.vintage_at as date) <= run_parameters.cut_off
        and cast(reports.as_of_date as date) <= run_parameters.cut_off

)

select * from final
