with candidates as (

    select * from {{ ref('acc_actual_candidate') }}

),

relations as (

    select * from {{ ref('area_relation') }}
    where kind = 'merged_into'

),

indicators as (

    select * from {{ ref('indicator') }}

),

units as (

    select * from {{ ref('unit') }}

),

parts_of_area as (

    select to_area_id, count(*) as n_parts
    from relations
    group by to_area_id

),

-- What a source has in force for the old areas, of indicators that add up.
part_figures as (

    select
        relations.to_area_id as area_id,
        relations.from_area_id,
        candidates.indicator_code,
        candidates.period_id,
        candidates.breakdown,
        candidates.form,
        candidates.unit,
        candidates.price_basis,
        candidates.source_id,
        candidates.value,
        candidates.value_decimals,
        candidates.maturity,
        candidates.maturity_rank,
        candidates.published_at,
        candidates.vintage_at,
        candidates.observation_key
    from candidates
    inner join relations
        on candidates.area_id = relations.from_area_id
    inner join indicators
        on candidates.indicator_code = indicators.indicator_code
    where
        candidates.in_force_in_source
        and candidates.form_fits
        and candidates.value is not null
        and indicators.is_additive

),

-- One part without a figure, and there is no sum: what is missing is not guessed.
sums as (

    select
        part_figures.indicator_code,
        part_figures.area_id,
        part_figures.period_id,
        part_figures.breakdown,
        part_figures.source_id,
        part_figures.form,
        part_figures.unit,
        part_figures.price_basis,
        cast(sum(part_figures.value) as decimal(38, 15)) as value,
        max(part_figures.value_decimals) as value_decimals,
        {{ first_in_order('part_figures.maturity', 'part_figures.maturity_rank, part_figures.from_area_id') }} as maturity,
        min(part_figures.maturity_rank) as maturity_rank,
        case when count(part_figures.published_at) = count(*) then max(part_figures.published_at) end as published_at,
        max(part_figures.vintage_at) as vintage_at,
        parts_of_area.n_parts,
        {{ joined_text('part_figures.observation_key', 'part_figures.from_area_id') }} as part_observation_keys
    from part_figures
    inner join parts_of_area
        on part_figures.area_id = parts_of_area.to_area_id
    group by
        part_figures.indicator_code, part_figures.area_id, part_figures.period_id, part_figures.breakdown,
        part_figures.source_id, part_figures.form, part_figures.unit, part_figures.price_basis, parts_of_area.n_parts
    having count(*) = parts_of_area.n_parts

),

-- numerator:CODE;denominator:CODE, each code with a breakdown after a slash where it is not the total.
stated_ratios as (

    select
        indicator_code,
        form,
        unit,
        split_part(split_part(components, ';', 1), ':', 2) as numerator,
        split_part(split_part(components, ';', 2), ':', 2) as denominator
    from indicators
    where components is not null

),

ratios as (

    select
        indicator_code,
        form,
        unit,
        split_part(numerator, '/', 1) as numerator_code,
        coalesce(nullif(split_part(numerator, '/', 2), ''), '_T') as numerator_breakdown,
        split_part(denominator, '/', 1) as denominator_code,
        coalesce(nullif(split_part(denominator, '/', 2), ''), '_T') as denominator_breakdown
    from stated_ratios

),

paired as (

    select
        ratios.indicator_code,
        ratios.form,
        ratios.unit,
        units.decimals,
        numerators.area_id,
        numerators.period_id,
        numerators.source_id,
        numerators.price_basis,
        cast(numerators.value as double) * numerator_units.factor
        / nullif(cast(denominators.value as double) * denominator_units.factor, 0)
        / units.factor as quotient,
        case
            when numerators.maturity_rank <= denominators.maturity_rank then numerators.maturity
            else denominators.maturity
        end as maturity,
        case
            when numerators.published_at is not null and denominators.published_at is not null
                then greatest(numerators.published_at, denominators.published_at)
        end as published_at,
        greatest(numerators.vintage_at, denominators.vintage_at) as vintage_at,
        numerators.n_parts,
        numerators.part_observation_keys || ',' || denominators.part_observation_keys as part_observation_keys
    from ratios
    inner join sums as numerators
        on
            ratios.numerator_code = numerators.indicator_code
            and ratios.numerator_breakdown = numerators.breakdown
    inner join sums as denominators
        on
            ratios.denominator_code = denominators.indicator_code
            and ratios.denominator_breakdown = denominators.breakdown
            and numerators.area_id = denominators.area_id
            and numerators.period_id = denominators.period_id
            and numerators.source_id = denominators.source_id
    inner join units
        on ratios.unit = units.unit
    inner join units as numerator_units
        on numerators.unit = numerator_units.unit
    inner join units as denominator_units
        on denominators.unit = denominator_units.unit

),

final as (

    select
        indicator_code,
        area_id,
        period_id,
        breakdown,
        source_id,
        'sum' as method,
        value,
        value_decimals,
        unit,
        form,
        price_basis,
        maturity,
        published_at,
        vintage_at,
        cast(n_parts as integer) as n_parts,
        part_observation_keys
    from sums

    union all

    select
        indicator_code,
        area_id,
        period_id,
        '_T' as breakdown,
        source_id,
        'quotient' as method,
        cast({{ round_published('quotient') }} as decimal(38, 15)) as value,
        cast(decimals as smallint) as value_decimals,
        unit,
        form,
        price_basis,
        maturity,
        published_at,
        vintage_at,
        cast(n_parts as integer) as n_parts,
        part_observation_keys
    from paired
    where quotient is not null

)

select * from final
