{#
  Rules that several types of target share. All read columns of asm_case, `vision_year` is a parameter.
#}

{# Why a case is not assessed whatever its figures are; null when its figures decide. #}
{% macro gate_reason() -%}
    case
        when value_low is null and value_high is null then 'NO_TARGET'
        when period_end >= vision_year then 'NOT_DUE'
        when frame_valid_to < cut_off then 'SUPERSEDED_BASIS'
        when period_start > last_complete_year then 'NOT_DUE'
    end
{%- endmacro %}

{# True when the last year of the target is complete at the cut-off. #}
{% macro target_year_over() -%}
    coalesce(period_end <= last_complete_year, false)
{%- endmacro %}

{#
  The figure a target is graded on: its only figure, or the weaker end of an interval; a declared tolerance
  moves it to the easier side. `sense` is 1 when higher is better, -1 when lower is.
#}
{% macro graded_figure() -%}
    (case when sense = -1 then coalesce(value_high, value_low) else coalesce(value_low, value_high) end
        - coalesce(sense * tolerance, 0))
{%- endmacro %}

{# Does `value` meet the figure? `gt`, `lt` and "about, above" mean strictly beyond it. #}
{% macro meets(value, figure) -%}
    case
        when comparator in ('gt', 'approx_gt') then {{ value }} > {{ figure }}
        when comparator = 'lt' then {{ value }} < {{ figure }}
        when sense = 1 then {{ value }} >= {{ figure }}
        when sense = -1 then {{ value }} <= {{ figure }}
    end
{%- endmacro %}
