with claims as (

    select * from {{ ref('obs_cell_claim') }}

),

vintages as (

    select * from {{ ref('stg_vintage') }}

),

sources as (

    select * from {{ source('inputs', 'source_record') }}

),

claimed as (

    select
        claims.indicator_code,
        claims.area_id,
        claims.period_id,
        claims.breakdown,
        claims.source_id,
        vintages.vintage_at,
        -- The date a row carries itself is nearer to the figure than the date of the file it stands in.
        coalesce(claims.stated_published_at, vintages.published_at) as published_at,
        case
            when claims.stated_published_at is not null then 'printed' else vintages.published_at_basis
        end as published_at_basis,
        claims.value,
        claims.value_text,
        claims.value_decimals,
        claims.missing_code,
        claims.unit,
        claims.form,
        claims.index_base,
        claims.price_basis,
        claims.maturity,
        vintages.origin,
        vintages.snapshot_sha256,
        claims.cell_index,
        claims.cell_ref,
        claims.table_title,
        vintages.route,
        vintages.document,
        coalesce(claims.citation_publisher, sources.publisher_vi) as citation_publisher,
        coalesce(claims.citation_title, nullif(claims.table_title, ''), sources.title_vi) as citation_title,
        claims.citation_address,
        claims.citation_published,
        claims.citation_place,
        claims.note,
        concat_ws(
            '|',
            coalesce(cast(claims.value as varchar), ''), coalesce(claims.missing_code, ''), claims.maturity, claims.unit,
            coalesce(claims.index_base, ''), coalesce(claims.price_basis, '')
        ) as content
    from claims
    inner join vintages
        on
            claims.source_id = vintages.source_id
            and claims.route = vintages.route
            and claims.cell_set_key = vintages.cell_set_key
    left join sources
        on claims.source_id = sources.source_id
    where claims.reason is null

),

-- The order in which a key became known: by arrival; what arrived together, by issue, the undated first.
ordered as (

    select
        *,
        row_number() over known_order as arrival,
        lag(content) over known_order as content_before
    from claimed
    window known_order as (
        partition by indicator_code, area_id, period_id, breakdown, form, source_id
        order by vintage_at, published_at nulls first, route, document, cell_index
    )

),

runs as (

    select
        *,
        content_before is null or content <> content_before as is_change,
        count(*) filter (where content_before is null or content <> content_before) over (
            partition by indicator_code, area_id, period_id, breakdown, form, source_id
            order by arrival
            rows between unbounded preceding and current row
        ) as run_number
    from ordered

),

-- A value that is published again unchanged makes no row, but it is confirmed: the later issue counts when the
-- value in force is chosen.
confirmed as (

    select
        *,
        max(published_at) over same_run as confirmed_published_at,
        max(vintage_at) over same_run as confirmed_vintage_at
    from runs
    window same_run as (
        partition by indicator_code, area_id, period_id, breakdown, form, source_id, run_number
    )

),

final as (

    select
        {{ key_of(['indicator_code', 'area_id', 'period_id', 'breakdown', 'form', 'source_id', 'vintage_at', 'route', 'document', 'cell_index']) }}
            as observation_key,
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
        'not_reviewed' as review_state,
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
        arrival,
        confirmed_published_at,
        confirmed_vintage_at
    from confirmed
    where is_change

)

select * from final
