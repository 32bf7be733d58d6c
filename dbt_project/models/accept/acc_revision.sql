with candidates as (

    select * from {{ ref('acc_actual_candidate') }}

),

benchmarks as (

    select * from {{ ref('benchmark_revision') }}

),

periods as (

    select * from {{ source('inputs', 'period') }}

),

-- The order of issue, not of arrival: an older issue that arrives late takes its place in the history. What has no
-- date of issue stands where it arrived, and what is worked out where it was.
issued as (

    select
        *,
        case
            when published_at is null or origin is not distinct from 'derived' then cast(vintage_at as date) else published_at
        end as issued_on,
        published_at is null or origin is not distinct from 'derived' as is_issue_date_of_arrival,
        -- A correction keeps the place of the issue it corrects, and is told of on the day it was decided.
        case when origin = 'correction' then cast(vintage_at as date) end as corrected_on
    from candidates

),

steps as (

    select
        *,
        lag(observation_key) over issues as from_observation_key,
        lag(value) over issues as from_value,
        lag(unit) over issues as from_unit,
        lag(index_base) over issues as from_index_base,
        lag(price_basis) over issues as from_price_basis,
        lag(maturity) over issues as from_maturity,
        lag(maturity_rank) over issues as from_maturity_rank,
        lag(issued_on) over issues as from_issued_on,
        lag(coalesce(corrected_on, issued_on)) over issues as from_told_on,
        coalesce(corrected_on, issued_on) as told_on,
        lag(is_issue_date_of_arrival) over issues as from_is_issue_date_of_arrival,
        row_number() over issues as issue_number
    from issued
    window issues as (
        partition by indicator_code, area_id, period_id, breakdown, form, source_id
        order by issued_on, vintage_at, arrival
    )

),

-- A declared benchmark lies between the two issues, and the period is one that it re-estimates.
rebased as (

    select distinct steps.observation_key
    from steps
    inner join benchmarks
        on
            steps.indicator_code = benchmarks.indicator_code
            and steps.from_issued_on < benchmarks.benchmark_on
            and benchmarks.benchmark_on <= steps.issued_on
    inner join periods
        on
            steps.period_id = periods.period_id
            and extract('year' from periods.end_date) between benchmarks.first_year and benchmarks.last_year

),

classed as (

    select
        steps.*,
        case
            when from_value is null and value is null then 'absence'
            when value is null then 'withdrawal'
            when from_value is null then 'filled'
            when
                unit <> from_unit
                or coalesce(index_base, '') <> coalesce(from_index_base, '')
                or coalesce(price_basis, '') <> coalesce(from_price_basis, '')
                then 'redefinition'
            when origin = 'derived' and value <> from_value then 'component_revision'
            when origin = 'correction' then 'correction'
            when maturity_rank > from_maturity_rank and from_maturity_rank > 0 and value <> from_value then 'scheduled_revision'
            when maturity_rank > from_maturity_rank and value = from_value then 'confirmation'
            when value = from_value then 'repetition'
            when rebased.observation_key is not null then 'benchmark_revision'
            when maturity_rank > 0 and from_maturity_rank > 0 then 'correction'
            else 'undeclared_revision'
        end as kind
    from steps
    left join rebased
        on steps.observation_key = rebased.observation_key
    where steps.from_observation_key is not null

),

final as (

    select
        indicator_code,
        area_id,
        period_id,
        breakdown,
        form,
        source_id,
        cast(issue_number - 1 as integer) as revision_number,
        kind,
        from_observation_key,
        observation_key as to_observation_key,
        from_value,
        value as to_value,
        unit,
        coalesce(index_base, '') as index_base,
        coalesce(price_basis, '') as price_basis,
        case
            when kind in ('scheduled_revision', 'benchmark_revision', 'component_revision', 'correction', 'undeclared_revision')
                then value - from_value
        end as revision,
        case
            when
                kind in ('scheduled_revision', 'benchmark_revision', 'component_revision', 'correction', 'undeclared_revision')
                and from_value <> 0
                then 100.0 * (cast(value as double) - cast(from_value as double)) / abs(cast(from_value as double))
        end as revision_percent,
        from_maturity,
        maturity as to_maturity,
        from_told_on as from_issued_on,
        told_on as to_issued_on,
        from_is_issue_date_of_arrival or is_issue_date_of_arrival as is_dated_by_arrival,
        cast({{ days_between('from_told_on', 'told_on') }} as integer) as days_between_issues,
        held
    from classed
    where kind not in ('absence', 'repetition')

)

select * from final
