with cases as (

    select * from {{ ref('mth_case') }}
    where method = 'escap_csi_api_0_10'

),

series as (

    select * from {{ ref('mth_series') }}

),

shares as (

    select
        cases.case_id,
        series.year,
        series.value,
        series.value / cases.upper_scale as share
    from cases
    inner join series
        on cases.case_id = series.case_id
    where series.series = 'value' and series.value is not null

),

-- The logarithm of the odds has no value at the ends of the scale; the ends are told by their signs.
points as (

    select
        *,
        case when share > 0 and share < 1 then ln(share / (1 - share)) end as logit,
        case share when 0 then -1 when 1 then 1 else 0 end as at_end
    from shares

),

steps as (

    select
        *,
        (logit - lag(logit) over (partition by case_id order by year))
        / (year - lag(year) over (partition by case_id order by year)) as slope,
        coalesce(at_end <> lag(at_end) over (partition by case_id order by year), false) as is_infinite
    from points

),

trends as (

    select
        case_id,
        count(*) as n_points,
        max(year) as last_year,
        {{ first_in_order('value', 'year desc') }} as last_value,
        {{ first_in_order('logit', 'year desc') }} as last_logit,
        max(case when share < 0 or share > 1 then 1 else 0 end) = 1 as is_off_scale,
        case
            when max(case when is_infinite then 1 else 0 end) = 0
                then {{ ordered_sum('slope', 'year') }} / count(slope)
        end as slope
    from steps
    group by case_id

),

values_of_years as (

    select
        cases.*,
        trends.n_points,
        trends.last_value,
        trends.slope,
        trends.is_off_scale,
        case
            when trends.slope is null then trends.last_value
            else {{ from_logit('trends.last_logit + trends.slope * (cases.base_year - trends.last_year)', 'cases.upper_scale') }}
        end as base_carried,
        case
            when trends.slope is null then trends.last_value
            else {{ from_logit('trends.last_logit + trends.slope * (cases.current_year - trends.last_year)', 'cases.upper_scale') }}
        end as current_carried,
        case
            when trends.slope is null then trends.last_value
            else {{ from_logit('trends.last_logit + trends.slope * (cases.target_year - trends.last_year)', 'cases.upper_scale') }}
        end as target_carried,
        base_points.value as base_observed,
        current_points.value as current_observed
    from cases
    left join trends
        on cases.case_id = trends.case_id
    left join points as base_points
        on cases.case_id = base_points.case_id and cases.base_year = base_points.year
    left join points as current_points
        on cases.case_id = current_points.case_id and cases.current_year = current_points.year

),

-- What a case states of itself stands before its series.
stated as (

    select
        case_id,
        method,
        direction,
        target_value as target,
        target_year,
        base_year,
        current_year,
        coalesce(n_points, 0) as n_points,
        last_value,
        coalesce(is_off_scale, false) as is_off_scale,
        base_value is not null and current_value is not null as is_stated,
        coalesce(base_value, base_observed, base_carried) as base,
        coalesce(current_value, current_observed, current_carried) as latest,
        coalesce(projected_value, target_carried) as projected
    from values_of_years

),

indexed as (

    select
        *,
        is_stated or (n_points > 1 and not is_off_scale) as has_status,
        {{ reached_target('last_value', 'target', 'direction') }} as only_point_reached,
        {{ index_0_10('latest', 'base', 'target', 'direction') }} as status_index,
        {{ index_0_10('projected', 'base', 'target', 'direction') }} as progress_index
    from stated

),

final as (

    select
        case_id,
        method,
        n_points,
        base_year,
        case when has_status then base end as base_value,
        current_year,
        case when has_status then latest end as current_value,
        target as target_value,
        target_year,
        case when has_status then projected end as projected_value,
        case
            when has_status then status_index
            when n_points = 1 and only_point_reached then 10.0
        end as current_status,
        case
            when has_status
                then {{ index_class('status_index', 'On-track', 'Slow progress', 'Regression') }}
            when is_off_scale then null
            when n_points = 0 then 'No data'
            when only_point_reached then 'On-track'
            else 'Insufficient data'
        end as current_status_class,
        case
            when has_status then progress_index
            when n_points = 1 and only_point_reached then 10.0
        end as anticipated_progress,
        case
            when has_status and projected is not null
                then {{ index_class('progress_index', 'Will meet target', 'Need to accelerate', 'No progress expected') }}
            when has_status or is_off_scale then null
            when n_points = 0 then 'No data'
            when only_point_reached then 'Will meet target'
            else 'Insufficient data'
        end as anticipated_class,
        case when is_off_scale and not is_stated then 'OFF_SCALE' end as refused_reason
    from indexed

)

select * from final
