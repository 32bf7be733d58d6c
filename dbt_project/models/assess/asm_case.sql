with targets as (

    select * from {{ ref('stg_plan_target') }}

),

run_parameters as (

    select * from {{ source('inputs', 'run_parameter') }}

),

indicators as (

    select * from {{ ref('indicator') }}

),

units as (

    select * from {{ ref('unit') }}

),

frames as (

    select * from {{ ref('administrative_frame') }}

),

candidates as (

    select * from {{ ref('acc_actual_candidate') }}

),

-- What a revision of a figure typically is: the mean distance from the first value to the last, over the periods
-- that a source has revised.
revised as (

    select
        indicator_code,
        area_id,
        unit,
        abs(
            {{ first_in_order('value', 'arrival desc') }} - {{ first_in_order('value', 'arrival') }}
        ) as revision
    from candidates
    where breakdown = '_T' and value is not null and not held
    group by indicator_code, area_id, unit, period_id, form, source_id
    having count(*) > 1

),

typical_revisions as (

    select
        indicator_code,
        area_id,
        unit,
        cast(sum(revision) as double) / count(*) as typical_revision
    from revised
    group by indicator_code, area_id, unit

),

graded as (

    select
        targets.*,
        run_parameters.cut_off,
        run_parameters.method_version,
        indicators.form as indicator_form,
        indicators.unit as indicator_unit,
        indicators.direction as indicator_direction,
        frames.valid_to as frame_valid_to,
        -- Growth and yearly change of a level are worked from figures in the indicator's own unit.
        coalesce(
            (targets.target_type = 'average_growth' and indicators.form not in ('growth_rate', 'average_growth'))
            or (targets.target_type = 'annual_change' and indicators.form not in ('change', 'increment')),
            false
        ) as works_from_level
    from targets
    cross join run_parameters
    left join indicators
        on targets.indicator_code = indicators.indicator_code
    left join frames
        on targets.frame_id = frames.frame_id
    where targets.target_type <> 'milestone'

),

measured as (

    select
        *,
        case when works_from_level then indicator_unit else unit end as unit_of_figures
    from graded

),

final as (

    select
        {{ key_of(['measured.target_id', 'measured.plan_version', 'measured.area_id', "'standard'"]) }} as assessment_key,
        measured.target_id,
        measured.plan_version,
        measured.indicator_code,
        measured.area_id,
        'standard' as method,
        measured.method_version,
        cast(measured.cut_off as date) as cut_off,
        cast(extract(year from measured.cut_off) as integer) - 1 as last_complete_year,
        measured.target_type,
        measured.comparator,
        measured.value_low,
        measured.value_high,
        measured.unit,
        measured.period_start,
        measured.period_end,
        measured.direction,
        cast(
            case
                when measured.target_type = 'floor' or measured.comparator in ('ge', 'gt', 'approx_gt') then 1
                when measured.target_type = 'ceiling' or measured.comparator in ('le', 'lt') then -1
                when measured.direction = 'increase' then 1
                when measured.direction = 'decrease' then -1
                when measured.indicator_direction = 'increase' then 1
                when measured.indicator_direction = 'decrease' then -1
            end as integer
        ) as sense,
        measured.trajectory,
        measured.base_period,
        measured.phasing,
        measured.tolerance,
        measured.range_kind,
        measured.group_id,
        measured.reading_status,
        measured.frame_valid_to,
        measured.indicator_form,
        measured.works_from_level,
        measured.unit_of_figures,
        -- Points of a rate that is promised per year are points of the rate.
        regexp_replace(units.dimension, '_per_year$', '') as dimension_of_figures,
        units.factor as factor_of_figures,
        typical_revisions.typical_revision
    from measured
    left join units
        on measured.unit_of_figures = units.unit
    left join typical_revisions
        on
            measured.indicator_code = typical_revisions.indicator_code
            and measured.area_id = typical_revisions.area_id
            and measured.unit_of_figures = typical_revisions.unit

)

select * from final
