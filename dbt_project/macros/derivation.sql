{#
  Figures worked out from other figures, once for every stage of derivation. Which figures make which stands in the seeds
  derivation, derivation_component and indicator (`components`); what is here is the same for all of them.
#}

{# The source under which derived figures stand. #}
{% macro derived_source() -%} 'ppw_derived' {%- endmacro %}

{#
  Order of precedence among figures of several sources for one thing. The columns are those of acc_actual_candidate; a
  derived figure has the lowest rank, so that a published one always stands before it. `names` decide where all else is
  equal: columns, or one number, in the order of source, form and observation key.
#}
{% macro precedence_order(names=['source_id', 'form', 'observation_key']) -%}
    form_fits desc, source_rank desc, maturity_rank desc, confirmed_published_at desc nulls last, confirmed_vintage_at desc,
    {{ names | join(', ') }}
{%- endmacro %}

{#
  How far a printed figure may lie from the exact one, in the unit it is kept in: half a unit of its last printed digit. It
  may have been printed in another unit (1.52 million visits, kept as 1520 thousand); the ratio of the value to the printed
  number carries the rounding over. Where the printed text is no plain number, or is zero, `value_decimals` count. Digits
  beyond those its unit is shown with (thousandths of a person) are the noise of an export at full precision and no sign of
  exactness.
#}
{% macro printed_half_width(value, value_text, value_decimals, unit_decimals) -%}
    greatest(
        round(
            case
                when {{ printed_number(value_text) }} <> 0 and {{ value }} <> 0
                    then
                        0.5 * power(10.0, -least({{ printed_decimals(value_text) }}, 9))
                        * abs(cast({{ value }} as double) / {{ printed_number(value_text) }})
                else 0.5 * power(10.0, -least(coalesce({{ value_decimals }}, 0), 9))
            end,
            12
        ),
        0.5 * power(10.0, -least(coalesce({{ unit_decimals }}, 9), 9))
    )
{%- endmacro %}

{#
  Digits after the point that a half width leaves standing, at most those the unit is shown with: the last one is nearer to
  the width of the interval than its neighbours.
#}
{% macro supported_decimals(half_width, unit_decimals) -%}
    cast(
        case
            when {{ half_width }} > 0
                then least({{ unit_decimals }}, greatest(0, round(-log10(2 * {{ half_width }}))))
            else {{ unit_decimals }}
        end as smallint
    )
{%- endmacro %}

{# Year of a period that can be moved by years (2024, 2024-H1, 2024-YTD09); null for every other. #}
{% macro movable_year(period_id) -%}
    case
        when regexp_full_match({{ period_id }}, '[0-9]{4}(-(H[12]|Q[1-4]|M[0-9]{2}|YTD[0-9]{2,4}))?')
            then cast(left({{ period_id }}, 4) as integer)
    end
{%- endmacro %}

{# The same part of another year. #}
{% macro moved_period(period_id, years) -%}
    case
        when {{ years }} = 0 then {{ period_id }}
        else cast({{ movable_year(period_id) }} + {{ years }} as varchar) || substr({{ period_id }}, 5)
    end
{%- endmacro %}

{#
  One value from the terms of a derivation. `value` and `half_width` of a term are in the base unit of its dimension. A sum
  has `add` terms only; all else is a product: multiply, divide, and grow (a growth rate, as a factor).
#}
{% macro derived_value() -%}
    case
        when bool_and(operation = 'add') then {{ ordered_sum('coefficient * base_value', 'position') }}
        else
            {{ ordered_product("case operation when 'multiply' then coefficient * base_value when 'grow' then 1 + base_value else 1.0 end", 'position') }}
            / nullif({{ ordered_product("case operation when 'divide' then base_value else 1.0 end", 'position') }}, 0)
            + any_value(offset_value)
    end
{%- endmacro %}

{#
  How far the value may lie from that of the unrounded terms. For a sum the half widths add up. For a quotient of products
  with v the terms and h their half widths: prod(|v| + h) over the terms above the line by prod(|v| - h) over those below,
  less the quotient itself; below is never nearer than above. Null where a divisor may be zero.
#}
{% macro derived_half_width() -%}
    case
        when bool_and(operation = 'add') then {{ ordered_sum('abs(coefficient) * base_half_width', 'position') }}
        when min(case operation when 'divide' then abs(base_value) - base_half_width else 1.0 end) > 0
            then
                {{ ordered_product("case operation when 'multiply' then abs(coefficient) * (abs(base_value) + base_half_width) when 'grow' then abs(1 + base_value) + base_half_width else 1.0 end", 'position') }}
                / {{ ordered_product("case operation when 'divide' then abs(base_value) - base_half_width else 1.0 end", 'position') }}
                - {{ ordered_product("case operation when 'multiply' then abs(coefficient * base_value) when 'grow' then abs(1 + base_value) else 1.0 end", 'position') }}
                / {{ ordered_product("case operation when 'divide' then abs(base_value) else 1.0 end", 'position') }}
    end
{%- endmacro %}

{#
  CTEs from `figures` (vintages that may be components) and `slots` (which component each place of a derivation needs) to
  `derived` (vintages of derived figures, with their components). They follow a CTE `units`.

  At every day on which a component changed, the component in force is the one that precedence_order() puts first among what
  was known by then. A slot row: derivation_id, method, priority, one_source, offset_value, the key of the result
  (indicator_code, area_id, period_id, breakdown, form), result_unit (null: that of the terms), n_slots, and the place
  (position, role, operation, coefficient, price_basis) with the key of its component (component_...).
#}
{% macro derived_ctes() -%}
-- A figure that was worked out from the result itself is no component of it, and a result that an earlier stage gives is
-- not given again.
rests_on as (

    select derivation_id, indicator_code, breakdown, form
    from {{ ref('obs_derivation_component') }}

),

given as (

    select distinct indicator_code, area_id, period_id, breakdown, form
    from figures
    where derivation_id is not null

),

-- The history of every component meets every day of its result: what goes through that are numbers and days. A result, a
-- way to it (a derivation with its alternative) and a figure have a number each; keys and texts come back at the end.
numbered_slots as (

    select
        slots.*,
        dense_rank() over (
            order by slots.indicator_code, slots.area_id, slots.period_id, slots.breakdown, slots.form
        ) as result_number,
        dense_rank() over (
            order by
                slots.indicator_code, slots.area_id, slots.period_id, slots.breakdown, slots.form, slots.derivation_id,
                slots.alternative
        ) as way_number
    from slots
    left join given
        on
            slots.indicator_code = given.indicator_code
            and slots.area_id = given.area_id
            and slots.period_id = given.period_id
            and slots.breakdown = given.breakdown
            and slots.form = given.form
    where given.indicator_code is null

),

-- The number of a figure keeps the order of what precedence_order() looks at last.
numbered_figures as (

    select
        figures.*,
        figures.value is not null and units.unit is not null as has_value,
        units.dimension,
        units.factor as unit_factor,
        row_number() over (order by figures.source_id, figures.form, figures.observation_key) as figure_number
    from figures
    left join units
        on figures.unit = units.unit
    where exists (
        select 1 from numbered_slots
        where
            numbered_slots.component_indicator_code = figures.indicator_code
            and numbered_slots.component_area_id = figures.area_id
            and numbered_slots.component_period_id = figures.period_id
            and numbered_slots.component_breakdown = figures.breakdown
            and numbered_slots.component_form = figures.form
    )

),

matched as (

    select
        slots.result_number,
        slots.way_number,
        slots.position,
        slots.n_slots,
        case when slots.one_source then figures.source_id else '' end as scope,
        figures.figure_number,
        figures.source_id,
        figures.has_value,
        figures.maturity_rank,
        figures.source_rank,
        figures.published_at,
        figures.vintage_at,
        figures.confirmed_published_at,
        figures.confirmed_vintage_at,
        figures.arrival
    from numbered_slots as slots
    inner join numbered_figures as figures
        on
            slots.component_indicator_code = figures.indicator_code
            and slots.component_area_id = figures.area_id
            and slots.component_period_id = figures.period_id
            and slots.component_breakdown = figures.breakdown
            and slots.component_form = figures.form
            and coalesce(slots.required_price_basis, figures.price_basis, '') = coalesce(figures.price_basis, '')
            and coalesce(slots.required_index_base, figures.index_base, '') = coalesce(figures.index_base, '')
    left join rests_on
        on
            figures.derivation_id = rests_on.derivation_id
            and slots.indicator_code = rests_on.indicator_code
            and slots.breakdown = rests_on.breakdown
            and slots.form = rests_on.form
    where rests_on.derivation_id is null

),

-- Where a place has never had a figure there is nothing to work out and nothing to withdraw.
complete as (

    select way_number, scope
    from matched
    group by way_number, scope, n_slots
    having count(distinct case when has_value then position end) = n_slots

),

usable as (

    select matched.*
    from matched
    inner join complete
        using (way_number, scope)

),

events as (

    select result_number, vintage_at as event_at
    from usable
    union
    select result_number, confirmed_vintage_at
    from usable

),

-- What a source had in force at an event: the latest issue, as in acc_actual_candidate. A later confirmation is not known yet.
known as (

    select
        usable.* exclude (confirmed_published_at, confirmed_vintage_at),
        events.event_at,
        case
            when usable.source_id = {{ derived_source() }} then null
            when usable.confirmed_vintage_at <= events.event_at then usable.confirmed_published_at else usable.published_at
        end as confirmed_published_at,
        least(usable.confirmed_vintage_at, events.event_at) as confirmed_vintage_at
    from usable
    inner join events
        on
            usable.result_number = events.result_number
            and usable.vintage_at <= events.event_at

),

in_force as (

    select
        *,
        true as form_fits
    from known
    qualify row_number() over (
        partition by way_number, position, scope, source_id, event_at
        order by confirmed_published_at desc nulls last, confirmed_vintage_at desc, arrival desc
    ) = 1

),

-- A source that withdrew its figure leaves the field to the others.
chosen as (

    select
        way_number,
        position,
        scope,
        event_at,
        figure_number
    from in_force
    where has_value
    qualify row_number() over (
        partition by way_number, position, scope, event_at
        order by {{ precedence_order(names=['figure_number']) }}
    ) = 1

),

terms as (

    select
        chosen.way_number,
        chosen.scope,
        chosen.event_at,
        chosen.position,
        slots.method,
        slots.n_slots,
        slots.operation,
        slots.coefficient,
        slots.offset_value,
        figures.source_rank,
        figures.unit,
        figures.maturity,
        figures.maturity_rank,
        figures.published_at,
        figures.price_basis,
        figures.dimension,
        figures.unit_factor,
        cast(figures.value as double) * figures.unit_factor as base_value,
        figures.rounding_half_width * figures.unit_factor as base_half_width
    from chosen
    inner join numbered_slots as slots
        on
            chosen.way_number = slots.way_number
            and chosen.position = slots.position
    inner join numbered_figures as figures
        on chosen.figure_number = figures.figure_number

),

ways as (

    select distinct way_number, result_number, derivation_id, method, priority, result_unit, keeps_price_basis
    from numbered_slots

),

worked as (

    select
        way_number,
        scope,
        event_at,
        min(unit) as unit,
        {{ derived_value() }} as base_value,
        {{ derived_half_width() }} as base_half_width,
        min(source_rank) as lowest_rank,
        {{ first_in_order('maturity', 'maturity_rank, position') }} as maturity,
        case when count(published_at) = count(*) then max(published_at) end as published_at,
        -- A chained figure is on the base of its second term.
        {{ first_in_order('price_basis', "case when method = 'chain_link' and position <> 2 then 9 else position end") }} as price_basis
    from terms
    group by way_number, scope, event_at
    having
        count(*) = any_value(n_slots)
        -- Only one unit adds up, and prices of two years make neither a sum nor a quotient; rates of growth have none.
        and (not bool_and(operation = 'add') or count(distinct regexp_replace(dimension, '_difference$', '') || '|' || unit_factor) = 1)
        and (
            any_value(method) = 'chain_link'
            or count(distinct price_basis) filter (where operation <> 'grow') <= 1
        )
        and (
            not bool_and(operation = 'add')
            or count(price_basis) in (0, count(*))
        )

),

placed_results as (

    select
        ways.result_number,
        ways.derivation_id,
        ways.method,
        ways.priority,
        worked.* exclude (unit, price_basis),
        coalesce(ways.result_unit, worked.unit) as unit,
        case when ways.keeps_price_basis then worked.price_basis end as price_basis
    from worked
    inner join ways
        on worked.way_number = ways.way_number

),

-- One answer for each day: the first derivation in order of method, then the best source.
answered as (

    select
        events.result_number,
        events.event_at,
        placed_results.* exclude (result_number, event_at),
        placed_results.way_number is not null as is_answered
    from events
    left join placed_results
        on
            events.result_number = placed_results.result_number
            and events.event_at = placed_results.event_at
    qualify row_number() over (
        partition by events.result_number, events.event_at
        order by
            placed_results.priority nulls last, placed_results.lowest_rank desc, placed_results.way_number, placed_results.scope
    ) = 1

),

rounded as (

    select
        answered.* exclude (unit, base_value, base_half_width),
        -- A withdrawn figure keeps the unit that it had.
        coalesce(
            answered.unit,
            last_value(answered.unit ignore nulls) over (partition by result_number order by event_at)
        ) as unit,
        answered.base_value / units.factor as raw_value,
        answered.base_half_width / units.factor as raw_half_width,
        units.decimals as unit_decimals
    from answered
    left join units
        on answered.unit = units.unit

),

valued as (

    select
        *,
        {{ published_decimal('raw_value') }} as value,
        {{ round_published('raw_half_width') }} as rounding_half_width
    from rounded

),

contents as (

    select
        *,
        concat_ws(
            '|', coalesce(cast(value as varchar), 'component_missing'), coalesce(cast(rounding_half_width as varchar), ''),
            coalesce(maturity, ''), unit, coalesce(price_basis, ''), coalesce(derivation_id, '')
        ) as content
    from valued
    where unit is not null and not (is_answered and (value is null or rounding_half_width is null))

),

compared as (

    select
        *,
        lag(content) over by_day as content_before
    from contents
    window by_day as (partition by result_number order by event_at)

),

-- Nothing is withdrawn before it was there.
changes as (

    select
        *,
        content_before is null or content <> content_before as is_change,
        count(*) filter (where content_before is null or content <> content_before) over (
            partition by result_number
            order by event_at rows between unbounded preceding and current row
        ) as run_number
    from compared
    where is_answered or content_before is not null

),

runs as (

    select
        *,
        max(event_at) over same_run as confirmed_vintage_at,
        -- What is worked out has no issue of its own: among its vintages the latest event counts. The date of a
        -- component may go back, or be lost, when another source takes over.
        cast(null as date) as confirmed_published_at
    from changes
    window same_run as (partition by result_number, run_number)

),

results as (

    select distinct result_number, indicator_code, area_id, period_id, breakdown, form
    from numbered_slots

),

changed_terms as (

    select
        chosen.way_number,
        chosen.scope,
        chosen.event_at,
        chosen.position,
        slots.role,
        figures.observation_key,
        slots.operation,
        slots.coefficient
    from runs
    inner join chosen
        on
            runs.way_number = chosen.way_number
            and runs.scope = chosen.scope
            and runs.event_at = chosen.event_at
    inner join numbered_slots as slots
        on
            chosen.way_number = slots.way_number
            and chosen.position = slots.position
    inner join numbered_figures as figures
        on chosen.figure_number = figures.figure_number
    where runs.is_change

),

component_lists as (

    select
        way_number,
        scope,
        event_at,
        {{ listed_rows(['position', 'role', 'observation_key', 'operation', 'coefficient'], 'position') }} as components
    from changed_terms
    group by way_number, scope, event_at

),

derived as (

    select
        {{ key_of(['results.indicator_code', 'results.area_id', 'results.period_id', 'results.breakdown', 'results.form', derived_source(), 'runs.event_at']) }} as observation_key,
        results.indicator_code,
        results.area_id,
        results.period_id,
        results.breakdown,
        results.form,
        {{ derived_source() }} as source_id,
        runs.event_at as vintage_at,
        runs.published_at,
        case when runs.published_at is null then 'not_stated' else 'inferred' end as published_at_basis,
        runs.value,
        case when runs.value is not null then {{ supported_decimals('runs.raw_half_width', 'runs.unit_decimals') }} end as value_decimals,
        case when runs.value is not null then runs.rounding_half_width end as rounding_half_width,
        case when runs.value is null then 'component_missing' end as missing_code,
        runs.unit,
        runs.price_basis,
        cast(null as varchar) as index_base,
        coalesce(runs.maturity, 'not_stated') as maturity,
        case
            when runs.method = 'chain_link' then 'Nối hai gốc so sánh / Chained over two bases'
        end as note,
        runs.derivation_id,
        component_lists.components,
        cast(runs.run_number as bigint) as arrival,
        runs.confirmed_published_at,
        runs.confirmed_vintage_at
    from runs
    inner join results
        on runs.result_number = results.result_number
    left join component_lists
        on
            runs.way_number = component_lists.way_number
            and runs.scope = component_lists.scope
            and runs.event_at = component_lists.event_at
    where runs.is_change

)
{%- endmacro %}

{#
  CTEs `units` and `figures`: the published figures and those that earlier stages derived. Where an earlier stage gives a
  result no later one gives another.
#}
{% macro component_figures(earlier=[]) -%}
units as (

    select * from {{ ref('unit') }}

),

maturity_ranks as (

    select * from {{ ref('maturity_rank') }}

),

published as (

    select * from {{ ref('obs_figure') }}

),

{% for model in earlier -%}
{{ model }}_figures as (

    select
        derived.observation_key,
        derived.indicator_code,
        derived.area_id,
        derived.period_id,
        derived.breakdown,
        derived.form,
        derived.source_id,
        0 as source_rank,
        derived.value,
        derived.rounding_half_width,
        derived.unit,
        derived.price_basis,
        derived.index_base,
        derived.maturity,
        coalesce(maturity_ranks.maturity_rank, 0) as maturity_rank,
        derived.published_at,
        derived.vintage_at,
        derived.confirmed_published_at,
        derived.confirmed_vintage_at,
        derived.arrival,
        derived.derivation_id
    from {{ ref(model) }} as derived
    left join maturity_ranks
        on derived.maturity = maturity_ranks.maturity

),

{% endfor -%}
figures as (

    select *, cast(null as varchar) as derivation_id from published
    {% for model in earlier -%}
    union all
    select * from {{ model }}_figures
    {% endfor %}

),

-- A stretch of time without a stated end is no period that a figure can be worked out for.
component_keys as (

    select distinct indicator_code, area_id, period_id, breakdown, form
    from figures
    where value is not null and period_id not like '%YTDx'

)
{%- endmacro %}

{#
  CTEs to `slots` (or `name`) for the derivations of a stage that name their components: a result wherever each component has a figure.
  Between two years that a break of the series divides nothing is worked out; a flow over a stock has no meaning but for
  whole years; a figure that was itself worked out from the result is no component of it.
#}
{% macro declared_slots(stage, name='slots') -%}
derivations as (

    select * from {{ ref('obs_derivation') }}
    where stage = {{ stage }} and method not in ('level_from_growth', 'chain_link')

),

-- One component that may not be refuses the whole derivation.
declared as (

    select
        *,
        count(*) over (partition by derivation_id) as n_slots
    from {{ ref('obs_derivation_component') }}
    qualify count(refused_because) over (partition by derivation_id) = 0

),

breaks as (

    select * from {{ ref('series_break') }}

),

places as (

    select
        declared.*,
        component_keys.area_id,
        {{ moved_period('component_keys.period_id', '(-declared.year_shift)') }} as result_period_id,
        component_keys.period_id as component_period_id
    from declared
    inner join derivations
        on declared.derivation_id = derivations.derivation_id
    inner join component_keys
        on
            declared.indicator_code = component_keys.indicator_code
            and declared.breakdown = component_keys.breakdown
            and declared.form = component_keys.form

),

broken as (

    select distinct
        places.derivation_id,
        places.area_id,
        places.result_period_id
    from places
    inner join breaks
        on
            places.indicator_code = breaks.indicator_code
            and places.area_id = coalesce(breaks.area_id, places.area_id)
            and places.year_shift <> 0
            and breaks.break_year > {{ movable_year('places.result_period_id') }} + least(places.year_shift, 0)
            and breaks.break_year <= {{ movable_year('places.result_period_id') }} + greatest(places.year_shift, 0)

),

complete_places as (

    select
        places.derivation_id,
        places.area_id,
        places.result_period_id,
        places.n_slots
    from places
    left join broken
        on
            places.derivation_id = broken.derivation_id
            and places.area_id = broken.area_id
            and places.result_period_id = broken.result_period_id
    where broken.derivation_id is null and places.result_period_id is not null
    group by places.derivation_id, places.area_id, places.result_period_id, places.n_slots
    having
        count(*) = places.n_slots
        and (
            count(distinct places.is_additive_over_time) = 1
            or regexp_full_match(places.result_period_id, '[0-9]{4}')
        )

),

{{ name }} as (

    select
        derivations.derivation_id,
        0 as alternative,
        derivations.method,
        derivations.priority,
        derivations.one_source,
        derivations.offset_value,
        derivations.indicator_code,
        places.area_id,
        places.result_period_id as period_id,
        derivations.breakdown,
        derivations.form,
        derivations.unit as result_unit,
        coalesce(result_units.dimension like 'currency%', false) as keeps_price_basis,
        complete_places.n_slots,
        places.position,
        places.role,
        places.operation,
        places.coefficient,
        places.indicator_code as component_indicator_code,
        places.area_id as component_area_id,
        places.component_period_id,
        places.breakdown as component_breakdown,
        places.form as component_form,
        places.price_basis as required_price_basis,
        cast(null as varchar) as required_index_base
    from derivations
    inner join complete_places
        on derivations.derivation_id = complete_places.derivation_id
    inner join places
        on
            complete_places.derivation_id = places.derivation_id
            and complete_places.area_id = places.area_id
            and complete_places.result_period_id = places.result_period_id
    left join units as result_units
        on derivations.unit = result_units.unit

)
{%- endmacro %}
