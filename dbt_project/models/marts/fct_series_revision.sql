with series_revisions as (

    select * from {{ ref('acc_series_revision') }}

),

final as (

    select
        indicator_code,
        area_id,
        breakdown,
        form,
        source_id,
        unit,
        index_base,
        price_basis,
        cast(n_periods as integer) as n_periods,
        cast(n_periods_compared as integer) as n_periods_compared,
        cast(n_periods_revised as integer) as n_periods_revised,
        cast(n_periods_revised_upward as integer) as n_periods_revised_upward,
        cast(n_scheduled_revisions as integer) as n_scheduled_revisions,
        cast(n_corrections as integer) as n_corrections,
        cast(n_undeclared_revisions as integer) as n_undeclared_revisions,
        {{ round_published('mean_absolute_revision') }} as mean_absolute_revision,
        {{ round_published('mean_revision') }} as mean_revision,
        {{ round_published('largest_revision') }} as largest_revision
    from series_revisions

)

select * from final
