"""What the named methods ask of a case, laid out as rows of mth_case and mth_series."""

from collections.abc import Mapping, Sequence

from orchestration.assess_fields import Case, Fields, Row, shown


def value_rows(points: Mapping[int, float]) -> list[Row]:
    return [
        {"series": "value", "position": place, "year": year, "value": value}
        for place, (year, value) in enumerate(sorted(points.items()), start=1)
    ]


def _list_rows(series: str, values: Sequence[float | None]) -> list[Row]:
    return [
        {"series": series, "position": place, "year": None, "value": value}
        for place, value in enumerate(values, start=1)
    ]


def _two_points(fields: Fields, *, required: bool) -> Row:
    return {
        "base_year": fields.year("base.year", required=required),
        "base_value": fields.number("base.value", required=required),
        "current_year": fields.year("current.year", required=required),
        "current_value": fields.number("current.value", required=required),
    }


def _target_after_base(fields: Fields, row: Row) -> None:
    base, target = row.get("base_year"), row.get("target_year")
    if base is not None and target is not None and target <= base:
        fields.refuse("IMPOSSIBLE_YEAR", f"`target_year` {target} is not after the base year {base}")


def read_statcan(fields: Fields, case: Case) -> None:
    """Two points, or a series with a base year; a target and its year, or a limit."""
    from_series = fields.has("series") and not (fields.has("base") or fields.has("current"))
    row = _two_points(fields, required=not from_series)
    if from_series:
        points = fields.yearly(spans=True)
        if not points and not fields.problems:
            fields.refuse("MISSING_FIELD", "`series` has no value; give base and current, or a series")
        row["base_year"] = fields.year("params.base_year") or 2015
        case.series = value_rows(points)
    row["direction"] = fields.direction(required=False)
    if case.method == "statcan_cagr_ratio":
        row["target_value"] = fields.number("target", required=True)
        row["target_year"] = fields.year("target_year") or 2030
        _target_after_base(fields, row)
    elif fields.has("target"):
        fields.refuse("IMPOSSIBLE_VALUE", "`target` is given; statcan_cagr_ratio is the method with a target")
    row["limit_value"] = fields.number("params.limit")
    case.row = row


def read_statcan_aggregate(fields: Fields, case: Case) -> None:
    """Scores of the series of one indicator, null where a series has none."""
    scores = fields.list_of_numbers("params.series_scores")
    for place, score in enumerate(scores):
        if score is not None and abs(score) > 5:
            fields.refuse(
                "IMPOSSIBLE_VALUE", f"`params.series_scores[{place}]` is {score:g}; scores run from -5 to 5"
            )
    case.series = _list_rows("score", scores)
    statuses = fields.record.get("params", {}).get("series_statuses") if not fields.problems else None
    if statuses is not None:
        if not isinstance(statuses, list) or len(statuses) != len(scores):
            fields.refuse("WRONG_TYPE", "`params.series_statuses` must be an array as long as series_scores")
        else:
            case.series += _list_rows("achieved", [float(word == "target_achieved") for word in statuses])


_DESTATIS_KINDS = ("target_value", "constant_target", "direction_only", "interval_weaker_end")


def read_destatis(fields: Fields, case: Case) -> None:
    """A series by year and what is asked of it."""
    row: Row = {"direction": fields.direction(required=True)}
    points = fields.yearly()
    if not fields.has("series"):
        fields.refuse("MISSING_FIELD", "`series` is missing; give an object of values by year")
    case.series = value_rows(points)
    target = fields.record.get("target")
    kind = fields.text("kind")
    if kind not in _DESTATIS_KINDS:
        inferred = "direction_only" if target is None and not fields.has("targets") else "target_value"
        if kind is not None:
            case.note = (
                f"the kind {shown(kind)} is not one of {', '.join(_DESTATIS_KINDS)}; read as {inferred}"
            )
        kind = inferred
    row["kind"] = kind
    row["assessment_year"] = fields.year("params.assessment_year")
    window = fields.number("params.points")
    if window is not None and (window != int(window) or not 2 <= window <= 1000):
        fields.refuse(
            "IMPOSSIBLE_VALUE", f"`params.points` is {window:g}; give how many points the window has"
        )
    else:
        row["window_points"] = None if window is None else int(window)
    if kind != "direction_only":
        _destatis_targets(fields, case, row, target)
    case.row = row


def _destatis_targets(fields: Fields, case: Case, row: Row, target: object) -> None:
    """The target of a case: a figure, an interval [low, high], a figure for each year, or several targets."""
    years = fields.record.get("target_year")
    needs_year = row["kind"] != "constant_target"
    several = fields.record.get("targets")
    if several is not None:
        if (
            not isinstance(several, list)
            or not all(isinstance(item, Mapping) for item in several)
            or not several
        ):
            fields.refuse("WRONG_TYPE", "`targets` must be an array of objects with value and year")
            return
        for place, item in enumerate(several, start=1):
            one = Fields(item)
            value, year = one.number("value", required=True), one.year("year", required=needs_year)
            fields.problems += one.problems
            case.series.append({"series": "target", "position": place, "year": year, "value": value})
        return
    if isinstance(years, list):
        values = fields.list_of_numbers("target")
        if len(values) != len(years) or None in values:
            fields.refuse("WRONG_TYPE", "`target` must be an array as long as `target_year`")
            return
        case.series += [
            {
                "series": "target",
                "position": place,
                "year": fields.as_year(year, "target_year"),
                "value": value,
            }
            for place, (year, value) in enumerate(zip(years, values, strict=True), start=1)
        ]
        return
    row["target_year"] = fields.year("target_year", required=needs_year)
    if isinstance(target, list):
        ends = [value for value in fields.list_of_numbers("target") if value is not None]
        if len(ends) != 2:
            fields.refuse("WRONG_TYPE", "`target` as an interval must be [low, high]")
            return
        row["target_low"], row["target_high"] = min(ends), max(ends)
    else:
        row["target_value"] = fields.number("target", required=True)


def read_escap(fields: Fields, case: Case) -> None:
    """A series on a scale from 0, or base and current value themselves."""
    row: Row = {
        "direction": fields.direction(required=True, parity=True),
        "base_year": fields.year("params.base_year") or fields.year("base.year") or 2015,
        "current_year": fields.year("params.current_year") or fields.year("current.year") or 2025,
        "target_value": fields.number("target", required=True),
        "target_year": fields.year("target_year") or 2030,
        "base_value": fields.number("base.value"),
        "current_value": fields.number("current.value"),
        "projected_value": fields.number("params.projected"),
    }
    is_stated = row["base_value"] is not None and row["current_value"] is not None
    row["upper_scale"] = fields.positive("params.upper_scale", required=fields.has("series") or not is_stated)
    if not fields.has("series") and not is_stated:
        fields.refuse("MISSING_FIELD", "`series` is missing; give an object of values by year")
    case.series = value_rows(fields.yearly())
    _target_after_base(fields, row)
    case.row = row


def read_unsd(fields: Fields, case: Case) -> None:
    """Two points and a target, or none."""
    # A publisher may print the growth and not the figures behind it; without them there is no way to a target.
    stated = fields.number("params.cagr_actual")
    row = _two_points(fields, required=stated is None or fields.has("target"))
    row["stated_growth"] = stated
    row["target_value"] = fields.number("target")
    row["target_year"] = fields.year("target_year") or 2030
    no_direction_needed = case.method == "unsd_progress_chart_2022" and row["target_value"] is not None
    row["direction"] = fields.direction(required=not no_direction_needed)
    if row["target_value"] is not None:
        _target_after_base(fields, row)
    case.row = row


def read_growth_rate(fields: Fields, case: Case) -> None:
    """Two points and the rate a year that is asked for, as a fraction."""
    case.row = {
        **_two_points(fields, required=True),
        "required_rate": fields.number("params.required_rate", required=True),
    }


def read_periodic_target(fields: Fields, case: Case) -> None:
    """Targets and actuals by period."""
    targets = fields.list_of_numbers("series.periodic_targets")
    actuals = fields.list_of_numbers("series.actuals")
    if len(targets) != len(actuals) and not fields.problems:
        fields.refuse(
            "WRONG_TYPE",
            "`series.periodic_targets` and `series.actuals` must be of one length; null where none is known",
        )
    margin = fields.number("params.margin")
    if margin is not None and margin < 0:
        fields.refuse("IMPOSSIBLE_VALUE", f"`params.margin` is {margin:g}; give a share of 0 or more")
    case.series = _list_rows("periodic_target", targets) + _list_rows("actual", actuals)
    case.row = {
        "direction": fields.direction(required=False),
        "is_cumulative": fields.flag("params.is_cumulative"),
        "is_percent": fields.flag("params.is_percent"),
        "margin": margin,
    }


def read_tiered(fields: Fields, case: Case) -> None:
    """A value and a ladder of three targets with their points."""
    row: Row = {
        "direction": fields.direction(required=False),
        "current_value": fields.number("current.value", required=True),
        "sub_target": fields.number("params.sub_target", required=True),
        "target_value": fields.number("params.target", required=True),
        "super_target": fields.number("params.super_target", required=True),
        "points_sub": fields.number("params.points.sub", required=True),
        "points_target": fields.number("params.points.target", required=True),
        "points_super": fields.number("params.points.super", required=True),
    }
    rungs = [row["sub_target"], row["target_value"], row["super_target"]]
    if None not in rungs and rungs != sorted(set(rungs), reverse=row["direction"] == -1):
        fields.refuse(
            "IMPOSSIBLE_VALUE",
            "`params.sub_target`, `target` and `super_target` must rise (fall where lower is better)",
        )
    case.row = row


def read_outlier(fields: Fields, case: Case) -> None:
    """A value with the centre and spread of its series."""
    by_median = case.method == "outlier_modified_z_score" or (
        fields.has("params.median") and not fields.has("params.mean")
    )
    row: Row = {
        "current_value": fields.number("params.value", required=True),
        "threshold": fields.positive("params.threshold"),
    }
    names = ("median", "mad") if by_median else ("mean", "std_dev")
    row |= {name: fields.number(f"params.{name}", required=True) for name in names}
    spread = row[names[1]]
    if spread is not None and spread < 0:
        fields.refuse("IMPOSSIBLE_VALUE", f"`params.{names[1]}` is {spread:g}; a spread is 0 or more")
    case.row = row
