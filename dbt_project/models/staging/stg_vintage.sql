with vintages as (

    select * from {{ source('inputs', 'vintage') }}

),

plan_documents as (

    select * from {{ source('inputs', 'plan_document') }}

),

run_parameters as (

    select * from {{ source('inputs', 'run_parameter') }}

),

known as (

    select vintages.*
    from vintages
    cross join run_parameters
    where
        not vintages.excluded
        and cast(vintages.vintage_at as date) <= run_parameters.cut_off

),

-- The tables of a plan are snapshots too, but what they hold are targets: they take the road of plan_target.
of_figures as (

    select known.*
    from known
    left join plan_documents
        on known.source_id = 'plan_' || replace(lower(plan_documents.plan_version), '-', '_')
    where plan_documents.plan_version is null

),

final as (

    select
        source_id,
        route,
        document,
        snapshot_sha256,
        cell_set_key,
        cast(vintage_at as timestamp) as vintage_at,
        cast(published_at as date) as published_at,
        published_at_basis,
        origin,
        is_whole
    from of_figures

)

select * from final
