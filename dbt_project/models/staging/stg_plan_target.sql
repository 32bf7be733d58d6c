with targets as (

    select * from {{ source('inputs', 'plan_target') }}

),

final as (

    select
        plan_version,
        target_id,
        indicator_code,
        name_vi,
        name_en,
        area_id,
        target_type,
        comparator,
        cast(value_low as decimal(38, 15)) as value_low,
        cast(value_high as decimal(38, 15)) as value_high,
        unit,
        cast(period_start as integer) as period_start,
        cast(period_end as integer) as period_end,
        cast(horizon_inferred as boolean) as horizon_inferred,
        clause,
        cast(line as integer) as line,
        printed_text,
        cast(aspiration as boolean) as aspiration,
        direction,
        nullif(trajectory, '') as trajectory,
        nullif(base_period, '') as base_period,
        nullif(phasing, '') as phasing,
        cast(tolerance as decimal(38, 15)) as tolerance,
        nullif(range_kind, '') as range_kind,
        nullif(group_id, '') as group_id,
        nullif(frame_id, '') as frame_id,
        cast(headline as boolean) as headline,
        cast(headline_order as integer) as headline_order,
        responsible_vi,
        coordinating_vi,
        reading_status,
        reading_document_number,
        cast(reading_document_date as date) as reading_document_date,
        note_vi,
        note_en,
        nullif(domain, '') as domain,
        nullif(action, '') as action,
        nullif(due_rule, '') as due_rule,
        nullif(list_id, '') as list_id,
        snapshot_sha256,
        cell_ref
    from targets

)

select * from final
