with candidates as (

    select * from {{ ref('acc_actual_candidate') }}

),

final as (

    select
        observation_key,
        indicator_code,
        area_id,
        period_id,
        breakdown,
        source_id,
        vintage_at,
        published_at,
        published_at_basis,
        value,
        value_text,
        value_decimals,
        missing_code,
        unit,
        form,
        index_base,
        price_basis,
        maturity,
        origin,
        review_state,
        held,
        held_reason,
        snapshot_sha256,
        cell_ref,
        table_title,
        route,
        document,
        citation_publisher,
        citation_title,
        citation_address,
        citation_published,
        citation_place,
        note
    from candidates

)

select * from final
