with candidates as (

    select * from {{ ref('acc_actual_candidate') }}

),

actuals as (

    select * from {{ ref('acc_actual') }}

),

-- Against what each observation is measured: the one in force for its key, and the one in force in its own source.
chosen as (

    select candidates.*
    from candidates
    inner join actuals
        on candidates.observation_key = actuals.observation_key

),

in_force_in_source as (

    select * from candidates where in_force_in_source

),

compared as (

    select
        candidates.observation_key,
        case
            when candidates.held then 'held'
            when chosen.observation_key = candidates.observation_key then 'in_force'
            when not candidates.in_force_in_source then 'superseded'
            when candidates.value is null then 'no_value'
            else 'outranked'
        end as standing,
        case
            when not candidates.in_force_in_source then in_force_in_source.observation_key
            else chosen.observation_key
        end as behind_observation_key,
        candidates.form_fits,
        candidates.source_rank,
        candidates.maturity_rank,
        candidates.confirmed_published_at,
        candidates.confirmed_vintage_at,
        chosen.form_fits as chosen_form_fits,
        chosen.source_rank as chosen_source_rank,
        chosen.maturity_rank as chosen_maturity_rank,
        chosen.confirmed_published_at as chosen_published_at,
        chosen.confirmed_vintage_at as chosen_vintage_at,
        in_force_in_source.confirmed_published_at as later_published_at
    from candidates
    left join chosen
        on
            candidates.indicator_code = chosen.indicator_code
            and candidates.area_id = chosen.area_id
            and candidates.period_id = chosen.period_id
            and candidates.breakdown = chosen.breakdown
    left join in_force_in_source
        on
            candidates.indicator_code = in_force_in_source.indicator_code
            and candidates.area_id = in_force_in_source.area_id
            and candidates.period_id = in_force_in_source.period_id
            and candidates.breakdown = in_force_in_source.breakdown
            and candidates.form = in_force_in_source.form
            and candidates.source_id = in_force_in_source.source_id

),

final as (

    select
        observation_key,
        standing,
        case
            when standing = 'superseded' and later_published_at is distinct from confirmed_published_at
                then 'published_at'
            when standing = 'superseded' then 'vintage_at'
            when standing <> 'outranked' then null
            when chosen_form_fits <> form_fits then 'form'
            when chosen_source_rank <> source_rank then 'source_rank'
            when chosen_maturity_rank <> maturity_rank then 'maturity'
            when chosen_published_at is distinct from confirmed_published_at then 'published_at'
            when chosen_vintage_at <> confirmed_vintage_at then 'vintage_at'
            else 'source_id'
        end as decided_by,
        case when standing in ('superseded', 'outranked') then behind_observation_key end as behind_observation_key
    from compared

)

select * from final
