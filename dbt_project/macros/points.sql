{#
  CTEs over the annual figures of a case, shared by the rules that grade a figure of a year (asm_level, asm_hold). They
  follow a CTE `gated` (cases with parameters, is_over) and read `series`; `met` says whether series.value meets the target.
#}
{% macro annual_points(met) -%}
-- Points that speak to the target: inside its span where it has one; when its last year is over, only that year.
relevant as (

    select
        series.*,
        not gated.is_over or series.year = gated.period_end as is_current,
        {{ met }} as is_met
    from gated
    inner join series
        on
            gated.assessment_key = series.assessment_key
            and series.year >= coalesce(gated.period_start, series.year)
            and series.role in ('annual', 'withheld', 'not_comparable')

),

latest as (

    select
        *,
        row_number() over (partition by assessment_key order by year desc, period_id) as place
    from relevant
    where role = 'annual' and is_current

),

points as (

    select
        assessment_key,
        cast(count(*) filter (where role = 'annual') as integer) as n_points,
        min(year) filter (where role = 'annual') as first_year,
        max(year) filter (where role = 'annual') as last_year,
        min(year) filter (where role = 'annual' and is_met) as first_year_met,
        {{ joined_text('period_id', 'year, period_id') }} filter (where role = 'annual') as periods_present,
        count(*) filter (where role = 'withheld' and is_current) > 0 as has_withheld,
        count(*) filter (where role = 'not_comparable' and is_current) > 0 as has_not_comparable
    from relevant
    group by assessment_key

),

calendar as (

    {{ calendar_years() }}

),

gaps as (

    select
        points.assessment_key,
        {{ joined_text('cast(calendar.year as varchar)', 'calendar.year') }} as periods_missing
    from points
    inner join calendar
        on calendar.year between points.first_year and points.last_year
    left join relevant
        on
            points.assessment_key = relevant.assessment_key
            and calendar.year = relevant.year
            and relevant.role = 'annual'
    where relevant.assessment_key is null
    group by points.assessment_key

),

-- The largest change that one year has brought, in the sense of better: what a required change is held against.
best_years as (

    select
        this_year.assessment_key,
        max(gated.sense * cast(this_year.value - year_before.value as double)) * max(gated.sense) as best_year_change,
        max(
            case
                when this_year.value > 0 and year_before.value > 0
                    then gated.sense * 100 * (cast(this_year.value as double) / cast(year_before.value as double) - 1)
            end
        ) * max(gated.sense) as best_year_growth
    from gated
    inner join relevant as this_year
        on gated.assessment_key = this_year.assessment_key and this_year.role = 'annual'
    inner join relevant as year_before
        on
            this_year.assessment_key = year_before.assessment_key
            and this_year.year = year_before.year + 1
            and year_before.role = 'annual'
    group by this_year.assessment_key

)
{%- endmacro %}

{# The three values a figure is judged at: as it is, and a typical revision to either side of it. #}
{% macro revision_shifts() -%}
    select * from (values (-1), (0), (1)) as shifts (shift)
{%- endmacro %}

{# `value` moved by `shift` typical revisions. #}
{% macro moved_value(value) -%}
    case when shift = 0 then {{ value }} else {{ value }} + cast(shift * typical_revision as decimal(38, 15)) end
{%- endmacro %}

{#
  The mean yearly change over the latest points of a case, at most as many as the window holds; `since` names a column of
  `since_of` (a CTE by assessment_key) with the year it begins in. As CTE `name`: first_value, last_value, years,
  n_window_points.
#}
{% macro trend_of(name, since=none, since_of='points') -%}
{{ name }} as (

    select
        recent.assessment_key,
        cast({{ first_in_order('recent.value', 'recent.year') }} as double) as first_value,
        cast({{ first_in_order('recent.value', 'recent.year desc') }} as double) as last_value,
        max(recent.year) - min(recent.year) as years,
        count(*) as n_window_points
    from (
        select
            relevant.*,
            row_number() over (
                partition by relevant.assessment_key
                order by relevant.year desc, relevant.period_id
            ) as place
        from relevant
        {% if since -%}
        inner join {{ since_of }}
            on relevant.assessment_key = {{ since_of }}.assessment_key and relevant.year >= {{ since_of }}.{{ since }}
        {% endif -%}
        where relevant.role = 'annual'
    ) as recent
    cross join parameters
    where recent.place <= parameters.trend_window
    group by recent.assessment_key

)
{%- endmacro %}

{# Mean yearly change of a window of `of`, its last value moved by `shift` typical revisions. #}
{% macro mean_change(of, window='') -%}
    (
        ({{ of }}.last_value{{ window }} + case when shift = 0 then 0 else shift * typical_revision end - {{ of }}.first_value{{ window }})
        / nullif({{ of }}.years{{ window }}, 0)
    )
{%- endmacro %}

{#
  The figure in the target year if it went on drifting; twelve decimals keep the noise of double arithmetic from moving
  a figure that drifts to the very edge.
#}
{% macro carried_on(drift) -%}
    round(cast(moved_value as double) + {{ drift }} * (period_end - actual_year), 12)
{%- endmacro %}
