{# Rows in which a column holds something that must be empty. #}
{% test is_null(model, column_name) %}
    select {{ column_name }}
    from {{ model }}
    where {{ column_name }} is not null
{% endtest %}
