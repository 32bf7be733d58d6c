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

documents as (

    select * from {{ ref('stg_plan_document') }}

),

relations as (

    select * from {{ ref('stg_plan_relation') }}

),

annotations as (

    select * from {{ source('inputs', 'plan_annotation') }}

),

annotation_subjects as (

    select * from {{ source('inputs', 'plan_annotation_subject') }}

),

breaks as (

    select * from {{ ref('series_break') }}

),

running_totals as (

    select * from {{ ref('running_total') }}

),

series_revisions as (

    select * from {{ ref('acc_series_revision') }}

),

-- What a revision of a figure typically is: the mean distance from the first value to the latest, over the periods
-- of which a source said something more than once.
typical_revisions as (

    select
        indicator_code,
        area_id,
        unit,
        {{ ordered_sum('mean_absolute_revision * n_periods_compared', 'source_id, form') }} / sum(n_periods_compared)
            as typical_revision
    from series_revisions
    where breakdown = '_T' and n_periods_compared > 0
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

-- Targets that present figures do not answer to, because of what the text prints.
not_comparable as (

    select distinct
        annotations.plan_version,
        annotation_subjects.subject_id as target_id
    from annotations
    inner join annotation_subjects
        on
            annotations.plan_version = annotation_subjects.plan_version
            and annotations.annotation_id = annotation_subjects.annotation_id
    where annotations.effect = 'not_comparable' and annotation_subjects.subject_type = 'target'

),

-- The value that the same plan promises on the way: of a declared earlier horizon, else of the latest earlier target of
-- the same measure in the same unit and frame.
interims as (

    select
        later.plan_version,
        later.target_id,
        later.area_id,
        earlier.target_id as interim_target_id,
        earlier.period_end as interim_year,
        earlier.value_low as interim_low,
        earlier.value_high as interim_high,
        row_number() over (
            partition by later.plan_version, later.target_id, later.area_id
            order by case when relations.target_id is null then 2 else 1 end, earlier.period_end desc, earlier.target_id
        ) as place
    from graded as later
    inner join graded as earlier
        on
            later.plan_version = earlier.plan_version
            and later.indicator_code = earlier.indicator_code
            and later.area_id = earlier.area_id
            and later.unit = earlier.unit
            and coalesce(later.frame_id, '') = coalesce(earlier.frame_id, '')
            and later.period_end > earlier.period_end
    left join relations
        on
            relations.plan_version = later.plan_version
            and relations.kind = 'interim_of'
            and relations.target_id = earlier.target_id
            and relations.to_target_id = later.target_id
    where
        later.target_type in ('level', 'interval', 'count', 'area', 'capacity', 'rank')
        and earlier.target_type in ('level', 'interval', 'count', 'area', 'capacity', 'rank')

),

broken as (

    select
        graded.plan_version,
        graded.target_id,
        graded.area_id,
        {{ joined_text('distinct cast(breaks.break_year as varchar)', 'cast(breaks.break_year as varchar)') }} as break_years
    from graded
    inner join breaks
        on
            graded.indicator_code = breaks.indicator_code
            and graded.area_id = coalesce(breaks.area_id, graded.area_id)
            and breaks.break_year < extract(year from graded.cut_off)
    group by graded.plan_version, graded.target_id, graded.area_id

),

measured as (

    select
        *,
        case when works_from_level then indicator_unit else unit end as unit_of_figures
    from graded

),

resolved as (

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
                -- A promised change is an amount in the direction named; a place in a ranking is the better the smaller.
                when measured.target_type = 'annual_change' then 1
                when measured.target_type = 'rank' then -1
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
        coalesce(measured.aspiration, false) as aspiration,
        coalesce(documents.is_reference, false) as is_reference,
        measured.reading_status,
        measured.frame_id,
        measured.frame_valid_to,
        not_comparable.target_id is not null as is_not_comparable,
        interims.interim_target_id,
        interims.interim_year,
        interims.interim_low,
        interims.interim_high,
        broken.break_years,
        running_totals.indicator_code is not null as is_running_total,
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
    left join documents
        on measured.plan_version = documents.plan_version
    left join not_comparable
        on measured.plan_version = not_comparable.plan_version and measured.target_id = not_comparable.target_id
    left join interims
        on
            measured.plan_version = interims.plan_version
            and measured.target_id = interims.target_id
            and measured.area_id = interims.area_id
            and interims.place = 1
    left join broken
        on
            measured.plan_version = broken.plan_version
            and measured.target_id = broken.target_id
            and measured.area_id = broken.area_id
    left join running_totals
        on measured.indicator_code = running_totals.indicator_code

),

-- The end of an interim interval that binds is the one that binds at the target.
final as (

    select
        *,
        case when sense = -1 then coalesce(interim_high, interim_low) else coalesce(interim_low, interim_high) end as interim_value
    from resolved

)

select * from final
