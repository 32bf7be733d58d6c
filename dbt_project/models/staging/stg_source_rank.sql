with sources as (

    select * from {{ source('inputs', 'source_record') }}

),

dated_ranks as (

    select * from {{ source('inputs', 'source_rank') }}

),

run_parameters as (

    select * from {{ source('inputs', 'run_parameter') }}

),

indicators as (

    select * from {{ ref('indicator') }}

),

in_force as (

    select dated_ranks.*
    from dated_ranks
    cross join run_parameters
    where dated_ranks.applies_from <= run_parameters.cut_off

),

-- The undated rank of the record is the oldest rule of all.
rules as (

    select
        sources.source_id,
        indicators.indicator_code,
        sources.rank,
        cast(null as date) as applies_from,
        false as names_indicator
    from sources
    cross join indicators

    union all

    select
        in_force.source_id,
        indicators.indicator_code,
        in_force.rank,
        in_force.applies_from,
        in_force.indicator_code <> '' as names_indicator
    from in_force
    inner join indicators
        on in_force.indicator_code = '' or in_force.indicator_code = indicators.indicator_code

),

ranked as (

    select
        *,
        row_number() over (
            partition by source_id, indicator_code
            order by applies_from desc nulls last, names_indicator desc
        ) as place
    from rules

),

final as (

    select
        source_id,
        indicator_code,
        rank as source_rank
    from ranked
    where place = 1

)

select * from final
