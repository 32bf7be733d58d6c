with requests as (

    select * from {{ ref('mth_request') }}
    where refused_reason is null

),

annual as (

    select * from {{ ref('asm_case_series') }}
    where role = 'annual' and value is not null

),

figures as (

    select
        requests.case_id,
        requests.method,
        requests.target_start_year,
        requests.target_year,
        requests.target_value,
        cast(annual.year as integer) as year,
        cast(annual.value as double) as value
    from requests
    inner join annual
        on requests.assessment_key = annual.assessment_key

),

final as (

    select
        case_id,
        'value' as series,
        cast(row_number() over (partition by case_id order by year) as integer) as position,
        year,
        value
    from figures
    where method in ('destatis_weather', 'escap_csi_api_0_10')

    union all

    select
        case_id,
        'actual' as series,
        cast(year - target_start_year + 1 as integer) as position,
        year,
        value
    from figures
    where method = 'target_to_date_15pct' and year between target_start_year and target_year

    union all

    -- Equal phasing: every year of the span is promised the same.
    select
        case_id,
        'periodic_target' as series,
        cast(year - target_start_year + 1 as integer) as position,
        year,
        target_value / (target_year - target_start_year + 1) as value
    from figures
    where method = 'target_to_date_15pct' and year between target_start_year and target_year

)

select * from final
