with final as (

    select * from {{ ref('obs_derived_merger') }}

    union all

    select * from {{ ref('obs_derived_sum') }}

    union all

    select * from {{ ref('obs_derived_level') }}

    union all

    select * from {{ ref('obs_derived_ratio') }}

)

select * from final
