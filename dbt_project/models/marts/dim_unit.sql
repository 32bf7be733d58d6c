with units as (

    select * from {{ ref('unit') }}

),

final as (

    select
        unit,
        name_vi,
        name_en,
        symbol_vi,
        symbol_en,
        dimension,
        factor,
        decimals,
        aliases
    from units

)

select * from final
