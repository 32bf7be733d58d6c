with sources as (

    select * from {{ source('inputs', 'source_record') }}

),

outcomes as (

    select * from {{ source('inputs', 'source_outcome') }}

),

-- Of a source with several documents the worst outcome. New and unchanged bytes are one state of a source:
-- it was received; which of the two it was depends on when one looked.
ranked as (

    select
        source_id,
        case when last_outcome in ('new', 'unchanged') then 'received' else last_outcome end as last_outcome,
        case when last_outcome not in ('new', 'unchanged') then last_reason end as last_reason,
        row_number() over (
            partition by source_id
            order by
                case last_outcome when 'failed' then 1 when 'quarantined' then 2 when 'not_yet_published' then 3 else 4 end,
                last_reason nulls last, last_outcome
        ) as place
    from outcomes

),

final as (

    select
        sources.source_id,
        sources.title_vi,
        sources.title_en,
        sources.publisher_vi,
        sources.publisher_en,
        sources.publisher_kind,
        cast(sources.rank as integer) as rank,
        sources.origin,
        sources.licence,
        sources.cadence,
        sources.topic,
        ranked.last_outcome,
        ranked.last_reason
    from sources
    left join ranked
        on sources.source_id = ranked.source_id and ranked.place = 1

)

select * from final
