"""The mapping of files whose rows carry our own codes: made from the codes, with the seed's unit and form."""

from collections.abc import Mapping as Lookup

from sources.record import AreaByLabel, Mapping, PeriodByLabel, SeriesMapping
from sources.submission.catalogue import Indicator, split_series_code

INDICATOR, AREA, PERIOD = "indicator", "area", "period"


def mapping_by_code(
    printed: Lookup[str, Lookup[str, str]], indicators: Lookup[str, Indicator]
) -> Mapping | None:
    """Return the mapping of the codes found in cells (dimension -> label key -> label); None without any.

    A code that no seed has gets no series, so its cells stay unclaimed and are listed.
    """
    series = []
    for code in sorted(printed.get(INDICATOR, {}).values()):
        name, breakdown = split_series_code(code)
        indicator = indicators.get(name)
        if indicator is not None:
            series.append(
                SeriesMapping(
                    where={INDICATOR: code},
                    indicator=name,
                    unit=indicator.unit.unit,
                    form=indicator.form,  # type: ignore[arg-type]
                    breakdown=breakdown,
                )
            )
    areas = sorted(printed.get(AREA, {}).values())
    if not series or not areas:
        return None
    return Mapping(
        area=AreaByLabel(dimension=AREA, labels={area: area for area in areas}),
        period=PeriodByLabel(dimension=PERIOD, format="period_id"),
        series=series,
        unit_column=True,
    )
