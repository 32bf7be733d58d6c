{# The parameters of assessment as one row, one column each. #}
{% macro assessment_parameters() -%}
    select
        {% for name in ['band_on_track', 'band_slightly_behind', 'band_behind', 'stale_after_periods', 'vision_year', 'trend_points', 'trend_window', 'span_points', 'small_count', 'small_count_base', 'structure_rounding', 'projection_points', 'interval_points'] -%}
        max(case when parameter = '{{ name }}' then value end) as {{ name }}{{ ',' if not loop.last }}
        {% endfor -%}
    from {{ ref('assessment_parameter') }}
{%- endmacro %}
