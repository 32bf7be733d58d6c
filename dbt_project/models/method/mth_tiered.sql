with cases as (

    select * from {{ ref('mth_case') }}
    where method = 'interpolated_achievement'

),

-- Where lower is better the ladder is read from the other side; the way between two rungs is the same.
turned as (

    select
        *,
        coalesce(nullif(direction, 0), 1) * current_value as turned_value,
        coalesce(nullif(direction, 0), 1) * sub_target as turned_sub,
        coalesce(nullif(direction, 0), 1) * target_value as turned_target,
        coalesce(nullif(direction, 0), 1) * super_target as turned_super
    from cases

),

final as (

    select
        case_id,
        method,
        current_value,
        target_value,
        case
            when turned_value < turned_sub then 0.0
            when turned_value < turned_target
                then points_sub + (points_target - points_sub)
                    * (turned_value - turned_sub) / (turned_target - turned_sub)
            when turned_value = turned_target then points_target
            when turned_value < turned_super
                then points_target + (points_super - points_target)
                    * (turned_value - turned_target) / (turned_super - turned_target)
            else points_super
        end as percent
    from turned

)

select * from final
