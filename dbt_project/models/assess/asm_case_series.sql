with cases as (

    select * from {{ ref('asm_case') }}

),

actuals as (

    select * from {{ ref('acc_actual') }}

),

withheld as (

    select * from {{ ref('acc_withheld') }}

),

periods as (

    select * from {{ source('inputs', 'period') }}

),

units as (

    select * from {{ ref('unit') }}

),

breaks as (

    select * from {{ ref('series_break') }}

),

figures as (

    select
        indicator_code, area_id, period_id, value, value_text, value_decimals, unit, form, form_fits, maturity,
        maturity_rank, source_id, observation_key, vintage_at, false as withheld
    from actuals
    where breakdown = '_T'

    union all

    select
        indicator_code, area_id, period_id, null, null, null, null, null, true, null, null, null, null, null, true
    from withheld
    where breakdown = '_T'

),

{{ case_series_ctes() }}

select * from final
