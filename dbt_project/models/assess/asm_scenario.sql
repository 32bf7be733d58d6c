with recursive findings as (

    select * from {{ ref('acc_finding') }}

),

holds as (

    select * from {{ ref('acc_hold') }}

),

derivation_inputs as (

    select * from {{ ref('obs_derivation_input') }}

),

candidates as (

    select * from {{ ref('acc_actual_candidate') }}

),

actuals as (

    select * from {{ ref('acc_actual') }}

),

cases as (

    select distinct indicator_code, area_id from {{ ref('asm_case') }}

),

-- What is not decided, with everything that was worked out from the value it names.
reached as (

    select finding_id, observation_key
    from findings
    where
        outcome = 'failed'
        and observation_key is not null
        and severity <> 'information'
        and decision in ('none', 'open', 'lapsed', 'queried', 'proposed')

    union

    select
        reached.finding_id,
        derivation_inputs.observation_key
    from reached
    inner join derivation_inputs
        on reached.observation_key = derivation_inputs.component_observation_key

),

-- Only what feeds a target.
asked as (

    select distinct
        reached.finding_id,
        candidates.indicator_code,
        candidates.area_id,
        candidates.period_id
    from reached
    inner join candidates
        on reached.observation_key = candidates.observation_key and candidates.breakdown = '_T'
    inner join cases
        on candidates.indicator_code = cases.indicator_code and candidates.area_id = cases.area_id

),

scenarios as (

    select 'accepted' as scenario
    union all
    select 'excluded'

),

-- Accepted, a value is let through by every rule that nobody decided on, and held only by what else holds it; excluded,
-- it is held with all that rests on it.
supposed as (

    select
        asked.finding_id,
        scenarios.scenario,
        candidates.* replace (
            case
                when reached.observation_key is null then candidates.held
                when scenarios.scenario = 'excluded' then true
                else held_otherwise.observation_key is not null
            end as held
        )
    from asked
    cross join scenarios
    inner join candidates
        on
            asked.indicator_code = candidates.indicator_code
            and asked.area_id = candidates.area_id
            and asked.period_id = candidates.period_id
            and candidates.breakdown = '_T'
    left join reached
        on asked.finding_id = reached.finding_id and candidates.observation_key = reached.observation_key
    left join (
        select distinct
            reached.finding_id,
            reached.observation_key
        from reached
        inner join findings as own
            on reached.finding_id = own.finding_id
        inner join holds
            on reached.observation_key = holds.observation_key
        inner join findings as root
            on holds.finding_id = root.finding_id
        where holds.kind <> 'rule' or root.observation_key <> own.observation_key
    ) as held_otherwise
        on asked.finding_id = held_otherwise.finding_id and candidates.observation_key = held_otherwise.observation_key

),

in_force_in_source as (

    select *
    from supposed
    where not held
    qualify row_number() over (
        partition by finding_id, scenario, indicator_code, area_id, period_id, form, source_id
        order by {{ issue_order() }}
    ) = 1

),

chosen as (

    select *
    from in_force_in_source
    where value is not null
    qualify row_number() over (
        partition by finding_id, scenario, indicator_code, area_id, period_id
        order by {{ precedence_order() }}
    ) = 1

),

final as (

    select
        {{ key_of(['asked.finding_id', 'scenarios.scenario']) }} as scenario_key,
        asked.finding_id,
        scenarios.scenario,
        asked.indicator_code,
        asked.area_id,
        asked.period_id,
        chosen.observation_key
    from asked
    cross join scenarios
    left join chosen
        on
            asked.finding_id = chosen.finding_id
            and scenarios.scenario = chosen.scenario
            and asked.indicator_code = chosen.indicator_code
            and asked.area_id = chosen.area_id
            and asked.period_id = chosen.period_id
    left join actuals
        on
            asked.indicator_code = actuals.indicator_code
            and asked.area_id = actuals.area_id
            and asked.period_id = actuals.period_id
            and actuals.breakdown = '_T'
    where chosen.observation_key is distinct from actuals.observation_key

)

select * from final
