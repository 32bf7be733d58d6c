with targets as (

    select * from {{ ref('stg_plan_target') }}
    where target_type = 'milestone'

),

reports as (

    select * from {{ ref('stg_milestone_report') }}

),

run_parameters as (

    select * from {{ source('inputs', 'run_parameter') }}

),

assessment_parameters as (

    select cast(max(case when parameter = 'milestone_due_months' then value end) as integer) as due_months
    from {{ ref('assessment_parameter') }}

),

-- The latest report is the one about the latest day; of two about one day the later issued, then the later received.
ranked as (

    select
        *,
        row_number() over (
            partition by plan_version, target_id
            order by
                as_of_date desc, coalesce(document_date, published_at) desc nulls last, vintage_at desc,
                source_id, snapshot_sha256, cell_ref
        ) as place
    from reports

),

dated as (

    select
        targets.plan_version,
        targets.target_id,
        targets.due_rule,
        case targets.due_rule
            when 'by_end' then make_date(targets.period_end, 12, 31)
            when 'before' then make_date(targets.period_end - 1, 12, 31)
        end as due_date,
        run_parameters.cut_off,
        assessment_parameters.due_months
    from targets
    cross join run_parameters
    cross join assessment_parameters

),

reported as (

    select
        dated.*,
        {{ moved_by_months('dated.due_date', '-dated.due_months') }} as due_from,
        ranked.reported_state,
        ranked.as_of_date,
        ranked.completed_on,
        ranked.issuer_vi,
        ranked.document_number,
        ranked.document_date,
        ranked.source_id,
        ranked.snapshot_sha256,
        ranked.cell_ref
    from dated
    left join ranked
        on
            dated.plan_version = ranked.plan_version
            and dated.target_id = ranked.target_id
            and ranked.place = 1

),

-- Overdue needs a report from after the date that says it is not done; silence is no report. Late needs the day of
-- completion: a report that gives none says only that it is done.
judged as (

    select
        *,
        case
            when reported_state = 'withdrawn' then 'withdrawn'
            when reported_state = 'done' and completed_on > due_date then 'done_late'
            when reported_state = 'done' then 'done'
            when due_date < cut_off and reported_state in ('not_done', 'in_progress') and as_of_date > due_date
                then 'overdue'
            when due_date <= cut_off then 'no_report'
            when due_from <= cut_off then 'due'
            else 'not_due'
        end as state
    from reported

),

final as (

    select
        plan_version,
        target_id,
        due_date,
        due_rule,
        state,
        case
            when state in ('done', 'done_late') then coalesce(completed_on, as_of_date)
            when state = 'withdrawn' then as_of_date
            when state = 'overdue' then cast(due_date + 1 as date)
            when state = 'no_report' then due_date
            when state = 'due' then due_from
        end as state_since,
        nullif(concat_ws(', ', issuer_vi, document_number, {{ day_month_year('document_date') }}), '') as evidence,
        issuer_vi as evidence_issuer,
        document_number as evidence_document_number,
        document_date as evidence_document_date,
        source_id as evidence_source_id,
        snapshot_sha256 as evidence_snapshot_sha256,
        cell_ref as evidence_cell_ref,
        reported_state,
        as_of_date as reported_as_of
    from judged

)

select * from final
