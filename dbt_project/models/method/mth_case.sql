with requests as (

    select * from {{ ref('mth_request') }}

),

final as (

    select
        case_id,
        method,
        kind,
        cast(direction as integer) as direction,
        cast(base_year as integer) as base_year,
        case when method <> 'escap_csi_api_0_10' then base_value end as base_value,
        cast(current_year as integer) as current_year,
        case when method <> 'escap_csi_api_0_10' then current_value end as current_value,
        target_value,
        cast(null as double) as target_low,
        cast(null as double) as target_high,
        cast(target_year as integer) as target_year,
        cast(null as double) as limit_value,
        cast(case when method = 'escap_csi_api_0_10' then 100 end as double) as upper_scale,
        cast(null as double) as projected_value,
        cast(null as integer) as assessment_year,
        cast(null as integer) as window_points,
        required_rate,
        cast(null as double) as stated_growth,
        cast(null as double) as margin,
        false as is_cumulative,
        false as is_percent,
        cast(null as double) as sub_target,
        cast(null as double) as super_target,
        cast(null as double) as points_sub,
        cast(null as double) as points_target,
        cast(null as double) as points_super,
        cast(null as double) as mean,
        cast(null as double) as std_dev,
        cast(null as double) as median,
        cast(null as double) as mad,
        cast(null as double) as threshold
    from requests
    where refused_reason is null

)

select * from final
