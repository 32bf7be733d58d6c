with documents as (

    select * from {{ source('inputs', 'plan_document') }}

),

-- Of one kind and area the document in force, the latest when there are several.
in_force as (

    select
        area_id,
        kind,
        plan_version,
        number,
        row_number() over (
            partition by area_id, kind order by cast(adopted_on as date) desc nulls last, plan_version desc
        ) as place
    from documents
    where legal_status = 'in_force'

),

final as (

    select
        documents.plan_version,
        documents.kind,
        documents.legal_status,
        cast(documents.targets_transcribed as boolean) as targets_transcribed,
        documents.number,
        documents.title_vi,
        documents.title_en,
        documents.issuer_vi,
        documents.issuer_en,
        cast(documents.adopted_on as date) as adopted_on,
        documents.supersedes,
        documents.note_vi,
        documents.note_en,
        documents.area_id,
        cast(documents.period_start as integer) as period_start,
        cast(documents.period_end as integer) as period_end,
        cast(documents.vision_year as integer) as vision_year,
        cast(documents.is_reference as boolean) as is_reference,
        case when in_force.plan_version <> documents.plan_version then in_force.number end as plan_in_force
    from documents
    left join in_force
        on documents.area_id = in_force.area_id and documents.kind = in_force.kind and in_force.place = 1

)

select * from final
