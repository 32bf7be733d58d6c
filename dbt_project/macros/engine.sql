{#
  SQL that only one engine understands. Models call these names; another engine gets its own `<engine>__` version.
#}

{# The cell sets of `files` as one relation. #}
{% macro cells_of(files) %}{{ return(adapter.dispatch('cells_of', 'ppw')(files)) }}{% endmacro %}
{% macro duckdb__cells_of(files) -%}
    read_parquet([{% for file in files %}'{{ file | replace("'", "''") }}'{{ ', ' if not loop.last }}{% endfor %}])
{%- endmacro %}

{# Rows of a list of structs: `element` names the struct in the select list. #}
{% macro rows_of(list_column) %}{{ return(adapter.dispatch('rows_of', 'ppw')(list_column)) }}{% endmacro %}
{% macro duckdb__rows_of(list_column) -%}
    unnest({{ list_column }})
{%- endmacro %}

{# The text of one attribute in a list<struct{name, text}>; empty text is no text. #}
{% macro attribute_text(attributes, name) %}{{ return(adapter.dispatch('attribute_text', 'ppw')(attributes, name)) }}{% endmacro %}
{% macro duckdb__attribute_text(attributes, name) -%}
    nullif(list_filter({{ attributes }}, lambda attribute: attribute.name = '{{ name }}')[1].text, '')
{%- endmacro %}

{# The labels of a cell as one text, in the publisher's order: "dimension: label; dimension: label". #}
{% macro labels_text(labels) %}{{ return(adapter.dispatch('labels_text', 'ppw')(labels)) }}{% endmacro %}
{% macro duckdb__labels_text(labels) -%}
    array_to_string(list_transform({{ labels }}, lambda part: part.dimension || ': ' || coalesce(part.label, '')), '; ')
{%- endmacro %}

{# Texts of a group as one text, in the order of `order_by`. #}
{% macro joined_text(expression, order_by, separator=',') %}{{ return(adapter.dispatch('joined_text', 'ppw')(expression, order_by, separator)) }}{% endmacro %}
{% macro duckdb__joined_text(expression, order_by, separator) -%}
    string_agg({{ expression }}, '{{ separator }}' order by {{ order_by }})
{%- endmacro %}

{# The values of a group in an order: sorting the lists costs a fifth of an aggregate with an order of its own. #}
{% macro duckdb__sorted_list(expression, order_by) -%}
    list_transform(list_sort(list({'place': row({{ order_by }}), 'content': {{ expression }}})), lambda entry: entry.content)
{%- endmacro %}

{# A sum of doubles in a declared order, so that the last digits do not depend on the number of threads. #}
{% macro ordered_sum(expression, order_by) %}{{ return(adapter.dispatch('ordered_sum', 'ppw')(expression, order_by)) }}{% endmacro %}
{% macro duckdb__ordered_sum(expression, order_by) -%}
    list_sum({{ duckdb__sorted_list(expression, order_by) }})
{%- endmacro %}

{# The value of `expression` in the row that comes first in the order of `order_by`; nulls are passed over. #}
{% macro first_in_order(expression, order_by) %}{{ return(adapter.dispatch('first_in_order', 'ppw')(expression, order_by)) }}{% endmacro %}
{% macro duckdb__first_in_order(expression, order_by) -%}
    first({{ expression }} order by {{ order_by }}) filter (where {{ expression }} is not null)
{%- endmacro %}

{# Years that may stand in a plan or a figure, one row each. #}
{% macro calendar_years() %}{{ return(adapter.dispatch('calendar_years', 'ppw')()) }}{% endmacro %}
{% macro duckdb__calendar_years() -%}
    select cast(range as integer) as year from range(1900, 2101)
{%- endmacro %}

{# `number` (a decimal or its text) times ten to the power `exponent`, exactly; null when it does not fit. #}
{% macro shifted_decimal(number, exponent) %}{{ return(adapter.dispatch('shifted_decimal', 'ppw')(number, exponent)) }}{% endmacro %}
{% macro duckdb__shifted_decimal(number, exponent) -%}
    try_cast(cast({{ number }} as varchar) || 'e' || cast({{ exponent }} as varchar) as decimal(38, 15))
{%- endmacro %}

{# A decimal from its plain text; null when it does not fit. #}
{% macro decimal_or_null(text) %}{{ return(adapter.dispatch('decimal_or_null', 'ppw')(text)) }}{% endmacro %}
{% macro duckdb__decimal_or_null(text) -%}
    try_cast({{ text }} as decimal(38, 15))
{%- endmacro %}

{# 12 significant digits: what is published of a number that was computed in double. Decide before, never after. #}
{% macro round_published(number) %}{{ return(adapter.dispatch('round_published', 'ppw')(number)) }}{% endmacro %}
{% macro duckdb__round_published(number) -%}
    cast(printf('%.11e', {{ number }}) as double)
{%- endmacro %}

{# The same as an exact decimal; null when it does not fit. #}
{% macro published_decimal(number) %}{{ return(adapter.dispatch('published_decimal', 'ppw')(number)) }}{% endmacro %}
{% macro duckdb__published_decimal(number) -%}
    try_cast(printf('%.11e', {{ number }}) as decimal(38, 15))
{%- endmacro %}

{# A date from its ISO text, or null. #}
{% macro date_or_null(text) %}{{ return(adapter.dispatch('date_or_null', 'ppw')(text)) }}{% endmacro %}
{% macro duckdb__date_or_null(text) -%}
    try_cast({{ text }} as date)
{%- endmacro %}

{# A whole number from its text, or null. #}
{% macro integer_or_null(text) %}{{ return(adapter.dispatch('integer_or_null', 'ppw')(text)) }}{% endmacro %}
{% macro duckdb__integer_or_null(text) -%}
    try_cast({{ text }} as integer)
{%- endmacro %}

{# The key under which printings of one label meet; the same rule as `label_key` of the readers. #}
{% macro label_key(text) %}{{ return(adapter.dispatch('label_key', 'ppw')(text)) }}{% endmacro %}
{% macro duckdb__label_key(text) -%}
    {%- set key -%}
        lower(trim(regexp_replace(translate(nfc_normalize({{ text }}), 'ÐðƉɖ', 'ĐđĐđ'), '[\s\x{00a0}]+', ' ', 'g')))
    {%- endset -%}
    {%- set new_style = 'oà oá oả oã oạ oè oé oẻ oẽ oẹ uỳ uý uỷ uỹ uỵ'.split() -%}
    {%- set old_style = 'òa óa ỏa õa ọa òe óe ỏe õe ọe ùy úy ủy ũy ụy'.split() -%}
    {%- set moves = namespace(key=key) -%}
    {%- for new in new_style -%}
        {%- set moves.key = "regexp_replace(" ~ moves.key ~ ", '" ~ new ~ "($|[^\\pL\\pN_])', '" ~ old_style[loop.index0] ~ "\\1', 'g')" -%}
    {%- endfor -%}
    {#- After q the u belongs to the consonant: quý keeps its tone. -#}
    {%- for old in old_style if old.endswith('y') -%}
        {%- set moves.key = "regexp_replace(" ~ moves.key ~ ", 'q" ~ old ~ "($|[^\\pL\\pN_])', 'q" ~ new_style[loop.index0 + 10] ~ "\\1', 'g')" -%}
    {%- endfor -%}
    {{ moves.key }}
{%- endmacro %}

{# Between two selects of one union: columns meet by name, and one that a select does not have is null. #}
{% macro union_all_by_name() %}{{ return(adapter.dispatch('union_all_by_name', 'ppw')()) }}{% endmacro %}
{% macro duckdb__union_all_by_name() -%}
    union all by name
{%- endmacro %}

{# Days from one date to another, negative backwards. #}
{% macro days_between(from_day, to_day) %}{{ return(adapter.dispatch('days_between', 'ppw')(from_day, to_day)) }}{% endmacro %}
{% macro duckdb__days_between(from_day, to_day) -%}
    date_diff('day', {{ from_day }}, {{ to_day }})
{%- endmacro %}

{# A date moved by whole months (forward, or back when negative); the last day of a month where the day is missing. #}
{% macro moved_by_months(day, months) %}{{ return(adapter.dispatch('moved_by_months', 'ppw')(day, months)) }}{% endmacro %}
{% macro duckdb__moved_by_months(day, months) -%}
    cast({{ day }} + to_months({{ months }}) as date)
{%- endmacro %}

{# A date as Vietnamese documents print it: 27/04/2023. #}
{% macro day_month_year(day) %}{{ return(adapter.dispatch('day_month_year', 'ppw')(day)) }}{% endmacro %}
{% macro duckdb__day_month_year(day) -%}
    strftime({{ day }}, '%d/%m/%Y')
{%- endmacro %}

{# A product of doubles in a declared order. #}
{% macro ordered_product(expression, order_by) %}{{ return(adapter.dispatch('ordered_product', 'ppw')(expression, order_by)) }}{% endmacro %}
{% macro duckdb__ordered_product(expression, order_by) -%}
    list_product({{ duckdb__sorted_list(expression, order_by) }})
{%- endmacro %}

{# The rows of a group as a list of structs with the columns named; rows_of gives them back. #}
{% macro listed_rows(columns, order_by) %}{{ return(adapter.dispatch('listed_rows', 'ppw')(columns, order_by)) }}{% endmacro %}
{% macro duckdb__listed_rows(columns, order_by) -%}
    {%- set row -%}
        { {%- for column in columns %}'{{ column }}': {{ column }}{{ ', ' if not loop.last }}{% endfor -%} }
    {%- endset -%}
    {{ duckdb__sorted_list(row, order_by) }}
{%- endmacro %}

{# A printed figure as a number where it is a plain one with a point for the decimal mark, or null. #}
{% macro printed_number(text) %}{{ return(adapter.dispatch('printed_number', 'ppw')(text)) }}{% endmacro %}
{% macro duckdb__printed_number(text) -%}
    try_cast({{ text }} as double)
{%- endmacro %}

{# Digits after its point. #}
{% macro printed_decimals(text) %}{{ return(adapter.dispatch('printed_decimals', 'ppw')(text)) }}{% endmacro %}
{% macro duckdb__printed_decimals(text) -%}
    length(regexp_extract({{ text }}, '[.]([0-9]+)$', 1))
{%- endmacro %}
