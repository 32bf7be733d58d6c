{#
  CTEs from `cases` and `figures` (values in force and withheld periods, with periods, units and breaks beside them) to
  `final`: the figures of each case. `by_scenario`: cases and figures carry a scenario_key, and each scenario has its own
  figures.
#}
{% macro case_series_ctes(by_scenario=false) -%}
placed as (

    select
        cases.assessment_key,
        cases.cut_off,
        cases.last_complete_year,
        cases.period_end,
        cases.unit_of_figures,
        cases.factor_of_figures,
        figures.* {% if by_scenario %}exclude (scenario_key){% endif %},
        units.factor,
        periods.type as period_type,
        cast(extract(year from periods.start_date) as integer) as year,
        cast(extract(year from periods.end_date) as integer) as last_year,
        periods.start_date,
        periods.end_date,
        coalesce(
            figures.unit = cases.unit_of_figures
            or (
                regexp_replace(units.dimension, '_per_year$', '') = cases.dimension_of_figures
                and units.factor > 0
                and cases.factor_of_figures > 0
            ),
            false
        ) as unit_fits,
        -- Annual figures count when their year is over, figures of a day when the day is.
        periods.end_date <= cases.cut_off
        and case
            when periods.type in ('year', 'school_year')
                then extract(year from periods.start_date) <= cases.last_complete_year
            else periods.type = 'date'
        end as is_annual
    from cases
    inner join figures
        on
            cases.indicator_code = figures.indicator_code
            and cases.area_id = figures.area_id
            {% if by_scenario -%}
            and cases.scenario_key = figures.scenario_key
            {%- endif %}
    inner join periods
        on figures.period_id = periods.period_id
    left join units
        on figures.unit = units.unit

),

typed as (

    select
        *,
        case
            when withheld then case when is_annual then 'withheld' else 'withheld_context' end
            when period_type = 'span' and form = 'average_growth' then 'published_average'
            when not (form_fits and unit_fits) then case when is_annual then 'not_comparable' else 'other' end
            when is_annual then 'annual'
            else 'context'
        end as first_role
    from placed

),

-- Where its measure changed, a series has two ends that are not compared: the one that holds the figure to be graded is kept.
broken as (

    select
        typed.assessment_key,
        max(breaks.break_year) as break_year
    from (
        select
            assessment_key,
            indicator_code,
            area_id,
            max(year) as latest_year
        from typed
        where first_role = 'annual' and (period_end > last_complete_year or period_end is null or year <= period_end)
        group by assessment_key, indicator_code, area_id
    ) as typed
    inner join breaks
        on
            typed.indicator_code = breaks.indicator_code
            and typed.area_id = coalesce(breaks.area_id, typed.area_id)
            and typed.latest_year >= breaks.break_year
    group by typed.assessment_key

),

-- A year has one annual point: the whole year before its last day before the school year that begins in it.
numbered as (

    select
        *,
        row_number() over (
            partition by assessment_key, first_role, year
            order by
                case period_type when 'year' then 1 when 'date' then 2 else 3 end,
                end_date desc nulls last, period_id
        ) as place_in_year
    from typed

),

converted as (

    select
        *,
        case
            when unit = unit_of_figures or not unit_fits or factor = factor_of_figures then value
            else {{ scaled_decimal('value', 'factor / factor_of_figures') }}
        end as value_in_unit,
        unit_fits and unit <> unit_of_figures and factor <> factor_of_figures as is_converted
    from numbered

),

final as (

    select
        converted.assessment_key,
        case
            when first_role = 'annual' and place_in_year > 1 then 'context'
            when first_role = 'annual' and year < broken.break_year then 'before_break'
            else first_role
        end as role,
        period_id,
        period_type,
        year,
        last_year,
        start_date,
        end_date,
        value_in_unit as value,
        case when is_converted then {{ plain_text('value_in_unit') }} else value_text end as value_text,
        cast(
            case when is_converted then {{ decimals_of(plain_text('value_in_unit')) }} else value_decimals end as smallint
        ) as value_decimals,
        case when unit_fits then unit_of_figures else unit end as unit,
        maturity,
        maturity_rank,
        source_id,
        vintage_at,
        observation_key
    from converted
    left join broken
        on converted.assessment_key = broken.assessment_key

)
{%- endmacro %}
