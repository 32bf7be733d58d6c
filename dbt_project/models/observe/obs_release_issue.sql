with issues as (

    select * from {{ source('inputs', 'release_issue') }}

),

observations as (

    select * from {{ ref('obs_observation') }}

),

periods as (

    select * from {{ source('inputs', 'period') }}

),

vintages as (

    select * from {{ ref('stg_vintage') }}

),

ranks as (

    select * from {{ ref('maturity_rank') }}

),

run_parameters as (

    select * from {{ source('inputs', 'run_parameter') }}

),

-- A cell that stands for "not available yet" is no figure of its period; a dash is one.
figures as (

    select
        observations.source_id,
        observations.maturity,
        observations.published_at,
        periods.type,
        periods.start_date,
        periods.end_date
    from observations
    inner join periods
        on observations.period_id = periods.period_id
    where observations.value is not null or observations.missing_code in ('zero', 'dash', 'suppressed')

),

-- What is published of a month may be that month, a day in it or the months from January up to it; a year is never
-- known by its last quarter, nor a quarter by its year.
answers as (

    select
        issues.issue_key,
        figures.maturity,
        figures.published_at
    from issues
    inner join figures
        on
            issues.source_id = figures.source_id
            and (
                (
                    issues.period_end = figures.end_date
                    and (
                        (issues.periodicity = 'annual' and figures.type in ('year', 'year_to_date'))
                        or (issues.periodicity = 'half_year' and figures.type in ('half_year', 'year_to_date'))
                        or (
                            issues.periodicity = 'quarterly'
                            and figures.type in ('quarter', 'half_year', 'year_to_date')
                        )
                        or (issues.periodicity = 'monthly' and figures.type in ('month', 'year_to_date'))
                    )
                )
                or (
                    issues.periodicity in ('annual', 'monthly')
                    and figures.type = 'date'
                    and figures.start_date between issues.period_start and issues.period_end
                )
                or (
                    issues.periodicity = 'annual'
                    and figures.type = 'school_year'
                    and figures.start_date between issues.period_start and issues.period_end
                )
            )

),

-- An issue that names a maturity is answered by a figure of that maturity only.
received as (

    select
        issues.issue_key,
        min(answers.published_at) as issued_on
    from issues
    inner join answers
        on
            issues.issue_key = answers.issue_key
            and (issues.maturity is null or issues.maturity = answers.maturity)
    group by issues.issue_key

),

-- What a more final figure of the same period has overtaken will not come any more.
overtaken as (

    select distinct issues.issue_key
    from issues
    inner join answers
        on issues.issue_key = answers.issue_key
    inner join ranks as asked_for
        on issues.maturity = asked_for.maturity
    inner join ranks as come
        on answers.maturity = come.maturity
    where come.maturity_rank > asked_for.maturity_rank

),

-- The same of a period before one that has come.
latest_received as (

    select
        issues.source_id,
        issues.periodicity,
        coalesce(issues.maturity, '') as maturity,
        max(issues.period_end) as period_end
    from issues
    inner join received
        on issues.issue_key = received.issue_key
    group by issues.source_id, issues.periodicity, coalesce(issues.maturity, '')

),

collected as (

    select distinct source_id from vintages

),

final as (

    select
        issues.issue_key,
        issues.source_id,
        issues.periodicity,
        issues.period_id,
        issues.period_start,
        issues.period_end,
        issues.maturity,
        issues.due_on,
        issues.grace_until,
        issues.due_on <= run_parameters.cut_off as is_due,
        case
            when received.issue_key is not null and received.issued_on is null then 'received_undated'
            when received.issued_on > issues.grace_until then 'received_late'
            when received.issue_key is not null then 'received'
            when issues.due_on > run_parameters.cut_off then 'not_due'
            when collected.source_id is null then 'not_collected'
            when run_parameters.cut_off <= issues.grace_until then 'due'
            when overtaken.issue_key is not null or latest_received.period_end > issues.period_end then 'missing'
            else 'late'
        end as state,
        received.issued_on,
        issues.basis_vi,
        issues.basis_en
    from issues
    cross join run_parameters
    left join received
        on issues.issue_key = received.issue_key
    left join overtaken
        on issues.issue_key = overtaken.issue_key
    left join latest_received
        on
            issues.source_id = latest_received.source_id
            and issues.periodicity = latest_received.periodicity
            and coalesce(issues.maturity, '') = latest_received.maturity
    left join collected
        on issues.source_id = collected.source_id

)

select * from final
