{#
  Rules that several types of target share. All read columns of asm_case, `vision_year` is a parameter.
#}

{#
  Why a case is not assessed whatever its figures are; null when its figures decide. First what nobody need mend, then what
  the planning authority has to, then what a reviewer found in the text.
#}
{% macro gate_reason() -%}
    case
        when value_low is null and value_high is null then 'NO_TARGET'
        when period_end >= vision_year then 'NOT_DUE'
        when frame_valid_to < cut_off then 'SUPERSEDED_BASIS'
        when period_start > last_complete_year then 'NOT_DUE'
        when is_not_comparable then 'NOT_COMPARABLE'
    end
{%- endmacro %}

{# Targets that ask for staying where they are told: inside a band, above a floor or below a ceiling. #}
{% macro is_hold_case() -%}
    (
        target_type = 'hold'
        or (target_type = 'interval' and value_low <> value_high and coalesce(range_kind, '') = 'tolerance')
        or (target_type in ('floor', 'ceiling') and trajectory is null)
    )
{%- endmacro %}

{# Targets that ask for getting somewhere by a year. #}
{% macro is_level_case() -%}
    (
        target_type in ('level', 'interval', 'count', 'area', 'capacity', 'rank', 'floor', 'ceiling')
        and not coalesce({{ is_hold_case() }}, false)
    )
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

{#
  Targets without a better side that say exactly what there should be: a number of units, a range, or a figure with a
  declared width. Any other figure without a better side is no yardstick.
#}
{% macro is_exact_case() -%}
    coalesce(
        sense is null
        and comparator in ('eq', 'between', 'approx', 'approx_between')
        and (tolerance is not null or value_low <> value_high or (target_type = 'count' and comparator = 'eq')),
        false
    )
{%- endmacro %}

{# Does `value` reach what a level case asks for? #}
{% macro reaches(value, of='') -%}
    case
        when {{ of }}is_exact and {{ of }}is_interval then {{ value }} between {{ of }}value_low and {{ of }}value_high
        when {{ of }}is_exact then abs({{ value }} - {{ of }}figure) <= coalesce({{ of }}tolerance, 0)
        else {{ meets(value, of ~ 'figure') }}
    end
{%- endmacro %}

{# True when a typical revision to either side changes what is said; null when no revision is known. Over the shifts of a case. #}
{% macro changes_between_shifts() -%}
    case when count(*) > 1 then count(distinct level_state || ' ' || pace_state) > 1 end
{%- endmacro %}

{#
  Distance of a stated pace to the nearest edge of its bands (in pace), else of a stated level to its threshold (in its
  unit). `pace_decides` is false where the state of the pace comes from elsewhere.
#}
{% macro margin_to_band(level_is_stated, level_margin, pace_decides='true') -%}
    case
        when pace_reason_code is null and pace is not null and {{ pace_decides }}
            then least(abs(pace - band_on_track), abs(pace - band_slightly_behind), abs(pace - band_behind))
        when {{ level_is_stated }} then {{ level_margin }}
    end
{%- endmacro %}

{# What margin_to_band is measured on. #}
{% macro band_margin_of(level_is_stated, pace_decides='true') -%}
    case
        when pace_reason_code is null and pace is not null and {{ pace_decides }} then 'pace'
        when {{ level_is_stated }} then 'level'
    end
{%- endmacro %}

{# Is `value` inside the band of a hold case? An open end holds whatever there is; `gt` and `lt` do not count the edge. #}
{% macro held_in_band(value, of='') -%}
    (
        ({{ of }}band_low is not null or {{ of }}band_high is not null)
        and (
            {{ of }}band_low is null or {{ value }} > {{ of }}band_low
            or ({{ value }} = {{ of }}band_low and {{ of }}comparator not in ('gt', 'approx_gt'))
        )
        and (
            {{ of }}band_high is null or {{ value }} < {{ of }}band_high
            or ({{ value }} = {{ of }}band_high and {{ of }}comparator <> 'lt')
        )
    )
{%- endmacro %}
