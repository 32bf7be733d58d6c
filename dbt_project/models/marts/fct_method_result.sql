with requests as (

    select * from {{ ref('mth_request') }}

),

results as (

    select
        case_id, status, score, progress_value as value, cast(null as varchar) as detail,
        cast(null as varchar) as refused_reason, base_year, base_value, current_year, current_value, cast(null as bigint) as n_points
    from {{ ref('mth_statcan') }}

    union all

    select
        case_id, symbol, null, miss_share,
        case when symbol is null then 'fewer than four consecutive years' end,
        case when symbol is null then 'TOO_FEW' end, null, null, current_year, current_value, n_points
    from {{ ref('mth_destatis') }}

    union all

    select
        case_id, current_status_class, anticipated_progress, current_status, anticipated_class,
        refused_reason, base_year, base_value, current_year, current_value, n_points
    from {{ ref('mth_escap') }}

    union all

    select
        case_id, class, cast(score as double), coalesce(projected_share, ratio),
        case when method = 'unsd_progress_chart_2023' then 'value is the projected share of the way' end,
        refused_reason, base_year, base_value, current_year, current_value, null
    from {{ ref('mth_unsd') }}

    union all

    select
        case_id, null, null, ratio_actual_to_required, null, refused_reason,
        base_year, base_value, current_year, current_value, null
    from {{ ref('mth_growth_rate') }}

    union all

    select
        case_id,
        case over_under when 1 then 'over' when -1 then 'under' when 0 then 'on scope' end,
        cast(over_under as double), ratio, null, null, null, null, null, null, n_points
    from {{ ref('mth_periodic_target') }}

),

final as (

    select
        requests.assessment_key,
        requests.target_id,
        requests.plan_version,
        requests.area_id,
        requests.indicator_code,
        requests.method,
        requests.cut_off,
        results.status,
        {{ round_published('results.score') }} as score,
        {{ round_published('results.value') }} as value,
        coalesce(results.base_year, requests.base_year) as base_year,
        {{ round_published('coalesce(results.base_value, requests.base_value)') }} as base_value,
        coalesce(results.current_year, requests.current_year) as current_year,
        {{ round_published('coalesce(results.current_value, requests.current_value)') }} as current_value,
        {{ round_published('requests.target_value') }} as target_value,
        requests.target_year,
        coalesce(results.n_points, requests.n_points) as n_points,
        results.detail,
        coalesce(requests.refused_reason, results.refused_reason) as refused_reason
    from requests
    left join results
        on requests.case_id = results.case_id

)

select * from final
