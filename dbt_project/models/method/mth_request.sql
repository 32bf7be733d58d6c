with cases as (

    select * from {{ ref('asm_case') }}

),

series as (

    select * from {{ ref('asm_case_series') }}
    where role = 'annual' and value is not null

),

latest_years as (

    select
        assessment_key,
        max(year) as current_year,
        count(*) as n_points
    from series
    group by assessment_key

),

-- An average growth starts from the year before its span; everything else from the base that the target declares.
placed as (

    select
        cases.assessment_key,
        cases.target_id,
        cases.plan_version,
        cases.area_id,
        cases.indicator_code,
        cases.cut_off,
        cases.last_complete_year,
        cases.target_type,
        cases.unit,
        cases.period_start,
        cases.period_end,
        cases.sense,
        cases.phasing,
        cases.works_from_level,
        cases.is_not_comparable,
        cases.frame_valid_to,
        case
            when cases.target_type = 'average_growth' then cases.period_start - 1
            else {{ integer_or_null('cases.base_period') }}
        end as base_year,
        cast(
            coalesce(
                case when cases.sense = -1 then cases.value_high else cases.value_low end,
                cases.value_low,
                cases.value_high
            ) as double
        ) as figure,
        cases.target_type in ('level', 'count', 'area', 'capacity', 'rank', 'floor', 'ceiling')
        or (cases.target_type = 'interval' and coalesce(cases.range_kind, 'ambition') = 'ambition') as is_level
    from cases

),

with_figures as (

    select
        placed.*,
        cast(base_points.value as double) as base_value,
        latest_years.current_year,
        cast(current_points.value as double) as current_value,
        coalesce(latest_years.n_points, 0) as n_points
    from placed
    left join latest_years
        on placed.assessment_key = latest_years.assessment_key
    left join series as base_points
        on placed.assessment_key = base_points.assessment_key and placed.base_year = base_points.year
    left join series as current_points
        on
            latest_years.assessment_key = current_points.assessment_key
            and latest_years.current_year = current_points.year

),

methods as (

    select 'statcan_cagr_ratio' as method, 'ratio' as needs
    union all
    select 'unsd_progress_chart_2022', 'ratio'
    union all
    select 'unsd_progress_chart_2023', 'ratio'
    union all
    select 'escap_csi_api_0_10', 'scale'
    union all
    select 'destatis_weather', 'series'
    union all
    select 'growth_rate_target', 'rate'
    union all
    select 'target_to_date_15pct', 'periods'

),

-- Which methods a type of target falls under at all: no row where a publisher has no rule for such a promise.
applicable as (

    select
        with_figures.*,
        methods.method,
        methods.needs
    from with_figures
    inner join methods
        on
            (methods.needs in ('ratio', 'series') and with_figures.is_level)
            or (methods.needs = 'scale' and with_figures.is_level and with_figures.unit = 'percent')
            or (methods.needs = 'rate' and with_figures.target_type = 'average_growth' and with_figures.works_from_level)
            or (methods.needs = 'periods' and with_figures.target_type = 'cumulative' and with_figures.phasing = 'equal')

),

final as (

    select
        {{ key_of(['assessment_key', 'method']) }} as case_id,
        assessment_key,
        target_id,
        plan_version,
        area_id,
        indicator_code,
        method,
        cut_off,
        case
            when method <> 'destatis_weather' then null
            when target_type in ('floor', 'ceiling') then 'constant_target'
            when target_type = 'interval' then 'interval_weaker_end'
            else 'target_value'
        end as kind,
        sense as direction,
        base_year,
        base_value,
        case when needs = 'scale' then last_complete_year else current_year end as current_year,
        current_value,
        figure as target_value,
        period_start as target_start_year,
        period_end as target_year,
        case when needs = 'rate' then figure / 100 end as required_rate,
        n_points,
        case
            when figure is null then 'NO_TARGET'
            when frame_valid_to < cut_off then 'SUPERSEDED_BASIS'
            when is_not_comparable then 'NOT_COMPARABLE'
            when n_points = 0 then 'NO_DATA'
            when needs <> 'rate' and needs <> 'periods' and sense is null then 'NO_DIRECTION'
            when needs in ('ratio', 'rate', 'scale') and base_year is null then 'NO_BASE'
            when needs in ('ratio', 'rate') and base_value is null then 'NO_BASE'
            when needs in ('ratio', 'rate', 'scale') and base_year >= period_end then 'NO_BASE'
            when needs = 'series' and n_points < 4 then 'TOO_FEW'
        end as refused_reason
    from applicable

)

select * from final
