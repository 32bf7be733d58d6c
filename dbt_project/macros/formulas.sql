{#
  The formulas of assessment, each once. Values are doubles; rates are per cent a year; years are whole numbers.
  y0, t0 base; y, t latest; goal, goal_year target.
#}

{# Straight line from the base to the goal, at year t. #}
{% macro path_linear(y0, goal, t0, t, goal_year) -%}
    ({{ y0 }} + ({{ goal }} - {{ y0 }}) * ({{ t }} - {{ t0 }}) / cast({{ goal_year }} - {{ t0 }} as double))
{%- endmacro %}

{#
  A path is a straight line on its own scale: the value itself (linear), its logarithm (compound: equal growth; values
  above zero) or its log odds (logit: shares in per cent, between 0 and 100).
#}
{% macro on_scale(value, shape) -%}
    case {{ shape }}
        when 'compound' then ln({{ value }})
        when 'logit' then ln({{ value }} / (100 - {{ value }}))
        else {{ value }}
    end
{%- endmacro %}

{# Back from the scale of a path to the value. #}
{% macro off_scale(value, shape) -%}
    case {{ shape }}
        when 'compound' then exp({{ value }})
        when 'logit' then 100 / (1 + exp(-{{ value }}))
        else {{ value }}
    end
{%- endmacro %}

{# Part of the way from base to goal that is done; free of direction. #}
{% macro share_of_way(y0, y, goal) -%}
    (({{ y }} - {{ y0 }}) / ({{ goal }} - {{ y0 }}))
{%- endmacro %}

{# Way done over the way that the path asks for by now; all three on the scale of the path. #}
{% macro pace_on_path(y0, y, path) -%}
    (({{ y }} - {{ y0 }}) / ({{ path }} - {{ y0 }}))
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

{# Sum of factor^1 + ... + factor^years; near a factor of one by its first terms, where the quotient loses its digits. #}
{% macro geometric_sum(factor, years) -%}
    case
        when abs({{ factor }} - 1) < 1e-6 then {{ years }} * (1 + ({{ years }} + 1) / 2.0 * ({{ factor }} - 1))
        else {{ factor }} * (power({{ factor }}, {{ years }}) - 1) / ({{ factor }} - 1)
    end
{%- endmacro %}

{# Part of a total that is planned for the first `years` of `span_years`, when it grows by `rate` (%) a year; 0 is equal parts. #}
{% macro phased_share(rate, years, span_years) -%}
    (({{ geometric_sum('(1 + ' ~ rate ~ ' / 100.0)', years) }}) / ({{ geometric_sum('(1 + ' ~ rate ~ ' / 100.0)', span_years) }}))
{%- endmacro %}

{#
  The 95th percentile of Student's t with `degrees` of freedom, by the expansion in 1/degrees to its fourth term (Abramowitz
  and Stegun 26.7.5) at the normal percentile 1.644853627; from 4 degrees on it lies within 0.0003 of the table.
#}
{% macro student_t_95(degrees) -%}
    (
        1.6448536269514722 + 1.523769148 / {{ degrees }} + 1.420202983 / power({{ degrees }}, 2)
        + 0.983001512 / power({{ degrees }}, 3) + 0.433876455 / power({{ degrees }}, 4)
    )
{%- endmacro %}

{# Standard error of a random walk with drift `ahead` years on, its drift estimated over `years` years; `deviation` is that of one year. #}
{% macro drift_error(deviation, ahead, years) -%}
    ({{ deviation }} * sqrt({{ ahead }} * (1 + {{ ahead }} / cast({{ years }} as double))))
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

{# Do yearly amounts that grow by `factor` from the last one on bring the rest of a total in the years left? #}
{% macro brings_rest(factor) -%}
    last_amount * {{ geometric_sum('(' ~ factor ~ ')', 'years_left') }} >= rest
{%- endmacro %}
