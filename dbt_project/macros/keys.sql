{# A key over columns: md5 of their texts with a bar between; no column may be null. #}
{% macro key_of(columns) -%}
    md5({% for column in columns %}cast({{ column }} as varchar){{ " || '|' || " if not loop.last }}{% endfor %})
{%- endmacro %}

{# Columns as one text with bars between; a null is an empty field. #}
{% macro text_of(columns) -%}
    {% for column in columns %}coalesce(cast({{ column }} as varchar), ''){{ " || '|' || " if not loop.last }}{% endfor %}
{%- endmacro %}
