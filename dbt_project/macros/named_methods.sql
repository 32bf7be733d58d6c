{#
  Formulas of the methods that other offices published, as they compute them. They do not share the guards of
  formulas.sql: a publisher's fault is part of the method. Each returns null where the publisher's own code has no number.
#}

{# Compound growth a year as a fraction: (to / from) ** (1 / years) - 1. Null when the ratio is negative or undefined. #}
{% macro compound_growth(from_value, to_value, years) -%}
    case
        when {{ years }} <> 0 and {{ from_value }} <> 0 and {{ to_value }} / {{ from_value }} >= 0
            and not ({{ to_value }} = 0 and {{ years }} < 0)
            then power({{ to_value }} / {{ from_value }}, 1 / cast({{ years }} as double)) - 1
    end
{%- endmacro %}

{#
  |(to / from) ** (1 / years) - 1| where the two differ in sign: the root of a negative number is complex, and Statistics
  Canada's program takes the modulus of the complex difference without noticing.
#}
{% macro modulus_of_growth_across_zero(from_value, to_value, years) -%}
    sqrt(
        power(power(-{{ to_value }} / {{ from_value }}, 1 / cast({{ years }} as double)) * cos(pi() / {{ years }}) - 1, 2)
        + power(power(-{{ to_value }} / {{ from_value }}, 1 / cast({{ years }} as double)) * sin(pi() / {{ years }}), 2)
    )
{%- endmacro %}

{# The value of which `logit` is the logarithm of the odds, on a scale from 0 to `upper_scale`. #}
{% macro from_logit(logit, upper_scale) -%}
    ({{ upper_scale }} / (1 + exp(-greatest(-700.0, least(700.0, {{ logit }})))))
{%- endmacro %}

{# Has `value` reached the target? direction 1 up, -1 down, 0 parity (the target itself). #}
{% macro reached_target(value, target, direction) -%}
    case {{ direction }}
        when 1 then {{ value }} >= {{ target }}
        when -1 then {{ value }} <= {{ target }}
        else {{ value }} = {{ target }}
    end
{%- endmacro %}

{#
  ESCAP's index: 0 at the base, 10 at the target, negative below the base. Reached is exactly 10, before any division;
  null when the base is the target and the value has left it (the index is then minus infinity).
#}
{% macro index_0_10(value, base, target, direction) -%}
    case
        when {{ reached_target(value, target, direction) }} then 10.0
        when {{ target }} = {{ base }} then null
        when {{ direction }} = 0
            then 10.0 - 10.0 * abs({{ target }} - {{ value }}) / abs({{ target }} - {{ base }})
        else {{ direction }} * 10.0 * ({{ value }} - {{ base }}) / abs({{ target }} - {{ base }})
    end
{%- endmacro %}

{# Class of an index; a null index of a known value is minus infinity. #}
{% macro index_class(index, best, middle, worst) -%}
    case
        when {{ index }} > 9 then '{{ best }}'
        when {{ index }} > 0 then '{{ middle }}'
        else '{{ worst }}'
    end
{%- endmacro %}
