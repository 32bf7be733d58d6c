{%- set kept = kept_sources('obs_published') -%}

with claims as (

    select * from {{ ref('obs_cell_claim') }}
    where {{ is_not_among('source_id', kept) }}

),

source_keys as (

    select * from {{ source('inputs', 'source_key') }}

),

vintages as (

    select * from {{ ref('stg_vintage') }}

),

sources as (

    select * from {{ source('inputs', 'source_record') }}

),

periods as (

    select * from {{ source('inputs', 'period') }}

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
        claims.note
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

-- Each snapshot of a document that gives the whole table, with the snapshot that comes after it in the order of issue: a
-- late copy of an older issue says nothing of what was issued later.
issues as (

    select
        source_id,
        route,
        document,
        cell_set_key,
        vintage_at,
        published_at,
        published_at_basis,
        snapshot_sha256,
        origin,
        lead(vintage_at) over in_order_of_issue as next_vintage_at
    from vintages
    where is_whole
    window in_order_of_issue as (
        partition by source_id, route, document
        order by coalesce(published_at, cast(vintage_at as date)), vintage_at, cell_set_key
    )

),

-- From when on an issue lists a series for an area: a table that begins later was shortened, nothing in it was
-- taken back.
series_of_issue as (

    select
        claims.source_id,
        claims.route,
        claims.cell_set_key,
        claims.indicator_code,
        claims.area_id,
        claims.breakdown,
        claims.form,
        min(periods.start_date) as first_start_date
    from claims
    inner join periods
        on claims.period_id = periods.period_id
    where claims.reason is null
    group by
        claims.source_id, claims.route, claims.cell_set_key, claims.indicator_code, claims.area_id, claims.breakdown,
        claims.form

),

-- What an issue lists somewhere, claimed or not; and what it may list where area or period could not be read.
listed as (

    select distinct source_id, route, cell_set_key, indicator_code, area_id, period_id, breakdown, form
    from claims
    where indicator_code is not null and area_id is not null and period_id is not null

),

unplaced as (

    select distinct source_id, route, cell_set_key, indicator_code, area_id, period_id, breakdown, form
    from claims
    where indicator_code is not null and (area_id is null or period_id is null) and reason <> 'IGNORED'

),

-- A figure that the next whole issue does not list, although it still lists the series for that area.
vanished as (

    select
        claimed.* exclude (vintage_at, snapshot_sha256, origin, published_at_basis),
        later.vintage_at,
        later.snapshot_sha256,
        later.origin,
        later.published_at_basis,
        later.published_at as later_published_at
    from claimed
    inner join issues
        on
            claimed.source_id = issues.source_id
            and claimed.route = issues.route
            and claimed.document = issues.document
            and claimed.vintage_at = issues.vintage_at
    inner join issues as later
        on
            issues.source_id = later.source_id
            and issues.route = later.route
            and issues.document = later.document
            and issues.next_vintage_at = later.vintage_at
    inner join series_of_issue
        on
            later.source_id = series_of_issue.source_id
            and later.route = series_of_issue.route
            and later.cell_set_key = series_of_issue.cell_set_key
            and claimed.indicator_code = series_of_issue.indicator_code
            and claimed.area_id = series_of_issue.area_id
            and claimed.breakdown = series_of_issue.breakdown
            and claimed.form = series_of_issue.form
    inner join periods
        on claimed.period_id = periods.period_id
    left join listed
        on
            claimed.source_id = listed.source_id
            and claimed.route = listed.route
            and later.cell_set_key = listed.cell_set_key
            and claimed.indicator_code = listed.indicator_code
            and claimed.area_id = listed.area_id
            and claimed.period_id = listed.period_id
            and claimed.breakdown = listed.breakdown
            and claimed.form = listed.form
    left join unplaced
        on
            claimed.source_id = unplaced.source_id
            and claimed.route = unplaced.route
            and later.cell_set_key = unplaced.cell_set_key
            and claimed.indicator_code = unplaced.indicator_code
            and claimed.breakdown = unplaced.breakdown
            and claimed.form = unplaced.form
            and coalesce(unplaced.area_id, claimed.area_id) = claimed.area_id
            and coalesce(unplaced.period_id, claimed.period_id) = claimed.period_id
    where
        listed.indicator_code is null
        and unplaced.indicator_code is null
        and periods.start_date >= series_of_issue.first_start_date

),

withdrawn as (

    select
        indicator_code,
        area_id,
        period_id,
        breakdown,
        source_id,
        vintage_at,
        -- Dated no earlier than what it takes back: of one document the later snapshot is in force.
        case
            when published_at is null then later_published_at
            else greatest(published_at, coalesce(later_published_at, published_at))
        end as published_at,
        published_at_basis,
        cast(null as decimal(38, 15)) as value,
        cast(null as varchar) as value_text,
        cast(null as smallint) as value_decimals,
        'withdrawn' as missing_code,
        unit,
        form,
        index_base,
        price_basis,
        'not_stated' as maturity,
        origin,
        snapshot_sha256,
        cell_index,
        cast(null as varchar) as cell_ref,
        table_title,
        route,
        document,
        citation_publisher,
        citation_title,
        citation_address,
        citation_published,
        citation_place,
        cast(null as varchar) as note
    from vanished
    -- Each key once, though its issue may list it more than once under different dates.
    qualify row_number() over (
        partition by indicator_code, area_id, period_id, breakdown, form, source_id, route, document, vintage_at
        order by published_at desc nulls last, cell_index
    ) = 1

),

known as (

    select * from claimed
    {{ union_all_by_name() }}
    select * from withdrawn

),

with_content as (

    select
        *,
        concat_ws(
            '|',
            coalesce(cast(value as varchar), ''), coalesce(missing_code, ''), maturity, unit,
            coalesce(index_base, ''), coalesce(price_basis, '')
        ) as content
    from known

),

-- Two orders: that in which a key became known (what arrived together by issue, the undated first), and that of
-- issue, in which what has no date stands where it arrived.
ordered as (

    select
        *,
        coalesce(published_at, cast(vintage_at as date)) as issued_on,
        row_number() over (
            partition by indicator_code, area_id, period_id, breakdown, form, source_id
            order by vintage_at, published_at nulls first, route, document, cell_index
        ) as arrival
    from with_content

),

issued as (

    select
        *,
        row_number() over (
            partition by indicator_code, area_id, period_id, breakdown, form, source_id
            order by issued_on, arrival
        ) as issue,
        lag(content) over (
            partition by indicator_code, area_id, period_id, breakdown, form, source_id
            order by issued_on, arrival
        ) as content_before,
        max(issued_on) over (
            partition by indicator_code, area_id, period_id, breakdown, form, source_id
            order by arrival
            rows between unbounded preceding and 1 preceding
        ) as last_issued_on
    from ordered

),

-- Keys of which an older issue arrived late: few, so what each arrival found known by then is looked up.
out_of_order as (

    select distinct indicator_code, area_id, period_id, breakdown, form, source_id
    from issued
    where issued_on < last_issued_on

),

known_before as (

    select
        later.indicator_code,
        later.area_id,
        later.period_id,
        later.breakdown,
        later.form,
        later.source_id,
        later.arrival,
        {{ first_in_order('earlier.content', 'earlier.issue desc') }} as content
    from issued as later
    inner join out_of_order
        on
            later.indicator_code = out_of_order.indicator_code
            and later.area_id = out_of_order.area_id
            and later.period_id = out_of_order.period_id
            and later.breakdown = out_of_order.breakdown
            and later.form = out_of_order.form
            and later.source_id = out_of_order.source_id
    inner join issued as earlier
        on
            later.indicator_code = earlier.indicator_code
            and later.area_id = earlier.area_id
            and later.period_id = earlier.period_id
            and later.breakdown = earlier.breakdown
            and later.form = earlier.form
            and later.source_id = earlier.source_id
            and earlier.arrival < later.arrival
            and earlier.issue < later.issue
    group by
        later.indicator_code, later.area_id, later.period_id, later.breakdown, later.form, later.source_id,
        later.arrival

),

-- A row for every word that is new, against the issue before it or against what was known when it arrived: so a late
-- issue takes nothing away that stood here, and the same said again adds nothing.
changes as (

    select
        issued.*,
        issued.content_before is null
        or issued.content <> issued.content_before
        or (
            out_of_order.source_id is not null
            and (known_before.content is null or issued.content <> known_before.content)
        ) as is_change
    from issued
    left join out_of_order
        on
            issued.indicator_code = out_of_order.indicator_code
            and issued.area_id = out_of_order.area_id
            and issued.period_id = out_of_order.period_id
            and issued.breakdown = out_of_order.breakdown
            and issued.form = out_of_order.form
            and issued.source_id = out_of_order.source_id
    left join known_before
        on
            issued.indicator_code = known_before.indicator_code
            and issued.area_id = known_before.area_id
            and issued.period_id = known_before.period_id
            and issued.breakdown = known_before.breakdown
            and issued.form = known_before.form
            and issued.source_id = known_before.source_id
            and issued.arrival = known_before.arrival

),

runs as (

    select
        *,
        count(*) filter (where is_change) over (
            partition by indicator_code, area_id, period_id, breakdown, form, source_id
            order by issue
            rows between unbounded preceding and current row
        ) as run_number
    from changes

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
        confirmed_vintage_at,
        source_key
    from confirmed
    left join source_keys
        using (source_id)
    where is_change

)

{{ final_with_kept(kept) }}
