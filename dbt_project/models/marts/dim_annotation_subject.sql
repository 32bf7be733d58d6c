with subjects as (

    select * from {{ source('inputs', 'plan_annotation_subject') }}

),

final as (

    select
        plan_version,
        annotation_id,
        subject_type,
        subject_id
    from subjects

)

select * from final
