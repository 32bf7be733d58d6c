with sources as (

    select * from {{ source('inputs', 'source_record') }}

),

outcomes as (

    select * from {{ source('inputs', 'source_outcome') }}

),

issues as (

    select * from {{ ref('obs_release_issue') }}

),

-- Completeness: received due / due.
counted as (

    select
        source_id,
        count(*) as n_due,
        count(*) filter (where state like 'received%') as n_received,
        count(*) filter (where state = 'late') as n_late,
        count(*) filter (where state = 'missing') as n_missing,
        count(*) filter (where state = 'not_collected') as n_not_collected
    from issues
    where is_due
    group by source_id

),

upcoming as (

    select
        source_id,
        min(due_on) as next_due_on
    from issues
    where not is_due
    group by source_id

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
        sources.access,
        sources.owned,
        sources.cadence,
        sources.topic,
        ranked.last_outcome,
        ranked.last_reason,
        sources.calendar_state,
        sources.calendar_note_vi,
        sources.calendar_note_en,
        cast(counted.n_due as integer) as n_due,
        cast(counted.n_received as integer) as n_received,
        cast(counted.n_late as integer) as n_late,
        cast(counted.n_missing as integer) as n_missing,
        cast(counted.n_not_collected as integer) as n_not_collected,
        {{ round_published('cast(counted.n_received as double) / counted.n_due') }} as completeness,
        upcoming.next_due_on
    from sources
    left join ranked
        on sources.source_id = ranked.source_id and ranked.place = 1
    left join counted
        on sources.source_id = counted.source_id
    left join upcoming
        on sources.source_id = upcoming.source_id

)

select * from final
