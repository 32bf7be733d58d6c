with indicators as (

    select * from {{ ref('indicator') }}

),

derivations as (

    select * from {{ ref('derivation') }}

),

methods as (

    select * from {{ ref('derivation_method') }}

),

-- A ratio is declared where it is defined: by the parts of its indicator.
declared as (

    select
        'ratio_' || lower(indicator_code) as derivation_id,
        'ratio' as method,
        indicator_code,
        '_T' as breakdown
    from indicators
    where components is not null

    union all

    select derivation_id, method, indicator_code, breakdown
    from derivations

),

final as (

    select
        declared.derivation_id,
        declared.method,
        methods.stage,
        methods.priority,
        methods.one_source,
        methods.offset_value,
        declared.indicator_code,
        declared.breakdown,
        indicators.form,
        indicators.unit
    from declared
    inner join methods
        on declared.method = methods.method
    inner join indicators
        on declared.indicator_code = indicators.indicator_code

)

select * from final
