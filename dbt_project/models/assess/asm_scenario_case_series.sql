with cases as (

    select * from {{ ref('asm_scenario_case') }}

),

scenarios as (

    select * from {{ ref('asm_scenario') }}

),

candidates as (

    select * from {{ ref('acc_actual_candidate') }}

),

actuals as (

    select * from {{ ref('acc_actual') }}

),

withheld as (

    select * from {{ ref('acc_withheld') }}

),

periods as (

    select * from {{ source('inputs', 'period') }}

),

units as (

    select * from {{ ref('unit') }}

),

breaks as (

    select * from {{ ref('series_break') }}

),

asked as (

    select distinct scenario_key, indicator_code, area_id from cases

),

-- What is in force now, but for what the scenario changes.
unchanged as (

    select asked.scenario_key, actuals.*
    from asked
    inner join actuals
        on asked.indicator_code = actuals.indicator_code and asked.area_id = actuals.area_id and actuals.breakdown = '_T'
    left join scenarios
        on
            asked.scenario_key = scenarios.scenario_key
            and actuals.indicator_code = scenarios.indicator_code
            and actuals.area_id = scenarios.area_id
            and actuals.period_id = scenarios.period_id
    where scenarios.scenario_key is null

),

without_figure as (

    select asked.scenario_key, withheld.indicator_code, withheld.area_id, withheld.period_id
    from asked
    inner join withheld
        on asked.indicator_code = withheld.indicator_code and asked.area_id = withheld.area_id and withheld.breakdown = '_T'
    left join scenarios
        on
            asked.scenario_key = scenarios.scenario_key
            and withheld.indicator_code = scenarios.indicator_code
            and withheld.area_id = scenarios.area_id
            and withheld.period_id = scenarios.period_id
    where scenarios.scenario_key is null

    union all

    select scenario_key, indicator_code, area_id, period_id
    from scenarios
    where observation_key is null

),

figures as (

    select
        scenario_key, indicator_code, area_id, period_id, value, value_text, value_decimals, unit, form, form_fits, maturity,
        maturity_rank, source_id, observation_key, vintage_at, false as withheld
    from unchanged

    union all

    select
        scenarios.scenario_key, candidates.indicator_code, candidates.area_id, candidates.period_id, candidates.value,
        candidates.value_text, candidates.value_decimals, candidates.unit, candidates.form, candidates.form_fits,
        candidates.maturity, candidates.maturity_rank, candidates.source_id, candidates.observation_key,
        candidates.vintage_at, false
    from scenarios
    inner join candidates
        on scenarios.observation_key = candidates.observation_key

    union all

    select
        scenario_key, indicator_code, area_id, period_id, null, null, null, null, null, true, null, null, null, null, null, true
    from without_figure

),

{{ case_series_ctes(by_scenario=true) }}

select * from final
