{# The exponent k when `ratio` is ten to the power k, else null. #}
{% macro power_of_ten(ratio) -%}
    case
        when {{ ratio }} > 0 and abs({{ ratio }} / power(10.0, round(log10({{ ratio }}))) - 1) < 1e-12
            then cast(round(log10({{ ratio }})) as integer)
    end
{%- endmacro %}

{#
  `number` (a decimal or its exact text) times `ratio`, as a decimal: exactly where the ratio is a power of ten,
  else through double with 12 significant digits. Null when it does not fit 23 digits before the point.
#}
{% macro scaled_decimal(number, ratio) -%}
    case
        when {{ power_of_ten(ratio) }} is not null
            then {{ shifted_decimal(number, power_of_ten(ratio)) }}
        else try_cast({{ round_published('cast(' ~ number ~ ' as double) * (' ~ ratio ~ ')') }} as decimal(38, 15))
    end
{%- endmacro %}

{# A decimal as text without the zeros that only its type adds. #}
{% macro plain_text(number) -%}
    regexp_replace(cast({{ number }} as varchar), '[.]?0+$', '')
{%- endmacro %}

{# Digits after the point in a decimal text. #}
{% macro decimals_of(text) -%}
    length(split_part({{ text }}, '.', 2))
{%- endmacro %}
