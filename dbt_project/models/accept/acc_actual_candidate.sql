with observations as (

    select * from {{ ref('obs_observation') }}

),

check_results as (

    select * from {{ source('inputs', 'check_result') }}

),

sources as (

    select * from {{ source('inputs', 'source_record') }}

),

indicators as (

    select * from {{ ref('indicator') }}

),

maturity_ranks as (

    select * from {{ ref('maturity_rank') }}

),

-- Only a failed rule of severity error holds a value.
held as (

    select
        observation_key,
        {{ joined_text('rule_id', 'rule_id', ', ') }} as held_reason
    from (
        select distinct observation_key, rule_id
        from check_results
        where severity = 'error' and outcome = 'failed' and observation_key is not null
    ) as holding
    group by observation_key

),

judged as (

    select
        observations.*,
        held.observation_key is not null as held,
        held.held_reason,
        coalesce(sources.rank, 0) as source_rank,
        coalesce(maturity_ranks.maturity_rank, 0) as maturity_rank,
        coalesce(observations.form = indicators.form, false) as form_fits
    from observations
    left join held
        on observations.observation_key = held.observation_key
    left join sources
        on observations.source_id = sources.source_id
    left join indicators
        on observations.indicator_code = indicators.indicator_code
    left join maturity_ranks
        on observations.maturity = maturity_ranks.maturity

),

-- In one source the latest issue is in force, not the latest arrival: an older issue that arrives late changes
-- nothing. A stated date of issue beats none.
final as (

    select
        *,
        not held and row_number() over (
            partition by indicator_code, area_id, period_id, breakdown, form, source_id, held
            order by confirmed_published_at desc nulls last, confirmed_vintage_at desc, arrival desc
        ) = 1 as in_force_in_source,
        count(*) over (
            partition by indicator_code, area_id, period_id, breakdown, form, source_id
        ) as n_vintages
    from judged

)

select * from final
