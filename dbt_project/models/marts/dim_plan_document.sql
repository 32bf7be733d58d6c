with documents as (

    select * from {{ source('inputs', 'plan_document') }}

),

final as (

    select
        plan_version,
        kind,
        legal_status,
        cast(targets_transcribed as boolean) as targets_transcribed,
        number,
        title_vi,
        title_en,
        issuer_vi,
        issuer_en,
        cast(adopted_on as date) as adopted_on,
        supersedes,
        note_vi,
        note_en
    from documents

)

select * from final
