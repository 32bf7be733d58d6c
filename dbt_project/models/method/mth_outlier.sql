with cases as (

    select * from {{ ref('mth_case') }}
    where method in ('outlier_z_score', 'outlier_modified_z_score')

),

-- 0.6745 is what makes the median of absolute deviations comparable to a standard deviation.
centred as (

    select
        *,
        case when median is null then mean else median end as centre,
        case when median is null then std_dev else mad end as spread,
        case when median is null then 1.0 else 0.6745 end as factor,
        coalesce(threshold, 3.0) as limit_of_score
    from cases

),

scored as (

    select
        *,
        abs(current_value - centre) as abs_dev,
        case
            when spread <> 0 then factor * abs(current_value - centre) / spread
            when median is not null then 0.0
        end as z_score
    from centred

),

final as (

    select
        case_id,
        method,
        abs_dev,
        z_score,
        centre - limit_of_score * spread / factor as lower_bound,
        centre + limit_of_score * spread / factor as upper_bound,
        coalesce(z_score > limit_of_score, false) as outlier
    from scored

)

select * from final
