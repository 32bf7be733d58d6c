with candidates as (

    select * from {{ ref('acc_actual_candidate') }}

),

units as (

    select * from {{ ref('unit') }}

),

-- A source whose value in force is a missing code has withdrawn its value.
in_force as (

    select
        candidates.*,
        units.dimension,
        cast(candidates.value as double) * coalesce(units.factor, 1.0) as comparable_value,
        candidates.rounding_half_width * coalesce(units.factor, 1.0) as half_unit
    from candidates
    left join units
        on candidates.unit = units.unit
    where candidates.in_force_in_source and candidates.value is not null

),

ranked as (

    select
        *,
        row_number() over (
            partition by indicator_code, area_id, period_id, breakdown
            order by {{ precedence_order() }}
        ) as place
    from in_force

),

chosen as (

    select * from ranked where place = 1

),

others as (

    select
        chosen.observation_key,
        count(distinct ranked.source_id) as n_other_sources,
        bool_or(
            coalesce(ranked.dimension, ranked.unit) = coalesce(chosen.dimension, chosen.unit)
            -- A hair above the two roundings, so that doubles do not make a conflict.
            and abs(ranked.comparable_value - chosen.comparable_value) > (ranked.half_unit + chosen.half_unit) * 1.000001
        ) as conflict
    from chosen
    inner join ranked
        on
            chosen.indicator_code = ranked.indicator_code
            and chosen.area_id = ranked.area_id
            and chosen.period_id = ranked.period_id
            and chosen.breakdown = ranked.breakdown
            and chosen.form = ranked.form
            and chosen.source_id <> ranked.source_id
    -- What was worked out here is no second source; a rule of its own sets it beside the published figure.
    where ranked.source_id <> {{ derived_source() }}
    group by chosen.observation_key

),

-- What would be in force if the values that wait for a decision were accepted: only looked at where one waits.
waiting as (

    select
        indicator_code,
        area_id,
        period_id,
        breakdown,
        observation_key,
        vintage_at,
        row_number() over (
            partition by indicator_code, area_id, period_id, breakdown
            order by {{ precedence_order() }}
        ) as place,
        held
    from (
        select candidates.*
        from candidates
        inner join (
            select distinct indicator_code, area_id, period_id, breakdown from candidates where waits
        ) as asked
            using (indicator_code, area_id, period_id, breakdown)
        where candidates.waits or not candidates.held
        qualify row_number() over (
            partition by indicator_code, area_id, period_id, breakdown, form, source_id
            order by {{ issue_order() }}
        ) = 1
    ) as latest
    where value is not null

),

final as (

    select
        chosen.indicator_code,
        chosen.area_id,
        chosen.period_id,
        chosen.breakdown,
        chosen.value,
        chosen.value_text,
        chosen.value_decimals,
        chosen.unit,
        chosen.form,
        chosen.form_fits,
        chosen.maturity,
        chosen.maturity_rank,
        chosen.source_id,
        chosen.observation_key,
        chosen.published_at,
        chosen.vintage_at,
        coalesce(others.n_other_sources, 0) as n_other_sources,
        chosen.n_vintages,
        coalesce(others.conflict, false) as conflict,
        chosen.review_state,
        chosen.review_flag,
        waiting.observation_key as waiting_observation_key,
        cast(waiting.vintage_at as date) as waiting_since
    from chosen
    left join others
        on chosen.observation_key = others.observation_key
    left join waiting
        on
            chosen.indicator_code = waiting.indicator_code
            and chosen.area_id = waiting.area_id
            and chosen.period_id = waiting.period_id
            and chosen.breakdown = waiting.breakdown
            and waiting.place = 1
            and waiting.held

)

select * from final
