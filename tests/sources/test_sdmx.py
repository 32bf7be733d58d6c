"""SDMX-ML 2.1 data messages of both kinds."""

from decimal import Decimal
from pathlib import Path

import pytest

from sources.adapters.sdmx import read
from sources.cells import AdapterResult, ReadingError
from sources.record import SdmxReading

SECTION = SdmxReading(adapter="sdmx")
MESSAGE = "http://www.sdmx.org/resources/sdmxml/schemas/v2_1/message"
GENERIC = "http://www.sdmx.org/resources/sdmxml/schemas/v2_1/data/generic"

STRUCTURE_SPECIFIC = f"""<?xml version="1.0"?>
<m:StructureSpecificData xmlns:m="{MESSAGE}">
 <m:Header><m:Structure structureID="ECOFIN" dimensionAtObservation="TIME_PERIOD"/></m:Header>
 <m:DataSet COMMENT="Published">
  <Series REF_AREA="VN" INDICATOR="LLF" FREQ="Q" UNIT_MULT="3">
   <Obs TIME_PERIOD="2024-Q1" OBS_VALUE="51978.4"/>
   <Obs TIME_PERIOD="2024-Q2" OBS_VALUE="8 339.9" OBS_STATUS="P"/>
   <Obs TIME_PERIOD="2024-Q3" OBS_VALUE="NaN" OBS_STATUS="M"/>
   <Obs TIME_PERIOD="2024-Q4" OBS_VALUE="571.9sb"/>
  </Series>
 </m:DataSet>
</m:StructureSpecificData>"""

SERIES = f"""<?xml version="1.0"?>
<m:GenericData xmlns:m="{MESSAGE}" xmlns:g="{GENERIC}">
 <m:Header><m:Structure structureID="S" dimensionAtObservation="TIME_PERIOD"/></m:Header>
 <m:DataSet>
  <g:Group type="Sibling">
   <g:GroupKey><g:Value id="INDICATOR" value="CPI"/></g:GroupKey>
   <g:Attributes><g:Value id="UNIT_MEASURE" value="IX"/></g:Attributes>
  </g:Group>
  <g:Series>
   <g:SeriesKey><g:Value id="INDICATOR" value="CPI"/><g:Value id="REF_AREA" value="VN"/></g:SeriesKey>
   <g:Obs><g:ObsDimension value="2024"/><g:ObsValue value="101.5"/>
    <g:Attributes><g:Value id="OBS_STATUS" value="E"/></g:Attributes></g:Obs>
  </g:Series>
  <g:Obs>
   <g:ObsKey><g:Value id="INDICATOR" value="CPI"/><g:Value id="TIME_PERIOD" value="2023"/></g:ObsKey>
   <g:ObsValue value="100"/>
  </g:Obs>
 </m:DataSet>
</m:GenericData>"""


def read_text(text: str) -> AdapterResult:
    return read(text.encode(), SECTION)


def test_the_multiplier_is_applied_and_the_text_stays_as_printed() -> None:
    first, second, third, fourth = (cell.value for cell in read_text(STRUCTURE_SPECIFIC).cells)
    assert (first.text, first.decimal, first.flags) == ("51978.4", Decimal(51978400), ("unit_mult_applied",))
    assert second.decimal == Decimal(8339900)
    assert (third.decimal, third.missing_code) == (None, "not_available")
    # A mark glued to the figure is not guessed at.
    assert (fourth.decimal, fourth.missing_code) == (None, "unreadable")


def test_dimensions_are_labels_and_attributes_are_not() -> None:
    cell = read_text(STRUCTURE_SPECIFIC).cells[1]
    assert [(label.dimension, label.code) for label in cell.labels] == [
        ("REF_AREA", "VN"), ("INDICATOR", "LLF"), ("FREQ", "Q"), ("TIME_PERIOD", "2024-Q2"),
    ]  # fmt: skip
    assert cell.period_text == "2024-Q2"
    assert ("status", "P") in cell.attributes
    assert ("comment", "Published") in cell.attributes


def test_generic_series_with_a_group_and_flat_observations() -> None:
    in_series, flat = read_text(SERIES).cells
    assert (in_series.value.number, in_series.period_text, in_series.unit_text) == (101.5, "2024", "IX")
    assert ("status", "E") in in_series.attributes
    assert (flat.value.number, flat.period_text) == (100, "2023")


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("<html><body>Login</body></html>", "web page"),
        (STRUCTURE_SPECIFIC[:400], "breaks off"),
        ('<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "b">]><x>&a;</x>', "declares entities"),
        (f'<m:Structure xmlns:m="{MESSAGE}"><m:Structures/></m:Structure>', "a structure message"),
        (f'<m:Error xmlns:m="{MESSAGE}"><m:ErrorMessage code="100"/></m:Error>', "an error message"),
    ],
)
def test_what_holds_no_data_is_refused(text: str, says: str) -> None:
    with pytest.raises(ReadingError, match=says):
        read_text(text)


@pytest.mark.parametrize(("name", "n_cells"), [("CPIVNM", 1683), ("LMIVNM", 737), ("PPIVNM", 768)])
def test_the_national_summary_data_page(shared_data: Path, name: str, n_cells: int) -> None:
    data = (shared_data / "nsdp_sdmx" / f"{name}.xml").read_bytes()
    assert data.count(b"<Obs ") == n_cells
    assert len(read(data, SECTION).cells) == n_cells
