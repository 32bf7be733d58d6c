with published as (

    select * from {{ ref('obs_published') }}

),

corrections as (

    select * from {{ source('inputs', 'correction') }}

),

wrong as (

    select
        published.*,
        corrections.decision_id,
        corrections.value as corrected_value,
        corrections.value_text as corrected_value_text,
        corrections.wrong_value,
        corrections.tolerance,
        corrections.decided_at
    from corrections
    inner join published
        on corrections.observation_key = published.observation_key and corrections.unit = published.unit

),

-- The publisher's own word on the figure, whether or not a rule holds it.
own_word as (

    select published.*
    from published
    where exists (
        select 1 from wrong
        where
            wrong.indicator_code = published.indicator_code
            and wrong.area_id = published.area_id
            and wrong.period_id = published.period_id
            and wrong.breakdown = published.breakdown
            and wrong.form = published.form
            and wrong.source_id = published.source_id
    )
    qualify row_number() over (
        partition by indicator_code, area_id, period_id, breakdown, form, source_id
        order by {{ issue_order() }}
    ) = 1

),

-- A correction stands while that word is the wrong one, within the tolerance of the decision; any other ends it.
judged as (

    select
        wrong.*,
        own_word.observation_key as own_observation_key,
        own_word.vintage_at as own_vintage_at,
        own_word.confirmed_published_at as own_confirmed_published_at,
        own_word.confirmed_vintage_at as own_confirmed_vintage_at,
        own_word.arrival as own_arrival,
        coalesce(
            own_word.unit = wrong.unit
            -- A hair, so that a tolerance of nothing is met by the same double.
            and abs(cast(own_word.value as double) - wrong.wrong_value)
            <= wrong.tolerance + 1e-12 * greatest(1.0, abs(wrong.wrong_value)),
            false
        ) as stands
    from wrong
    inner join own_word
        on
            wrong.indicator_code = own_word.indicator_code
            and wrong.area_id = own_word.area_id
            and wrong.period_id = own_word.period_id
            and wrong.breakdown = own_word.breakdown
            and wrong.form = own_word.form
            and wrong.source_id = own_word.source_id

),

-- It comes after the wrong value in every order, and before what ends it, also where that came on the same day and only the
-- day is known. One that the publisher forestalled by a day never was.
final as (

    select
        {{ key_of(['observation_key', "'correction'", 'decision_id']) }} as observation_key,
        indicator_code,
        area_id,
        period_id,
        breakdown,
        source_id,
        case when stands then decided_at else least(decided_at, own_vintage_at) end as vintage_at,
        published_at,
        published_at_basis,
        corrected_value as value,
        corrected_value_text as value_text,
        cast({{ decimals_of('corrected_value_text') }} as smallint) as value_decimals,
        cast(null as varchar) as missing_code,
        unit,
        form,
        index_base,
        price_basis,
        maturity,
        'correction' as origin,
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
        case when stands then own_arrival + 1 else arrival end as arrival,
        case when stands then own_confirmed_published_at else confirmed_published_at end as confirmed_published_at,
        case
            when stands then greatest(decided_at, own_confirmed_vintage_at)
            else least(greatest(decided_at, confirmed_vintage_at), own_confirmed_vintage_at)
        end as confirmed_vintage_at,
        observation_key as corrects_observation_key,
        case when not stands then own_observation_key end as ended_by_observation_key
    from judged
    where stands or cast(own_vintage_at as date) >= cast(decided_at as date)

)

select * from final
