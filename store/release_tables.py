"""The tables of a release and the key columns that name a row of each; other columns belong to the marts."""

RELEASE_CHANGE_TABLE = "fct_release_change"

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
    "dim_annotation": ("plan_version", "annotation_id"),
    "dim_annotation_subject": ("plan_version", "annotation_id", "subject_type", "subject_id"),
    "dim_plan_list": ("plan_version", "list_id"),
    "dim_plan_list_member": ("plan_version", "list_id", "position"),
    "dim_target_relation": ("plan_version", "relation_id", "target_id"),
    "fct_target": ("plan_version", "target_id"),
    "fct_milestone": ("plan_version", "target_id"),
    "fct_observation": ("observation_key",),
    "fct_actual": ("indicator_code", "area_id", "period_id", "breakdown"),
    "fct_actual_converted": ("indicator_code", "area_id", "period_id", "breakdown", "source_id"),
    "fct_assessment": ("assessment_key",),
    "fct_assessment_input": ("assessment_key", "role", "observation_key"),
    "fct_method_result": ("assessment_key", "method"),
    "fct_finding": ("finding_id",),
    "fct_cell_unclaimed": ("source_id", "route", "document", "snapshot_sha256", "cell_ref"),
    RELEASE_CHANGE_TABLE: ("change_kind", "table_name", "row_key", "column_name"),
}
