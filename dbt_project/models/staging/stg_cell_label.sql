with cells as (

    select * from {{ ref('stg_cell') }}

),

label_rows as (

    select
        cell_set_key,
        cell_index,
        {{ rows_of('labels') }} as label
    from cells

),

final as (

    select distinct
        cell_set_key,
        cell_index,
        label.dimension as dimension,
        label.key as label_key
    from label_rows

)

select * from final
