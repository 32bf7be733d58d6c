{#
  The formulas of assessment, each once. Values are doubles; rates are per cent a year; years are whole numbers.
  y0, t0 base; y, t latest; goal, goal_year target.
#}

{# Straight line from the base to the goal, at year t. #}
{% macro path_linear(y0, goal, t0, t, goal_year) -%}
    ({{ y0 }} + ({{ goal }} - {{ y0 }}) * ({{ t }} - {{ t0 }}) / cast({{ goal_year }} - {{ t0 }} as double))
{%- endmacro %}

{# Equal growth a year from the base to the goal, at year t; base and goal above zero. #}
{% macro path_compound(y0, goal, t0, t, goal_year) -%}
    ({{ y0 }} * power({{ goal }} / {{ y0 }}, ({{ t }} - {{ t0 }}) / cast({{ goal_year }} - {{ t0 }} as double)))
{%- endmacro %}

{# Part of the way from base to goal that is done; free of direction. #}
{% macro share_of_way(y0, y, goal) -%}
    (({{ y }} - {{ y0 }}) / ({{ goal }} - {{ y0 }}))
{%- endmacro %}

{# Part of the way over part of the time. #}
{% macro pace_linear(y0, y, goal, t0, t, goal_year) -%}
    ({{ share_of_way(y0, y, goal) }} * cast({{ goal_year }} - {{ t0 }} as double) / ({{ t }} - {{ t0 }}))
{%- endmacro %}

{# The same along equal growth; base, latest and goal above zero. #}
{% macro pace_compound(y0, y, goal, t0, t, goal_year) -%}
    (ln({{ y }} / {{ y0 }}) / ln({{ goal }} / {{ y0 }}) * cast({{ goal_year }} - {{ t0 }} as double) / ({{ t }} - {{ t0 }}))
{%- endmacro %}

{# Change a year that is needed from the latest value on. #}
{% macro required_change(y, goal, t, goal_year) -%}
    (({{ goal }} - {{ y }}) / cast({{ goal_year }} - {{ t }} as double))
{%- endmacro %}

{# Growth a year (%) that is needed from the latest value on; both above zero. #}
{% macro required_growth_of_level(y, goal, t, goal_year) -%}
    (100 * (power({{ goal }} / {{ y }}, 1 / cast({{ goal_year }} - {{ t }} as double)) - 1))
{%- endmacro %}

{# ln of the factor that a rate of growth (%) makes in a year. #}
{% macro log_factor(rate) -%}
    ln(1 + {{ rate }} / 100.0)
{%- endmacro %}

{# Average growth a year (%): the geometric mean, from the ln of the index over `years`. #}
{% macro average_growth(log_index, years) -%}
    (100 * (exp({{ log_index }} / {{ years }}) - 1))
{%- endmacro %}

{# Growth done over growth that the target rate asks for in the same years. #}
{% macro pace_of_growth(log_index, years, rate) -%}
    ({{ log_index }} / ({{ years }} * {{ log_factor(rate) }}))
{%- endmacro %}

{# Growth a year (%) that the remaining years of the span need for its average to be the target rate. #}
{% macro required_growth_of_rest(log_index, years, rate, span_years) -%}
    (100 * (exp(({{ span_years }} * {{ log_factor(rate) }} - {{ log_index }}) / ({{ span_years }} - {{ years }})) - 1))
{%- endmacro %}

{# How far (%) the level lies from where the target rate would have brought it. #}
{% macro level_against_path(log_index, years, rate) -%}
    (100 * (exp({{ log_index }} - {{ years }} * {{ log_factor(rate) }}) - 1))
{%- endmacro %}

{#
  The state of a pace; the bands are columns of assessment_parameters(). Twelve decimals keep the noise of double
  arithmetic from moving a pace that lies on a band's edge; nothing that was published is rounded.
#}
{% macro pace_band(pace) -%}
    case
        when {{ pace }} is null then 'not_assessed'
        when round({{ pace }}, 12) >= band_on_track then 'on_track'
        when round({{ pace }}, 12) >= band_slightly_behind then 'slightly_behind'
        when round({{ pace }}, 12) >= band_behind then 'behind'
        else 'moving_away'
    end
{%- endmacro %}
