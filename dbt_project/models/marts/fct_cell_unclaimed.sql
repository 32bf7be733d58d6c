with cells as (

    select * from {{ ref('obs_cell_unclaimed') }}

),

final as (

    select
        source_id,
        route,
        document,
        snapshot_sha256,
        cell_ref,
        labels_text,
        value_text,
        reason,
        declared_reason
    from cells

)

select * from final
