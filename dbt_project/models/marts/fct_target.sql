with targets as (

    select * from {{ ref('stg_plan_target') }}

),

documents as (

    select * from {{ ref('stg_plan_document') }}

),

indicators as (

    select * from {{ ref('indicator') }}

),

final as (

    select
        targets.plan_version,
        targets.target_id,
        targets.indicator_code,
        targets.name_vi,
        targets.name_en,
        targets.area_id,
        targets.target_type,
        targets.comparator,
        targets.value_low,
        targets.value_high,
        targets.unit,
        targets.period_start,
        targets.period_end,
        targets.horizon_inferred,
        targets.clause,
        targets.line,
        targets.printed_text,
        targets.aspiration,
        targets.direction,
        targets.trajectory,
        targets.base_period,
        targets.phasing,
        targets.tolerance,
        targets.range_kind,
        targets.group_id,
        targets.frame_id,
        targets.headline,
        targets.headline_order,
        targets.responsible_vi,
        targets.coordinating_vi,
        targets.reading_status,
        targets.reading_document_number,
        targets.reading_document_date,
        targets.note_vi,
        targets.note_en,
        -- A milestone has no indicator and names its field itself.
        coalesce(targets.domain, indicators.domain) as domain,
        targets.action,
        targets.due_rule,
        targets.list_id,
        coalesce(documents.is_reference, false) as is_reference,
        targets.snapshot_sha256,
        targets.cell_ref,
        documents.plan_in_force
    from targets
    left join documents
        on targets.plan_version = documents.plan_version
    left join indicators
        on targets.indicator_code = indicators.indicator_code

)

select * from final
