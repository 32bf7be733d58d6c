{#
  What a model made of a source in an earlier build holds for as long as the key of the source is the same (inputs.source_key):
  all that decides its rows is in the key, the code among it. Such rows carry their `source_key` and are taken over from
  the table as it stands; those of every other source are made anew. Where there is no table yet everything is.
#}

{# Ids of the sources whose rows in the table of `model_name` still hold. #}
{% macro kept_sources(model_name) -%}
    {%- set kept = [] -%}
    {%- if execute and flags.WHICH in ['run', 'build'] and model.resource_type == 'model' -%}
        {%- set table = adapter.get_relation(this.database, generate_schema_name('observe', none), model_name) -%}
        {%- if table and 'source_key' in adapter.get_columns_in_relation(table) | map(attribute='name') -%}
            {%- set found = run_query("select distinct source_id from " ~ table ~ " inner join " ~ source('inputs', 'source_key') ~ " using (source_id, source_key) order by source_id") -%}
            {%- set kept = found.columns[0].values() | list -%}
        {%- endif -%}
    {%- endif -%}
    {{ return(kept) }}
{%- endmacro %}

{# A condition: `column` names none of the sources. #}
{% macro is_not_among(column, sources) -%}
    {%- if sources -%}
    {{ column }} not in ({% for source_id in sources %}'{{ source_id }}'{{ ', ' if not loop.last }}{% endfor %})
    {%- else -%}
    true
    {%- endif -%}
{%- endmacro %}

{# The rows of `final`, with those of the sources that are kept from the table as it stands. #}
{% macro final_with_kept(sources) -%}
    select * from final
    {%- if sources %}
    {{ union_all_by_name() }}
    select * from {{ this }} where not {{ is_not_among('source_id', sources) }}
    {%- endif %}
{%- endmacro %}
