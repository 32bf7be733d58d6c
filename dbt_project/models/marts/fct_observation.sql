with candidates as (

    select * from {{ ref('acc_actual_candidate') }}

),

standings as (

    select * from {{ ref('acc_standing') }}

),

final as (

    select
        candidates.observation_key,
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
        rounding_half_width,
        missing_code,
        unit,
        form,
        index_base,
        price_basis,
        maturity,
        origin,
        review_state,
        review_flag,
        held,
        held_reason,
        cast(candidates.source_rank as integer) as source_rank,
        standings.standing,
        standings.decided_by,
        standings.behind_observation_key,
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
        note,
        derivation_id,
        corrects_observation_key,
        ended_by_observation_key
    from candidates
    inner join standings
        on candidates.observation_key = standings.observation_key

)

select * from final
