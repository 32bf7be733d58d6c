with candidates as (

    select * from {{ ref('acc_actual_candidate') }}

),

revisions as (

    select * from {{ ref('acc_revision') }}

),

-- Another unit, index base or price basis is another series: its values are not set against these.
comparable as (

    select
        * replace (coalesce(index_base, '') as index_base, coalesce(price_basis, '') as price_basis),
        case
            when published_at is null or origin is not distinct from 'derived' then cast(vintage_at as date) else published_at
        end as issued_on
    from candidates

),

-- What reviewers or rules hold says nothing about how the publisher revises.
valued as (

    select
        *,
        row_number() over (
            partition by indicator_code, area_id, period_id, breakdown, form, source_id, unit, index_base, price_basis
            order by issued_on, vintage_at, arrival
        ) as first_place,
        row_number() over (
            partition by indicator_code, area_id, period_id, breakdown, form, source_id, unit, index_base, price_basis
            order by issued_on desc, vintage_at desc, arrival desc
        ) as last_place
    from comparable
    where value is not null and not held

),

-- One row per period: what was said of it first and what is said of it now.
first_and_latest as (

    select
        indicator_code,
        area_id,
        period_id,
        breakdown,
        form,
        source_id,
        unit,
        index_base,
        price_basis,
        -- A later issue that repeats a value makes no row, but it is a second look at it.
        count(*) > 1 or coalesce(bool_or(confirmed_published_at > published_at), false) as is_compared,
        max(value) filter (where first_place = 1) as first_value,
        max(value) filter (where last_place = 1) as latest_value
    from valued
    group by indicator_code, area_id, period_id, breakdown, form, source_id, unit, index_base, price_basis

),

steps as (

    select
        indicator_code,
        area_id,
        breakdown,
        form,
        source_id,
        unit,
        index_base,
        price_basis,
        count(*) filter (where kind in ('scheduled_revision', 'benchmark_revision')) as n_scheduled_revisions,
        count(*) filter (where kind = 'correction') as n_corrections,
        count(*) filter (where kind = 'undeclared_revision') as n_undeclared_revisions
    from revisions
    where not held
    group by indicator_code, area_id, breakdown, form, source_id, unit, index_base, price_basis

),

measured as (

    select
        indicator_code,
        area_id,
        breakdown,
        form,
        source_id,
        unit,
        index_base,
        price_basis,
        count(*) as n_periods,
        count(*) filter (where is_compared) as n_periods_compared,
        count(*) filter (where latest_value <> first_value) as n_periods_revised,
        count(*) filter (where latest_value > first_value) as n_periods_revised_upward,
        cast(sum(abs(latest_value - first_value)) filter (where is_compared) as double)
            / nullif(count(*) filter (where is_compared), 0) as mean_absolute_revision,
        cast(sum(latest_value - first_value) filter (where is_compared) as double)
            / nullif(count(*) filter (where is_compared), 0) as mean_revision,
        cast(max(abs(latest_value - first_value)) filter (where is_compared) as double) as largest_revision
    from first_and_latest
    group by indicator_code, area_id, breakdown, form, source_id, unit, index_base, price_basis

),

final as (

    select
        measured.*,
        coalesce(steps.n_scheduled_revisions, 0) as n_scheduled_revisions,
        coalesce(steps.n_corrections, 0) as n_corrections,
        coalesce(steps.n_undeclared_revisions, 0) as n_undeclared_revisions
    from measured
    left join steps
        on
            measured.indicator_code = steps.indicator_code
            and measured.area_id = steps.area_id
            and measured.breakdown = steps.breakdown
            and measured.form = steps.form
            and measured.source_id = steps.source_id
            and measured.unit = steps.unit
            and measured.index_base = steps.index_base
            and measured.price_basis = steps.price_basis

)

select * from final
