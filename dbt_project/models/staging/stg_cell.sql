{#- Cells are wanted where claims are to be worked out. -#}
{%- set kept = kept_sources('obs_cell_claim') -%}

with cells as (

    select * from {{ cells_of_vintages(kept) }}

),

vintages as (

    select * from {{ ref('stg_vintage') }}

),

in_use as (

    select distinct cell_set_key
    from vintages
    where {{ is_not_among('source_id', kept) }}

),

final as (

    select
        cells.cell_set_key,
        cells.cell_index,
        cells.cell_ref,
        cells.table_title,
        cells.labels,
        cells.unit_key,
        cells.value_text,
        cells.decimal_text,
        -- A cell without a number always says why.
        case when cells.decimal_text is null then coalesce(cells.missing_code, 'blank') end as missing_code,
        {{ attribute_text('cells.attributes', 'maturity') }} as stated_maturity,
        {{ date_or_null(attribute_text('cells.attributes', 'published')) }} as stated_published_at,
        {{ attribute_text('cells.attributes', 'publisher') }} as citation_publisher,
        {{ attribute_text('cells.attributes', 'title') }} as citation_title,
        {{ attribute_text('cells.attributes', 'address') }} as citation_address,
        {{ attribute_text('cells.attributes', 'published') }} as citation_published,
        {{ attribute_text('cells.attributes', 'place') }} as citation_place,
        {{ attribute_text('cells.attributes', 'note') }} as note
    from cells
    inner join in_use
        on cells.cell_set_key = in_use.cell_set_key

)

select * from final
