with check_results as (

    select * from {{ source('inputs', 'check_result') }}

),

finding_decisions as (

    select * from {{ source('inputs', 'finding_decision') }}

),

-- A failed rule of severity error holds a value until a decision lets it through; a decision that excludes or corrects
-- it holds it whatever the severity.
final as (

    select
        check_results.*,
        coalesce(finding_decisions.decision, 'none') as decision,
        finding_decisions.effect,
        finding_decisions.decision_id,
        finding_decisions.reason_code,
        finding_decisions.flag,
        finding_decisions.decided_on,
        finding_decisions.n_people,
        check_results.outcome = 'failed'
        and check_results.observation_key is not null
        and coalesce(finding_decisions.effect = 'holds', check_results.severity = 'error') as holds
    from check_results
    left join finding_decisions
        on check_results.finding_id = finding_decisions.finding_id
    where check_results.outcome in ('failed', 'suppressed', 'not_checked')

)

select * from final
