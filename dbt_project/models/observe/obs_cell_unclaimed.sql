with claims as (

    select * from {{ ref('obs_cell_claim') }}

),

vintages as (

    select * from {{ ref('stg_vintage') }}

),

reason_order as (

    select *
    from (
        values
        (1, 'IGNORED'), (2, 'NO_SERIES'), (3, 'NO_AREA'), (4, 'NO_PERIOD'), (5, 'UNIT_MISMATCH'),
        (6, 'NUMBER_TOO_LARGE'), (7, 'DUPLICATE')
    ) as listed (place, reason)

),

-- A cell that one series claims is claimed, whatever stopped another.
unclaimed as (

    select
        claims.source_id,
        claims.route,
        claims.cell_set_key,
        claims.cell_index,
        min(claims.cell_ref) as cell_ref,
        min(claims.table_title) as table_title,
        min(claims.labels_text) as labels_text,
        min(claims.value_text) as value_text,
        max(reason_order.place) as place,
        min(claims.declared_reason) as declared_reason
    from claims
    left join reason_order
        on claims.reason = reason_order.reason
    group by claims.source_id, claims.route, claims.cell_set_key, claims.cell_index
    having count(*) = count(claims.reason)

),

-- Bytes that came back after others had replaced them are two vintages of the same cells.
snapshots as (

    select distinct source_id, route, document, snapshot_sha256, cell_set_key from vintages

),

final as (

    select
        unclaimed.source_id,
        unclaimed.route,
        snapshots.document,
        snapshots.snapshot_sha256,
        unclaimed.cell_index,
        unclaimed.cell_ref,
        unclaimed.table_title,
        unclaimed.labels_text,
        unclaimed.value_text,
        reason_order.reason,
        unclaimed.declared_reason
    from unclaimed
    inner join snapshots
        on
            unclaimed.source_id = snapshots.source_id
            and unclaimed.route = snapshots.route
            and unclaimed.cell_set_key = snapshots.cell_set_key
    inner join reason_order
        on unclaimed.place = reason_order.place

)

select * from final
