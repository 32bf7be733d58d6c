"""The tables of a release and the key columns that name a row of each; other columns belong to the marts."""

RELEASE_CHANGE_TABLE = "fct_release_change"

INFLUENCE_TABLE = "fct_finding_influence"
# Made from the marts when a candidate is put together, not by dbt.
MADE_FROM_MARTS = frozenset({RELEASE_CHANGE_TABLE, INFLUENCE_TABLE})

RELEASE_TABLES: dict[str, tuple[str, ...]] = {
    "dim_plan_document": ("plan_version",),
    "dim_clause": ("plan_version", "clause"),
    "dim_parameter": ("parameter",),
    "dim_unit": ("unit",),
    "dim_source": ("source_id",),
    "dim_indicator": ("indicator_code",),
    "dim_area": ("area_id", "valid_from"),
    "dim_area_relation": ("from_area_id", "to_area_id", "kind"),
    "dim_period": ("period_id",),
    "dim_breakdown": ("breakdown",),
    "dim_derivation": ("derivation_id",),
    "dim_rule": ("rule_id",),
    "dim_annotation": ("plan_version", "annotation_id"),
    "dim_annotation_subject": ("plan_version", "annotation_id", "subject_type", "subject_id"),
    "dim_plan_list": ("plan_version", "list_id"),
    "dim_plan_list_member": ("plan_version", "list_id", "position"),
    "dim_target_relation": ("plan_version", "relation_id", "target_id"),
    "fct_target": ("plan_version", "target_id"),
    "fct_milestone": ("plan_version", "target_id"),
    "fct_statement": ("statement_id",),
    "fct_observation": ("observation_key",),
    "fct_revision": ("to_observation_key",),
    "fct_series_revision": (
        "indicator_code",
        "area_id",
        "breakdown",
        "form",
        "source_id",
        "unit",
        "index_base",
        "price_basis",
    ),
    "fct_observation_component": ("observation_key", "position"),
    "fct_actual": ("indicator_code", "area_id", "period_id", "breakdown"),
    "fct_assessment": ("assessment_key",),
    "fct_assessment_input": ("assessment_key", "role", "observation_key"),
    "fct_method_result": ("assessment_key", "method"),
    "fct_finding": ("finding_id",),
    "fct_finding_influence": ("finding_id", "assessment_key", "scenario"),
    "fct_release_issue": ("issue_key",),
    "fct_cell_unclaimed": ("source_id", "route", "document", "snapshot_sha256", "cell_ref"),
    RELEASE_CHANGE_TABLE: ("change_kind", "table_name", "row_key", "column_name"),
}

# Of tables with as many rows as there are figures, the order in their files where it is not that of the key: what is
# read together lies together, so that a page reads few row groups. Rows are the same in any order.
READING_ORDER: dict[str, tuple[str, ...]] = {
    "fct_observation": ("indicator_code", "area_id", "breakdown", "period_id", "observation_key"),
    "fct_revision": ("indicator_code", "area_id", "breakdown", "period_id", "to_observation_key"),
}
