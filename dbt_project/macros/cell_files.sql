{#
  The cells of every vintage in use but for the sources that are kept. The list of files is read from the vintages when the model is compiled for a
  run; without one (when the project is only parsed, or nothing has arrived yet) there are no rows.
#}
{% macro cells_of_vintages(kept) -%}
    {%- set files = [] -%}
    {%- if execute and flags.WHICH in ['run', 'build', 'test', 'compile', 'show'] -%}
        {%- set found = run_query("select distinct cells_file from " ~ source('inputs', 'vintage') ~ " where not excluded and cells_file is not null and " ~ is_not_among("source_id", kept) ~ " order by cells_file") -%}
        {%- set files = found.columns[0].values() | list -%}
    {%- endif -%}
    {%- if files -%}
    {{ cells_of(files) }}
    {%- else -%}
    (
        select
            cast(null as varchar) as cell_set_key,
            cast(null as varchar) as table_title,
            cast(null as bigint) as cell_index,
            cast(null as varchar) as cell_ref,
            cast(null as struct(dimension varchar, label varchar, code varchar, key varchar)[]) as labels,
            cast(null as struct(name varchar, text varchar)[]) as attributes,
            cast(null as varchar) as unit_key,
            cast(null as varchar) as value_text,
            cast(null as varchar) as decimal_text,
            cast(null as varchar) as missing_code
        where false
    )
    {%- endif -%}
{%- endmacro %}
