with observations as (

    select * from {{ ref('obs_observation') }}

),

findings as (

    select * from {{ ref('acc_finding') }}

),

holds as (

    select * from {{ ref('acc_hold') }}

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

held as (

    select
        observation_key,
        {{ joined_text('reason', 'reason', ', ') }} as held_reason,
        bool_and(kind = 'rule') as waits
    from (
        select distinct
            observation_key,
            kind,
            case when by_component then 'component ' else '' end
            || case when kind = 'rule' then '' else kind || ' ' end || rule_id as reason
        from holds
    ) as reasons
    group by observation_key

),

-- Of several findings on one value the gravest word counts; while one that is more than information waits, it is not
-- reviewed.
reviewed as (

    select
        observation_key,
        case
            when bool_or(decision = 'excluded') then 'excluded'
            when bool_or(decision = 'corrected') then 'corrected'
            when bool_or(decision = 'queried') then 'queried'
            when bool_or(severity <> 'information' and decision in ('none', 'open', 'lapsed', 'proposed')) then null
            when bool_or(decision = 'flagged') then 'flagged'
            when bool_or(decision in ('accepted', 'rule_wrong')) then 'accepted'
        end as review_state,
        {{ joined_text("distinct case when decision = 'flagged' then flag end", "case when decision = 'flagged' then flag end") }}
            as review_flag
    from findings
    where observation_key is not null and outcome = 'failed'
    group by observation_key
    having bool_or(decision <> 'none')

),

judged as (

    select
        observations.* replace (
            case
                when observations.origin = 'correction' then coalesce(reviewed.review_state, 'accepted')
                else coalesce(reviewed.review_state, 'not_reviewed')
            end as review_state
        ),
        reviewed.review_flag,
        held.observation_key is not null as held,
        held.held_reason,
        coalesce(held.waits, false) as waits,
        coalesce(source_ranks.source_rank, 0) as source_rank,
        coalesce(maturity_ranks.maturity_rank, 0) as maturity_rank,
        coalesce(observations.form = indicators.form, false) as form_fits
    from observations
    left join held
        on observations.observation_key = held.observation_key
    left join reviewed
        on observations.observation_key = reviewed.observation_key
    left join source_ranks
        on
            observations.source_id = source_ranks.source_id
            and observations.indicator_code = source_ranks.indicator_code
    left join indicators
        on observations.indicator_code = indicators.indicator_code
    left join maturity_ranks
        on observations.maturity = maturity_ranks.maturity

),

final as (

    select
        *,
        not held and row_number() over (
            partition by indicator_code, area_id, period_id, breakdown, form, source_id, held
            order by {{ issue_order() }}
        ) = 1 as in_force_in_source,
        count(*) over (
            partition by indicator_code, area_id, period_id, breakdown, form, source_id
        ) as n_vintages
    from judged

)

select * from final
