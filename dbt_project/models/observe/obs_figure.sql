with published as (

    select * from {{ ref('obs_published') }}
    {{ union_all_by_name() }}
    select * from {{ ref('obs_correction') }}

),

source_ranks as (

    select * from {{ ref('stg_source_rank') }}

),

maturity_ranks as (

    select * from {{ ref('maturity_rank') }}

),

units as (

    select * from {{ ref('unit') }}

),

final as (

    select
        published.observation_key,
        published.indicator_code,
        published.area_id,
        published.period_id,
        published.breakdown,
        published.form,
        published.source_id,
        coalesce(source_ranks.source_rank, 0) as source_rank,
        published.value,
        case
            when published.value is not null
                then
                    {{ printed_half_width(
                        'published.value', 'published.value_text', 'published.value_decimals', 'units.decimals'
                    ) }}
        end as rounding_half_width,
        published.unit,
        published.price_basis,
        published.index_base,
        published.maturity,
        coalesce(maturity_ranks.maturity_rank, 0) as maturity_rank,
        published.published_at,
        published.vintage_at,
        published.confirmed_published_at,
        published.confirmed_vintage_at,
        published.arrival
    from published
    left join source_ranks
        on
            published.source_id = source_ranks.source_id
            and published.indicator_code = source_ranks.indicator_code
    left join maturity_ranks
        on published.maturity = maturity_ranks.maturity
    left join units
        on published.unit = units.unit

)

select * from final
