{#
  What decides among the vintages of one figure in one source: the later issue, not the later arrival; a stated date of
  issue beats none.
#}
{% macro issue_order() -%}
    confirmed_published_at desc nulls last, confirmed_vintage_at desc, arrival desc
{%- endmacro %}
