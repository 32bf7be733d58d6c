with cases as (

    select * from {{ ref('mth_case') }}
    where method = 'growth_rate_target'

),

grown as (

    select
        *,
        {{ compound_growth('base_value', 'current_value', '(current_year - base_year)') }} as cagr_actual
    from cases

),

final as (

    select
        case_id,
        method,
        base_year,
        base_value,
        current_year,
        current_value,
        required_rate,
        cagr_actual,
        case when required_rate <> 0 then cagr_actual / required_rate end as ratio_actual_to_required,
        case when cagr_actual is null or required_rate = 0 then 'UNDEFINED' end as refused_reason
    from grown

)

select * from final
