with cases as (

    select * from {{ ref('asm_case') }}

),

scenarios as (

    select * from {{ ref('asm_scenario') }}

),

fed as (

    select distinct
        scenarios.scenario_key,
        scenarios.finding_id,
        scenarios.scenario,
        cases.assessment_key,
        cases.plan_version,
        cases.area_id,
        cases.group_id,
        cases.period_end,
        cases.target_type
    from scenarios
    inner join cases
        on scenarios.indicator_code = cases.indicator_code and scenarios.area_id = cases.area_id

),

-- The parts of a structure are judged together.
touched as (

    select scenario_key, finding_id, scenario, assessment_key from fed

    union

    select
        fed.scenario_key,
        fed.finding_id,
        fed.scenario,
        cases.assessment_key
    from fed
    inner join cases
        on
            fed.plan_version = cases.plan_version
            and fed.area_id = cases.area_id
            and fed.group_id = cases.group_id
            and fed.period_end = cases.period_end
            and fed.target_type = 'structure'
            and cases.target_type = 'structure'

),

-- Each scenario is a plan of its own to the formulas, so that nothing is joined across scenarios.
final as (

    select
        cases.* replace (
            {{ key_of(['cases.assessment_key', 'touched.scenario_key']) }} as assessment_key,
            cases.plan_version || '|' || touched.scenario_key as plan_version
        ),
        cases.assessment_key as assessment_key_now,
        touched.scenario_key,
        touched.finding_id,
        touched.scenario
    from touched
    inner join cases
        on touched.assessment_key = cases.assessment_key

)

select * from final
