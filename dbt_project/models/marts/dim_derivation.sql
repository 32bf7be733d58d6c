with derivations as (

    select * from {{ ref('obs_derivation') }}

),

components as (

    select * from {{ ref('obs_derivation_component') }}

),

methods as (

    select * from {{ ref('derivation_method') }}

),

indicators as (

    select * from {{ ref('indicator') }}

),

breakdowns as (

    select * from {{ ref('breakdown') }}

),

named as (

    select
        components.derivation_id,
        components.position,
        {% for language, before, after in [('vi', ' (năm trước)', ' (năm sau)'), ('en', ' (year before)', ' (year after)')] -%}
        indicators.name_{{ language }}
        || coalesce(' (' || breakdowns.name_{{ language }} || ')', '')
        || case components.year_shift when -1 then '{{ before }}' when 1 then '{{ after }}' else '' end as name_{{ language }},
        {% endfor -%}
        case
            when components.position = 1 then ''
            when components.operation = 'add' and components.coefficient < 0 then ' − '
            when components.operation = 'add' then ' + '
            when components.operation = 'divide' then ' : '
            else ' × '
        end as sign,
        components.operation = 'grow' as is_growth,
        case when components.coefficient not in (1, -1) then ' × ' || cast(components.coefficient as varchar) else '' end as times
    from components
    inner join indicators
        on components.indicator_code = indicators.indicator_code
    left join breakdowns
        on components.breakdown = breakdowns.breakdown

),

formulas as (

    select
        derivation_id,
        {% for language in ['vi', 'en'] -%}
        {{ joined_text("sign || case when is_growth then '(1 + ' || name_" ~ language ~ " || ')' else name_" ~ language ~ " end || times", 'position', '') }}
            as formula_{{ language }}{{ ',' if not loop.last }}
        {% endfor -%}
    from named
    group by derivation_id

),

declared as (

    select
        derivations.derivation_id,
        derivations.method,
        methods.name_vi as method_vi,
        methods.name_en as method_en,
        derivations.indicator_code,
        derivations.breakdown,
        formulas.formula_vi || case when derivations.offset_value = -1 then ' − 1' else '' end as formula_vi,
        formulas.formula_en || case when derivations.offset_value = -1 then ' − 1' else '' end as formula_en
    from derivations
    inner join formulas
        on derivations.derivation_id = formulas.derivation_id
    inner join methods
        on derivations.method = methods.method

),

-- Of these methods the components of a figure alone say what it is made of.
general as (

    select
        method as derivation_id,
        method,
        name_vi as method_vi,
        name_en as method_en,
        cast(null as varchar) as indicator_code,
        cast(null as varchar) as breakdown,
        name_vi as formula_vi,
        name_en as formula_en
    from methods
    where method in ('merger', 'periods')

),

final as (

    select * from declared
    union all
    select * from general

)

select * from final
