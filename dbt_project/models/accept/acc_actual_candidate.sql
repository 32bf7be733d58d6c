with recursive observations as (

    select * from {{ ref('obs_observation') }}

),

check_results as (

    select * from {{ source('inputs', 'check_result') }}

),

derivation_inputs as (

    select * from {{ ref('obs_derivation_input') }}

),

source_ranks as (

    select * from {{ ref('stg_source_rank') }}

),

indicators as (

    select * from {{ ref('indicator') }}

),

maturity_ranks as (

    select * from {{ ref('maturity_rank') }}

),

-- Only a failed rule of severity error holds a value, and what was worked out from it.
holding as (

    select distinct observation_key, rule_id, false as by_component
    from check_results
    where severity = 'error' and outcome = 'failed' and observation_key is not null

    union

    select derivation_inputs.observation_key, holding.rule_id, true
    from holding
    inner join derivation_inputs
        on holding.observation_key = derivation_inputs.component_observation_key

),

held as (

    select
        observation_key,
        {{ joined_text('reason', 'reason', ', ') }} as held_reason
    from (
        select distinct
            observation_key,
            case when by_component then 'component ' else '' end || rule_id as reason
        from holding
    ) as reasons
    group by observation_key

),

judged as (

    select
        observations.*,
        held.observation_key is not null as held,
        held.held_reason,
        coalesce(source_ranks.source_rank, 0) as source_rank,
        coalesce(maturity_ranks.maturity_rank, 0) as maturity_rank,
        coalesce(observations.form = indicators.form, false) as form_fits
    from observations
    left join held
        on observations.observation_key = held.observation_key
    left join source_ranks
        on
            observations.source_id = source_ranks.source_id
            and observations.indicator_code = source_ranks.indicator_code
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
