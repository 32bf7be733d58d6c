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


def structure_specific(content: str) -> AdapterResult:
    return read_text(
        f'<m:StructureSpecificData xmlns:m="{MESSAGE}"><m:DataSet>{content}</m:DataSet></m:StructureSpecificData>'
    )


GROUP = '<Group type="Sibling" REF_AREA="VN" UNIT_MULT="6" COMPILATION="by survey"/>'
OTHER_GROUP = '<Group REF_AREA="LA" UNIT_MULT="3"/>'
IN_SERIES = '<Series FREQ="A" REF_AREA="VN"><Obs TIME_PERIOD="2020" OBS_VALUE="1.5"/></Series>'
FLAT = '<Obs FREQ="A" REF_AREA="VN" TIME_PERIOD="2020" OBS_VALUE="1.5"/>'


@pytest.mark.parametrize("order", ["{groups}{data}", "{data}{groups}"])
@pytest.mark.parametrize("data", [IN_SERIES, FLAT])
def test_a_group_is_of_what_has_its_keys_wherever_it_stands(order: str, data: str) -> None:
    (cell,) = structure_specific(order.format(groups=GROUP + OTHER_GROUP, data=data)).cells
    assert cell.value.decimal == Decimal(1500000)
    assert [label.dimension for label in cell.labels] == ["FREQ", "REF_AREA", "TIME_PERIOD"]
    assert ("compilation", "by survey") in cell.attributes


def test_attributes_of_a_generic_message_are_so_whatever_their_id() -> None:
    text = SERIES.replace('id="UNIT_MEASURE"', 'id="NAT_TITLE"').replace('id="OBS_STATUS"', 'id="MARK"')
    cell = read_text(text).cells[0]
    assert [label.dimension for label in cell.labels] == ["INDICATOR", "REF_AREA", "TIME_PERIOD"]
    assert set(cell.attributes) == {("nat_title", "IX"), ("mark", "E")}
    flat = read_text(SERIES).cells[1]
    assert flat.unit_text == "IX"


@pytest.mark.parametrize("power", ["+3", "3 ", "3.0"])
def test_a_multiplier_is_applied_however_written(power: str) -> None:
    (cell,) = structure_specific(FLAT.replace("/>", f' UNIT_MULT="{power}"/>')).cells
    assert cell.value.decimal == 1500


@pytest.mark.parametrize("power", ["thousands", "3.5", "16", "900000000", "99999999999999999999"])
def test_a_multiplier_that_cannot_be_applied_leaves_the_figure_unread(power: str) -> None:
    (cell,) = structure_specific(FLAT.replace("/>", f' UNIT_MULT="{power}"/>')).cells
    assert (cell.value.text, cell.value.decimal) == ("1.5", None)
    assert (cell.value.missing_code, cell.value.flags) == ("unreadable", ("unit_mult_unclear",))


def test_exponents_out_of_bounds_and_underscores_are_unreadable() -> None:
    for text in ("1E999999999", "1_000"):
        (cell,) = structure_specific(FLAT.replace("1.5", text)).cells
        assert (cell.value.text, cell.value.missing_code) == (text, "unreadable")


def test_entities_are_refused_in_utf_16_too() -> None:
    text = '<?xml version="1.0" encoding="utf-16"?><!DOCTYPE a [<!ENTITY b "c">]><a/>'
    with pytest.raises(ReadingError, match="declares entities"):
        read(text.encode("utf-16"), SECTION)
    plain = STRUCTURE_SPECIFIC.replace('version="1.0"', 'version="1.0" encoding="utf-16"')
    assert read(plain.encode("utf-16") + b"\n\0", SECTION).cells == read_text(STRUCTURE_SPECIFIC).cells


@pytest.mark.parametrize("text", ["1,234", "1,5", "1.500,0"])
def test_a_comma_is_no_decimal_point_and_no_certain_thousand(text: str) -> None:
    value = structure_specific(
        f'<Series FREQ="A" UNIT_MULT="3"><Obs TIME_PERIOD="2020" OBS_VALUE="{text}"/></Series>'
    ).cells[0]
    assert (value.value.decimal, value.value.missing_code) == (None, "unreadable")


@pytest.mark.parametrize("status", ["M", "O", "L"])
def test_a_number_beside_a_status_of_absence_only_fills_the_place(status: str) -> None:
    value = (
        structure_specific(f'<Obs FREQ="A" TIME_PERIOD="2020" OBS_VALUE="0" OBS_STATUS="{status}"/>')
        .cells[0]
        .value
    )
    assert (value.decimal, value.missing_code) == (None, "not_available")
    assert value.flags == ("value_against_status",)


@pytest.mark.parametrize("name", ["UNIT_MULT", "UNIT_MULTIPLIER", "POWERCODE"])
def test_the_power_of_ten_has_several_names(name: str) -> None:
    cell = structure_specific(f'<Obs FREQ="A" {name}="3" TIME_PERIOD="2020" OBS_VALUE="1.5"/>').cells[0]
    assert cell.value.decimal == 1500
    assert [label.dimension for label in cell.labels] == ["FREQ", "TIME_PERIOD"]


def test_what_an_observation_of_a_series_states_besides_its_dimension_is_an_attribute() -> None:
    cells = structure_specific(
        '<Series FREQ="A"><Obs TIME_PERIOD="2020" OBS_VALUE="1" SIGN="e"/><Obs TIME_PERIOD="2021"/></Series>'
    ).cells
    assert [[label.dimension for label in cell.labels] for cell in cells] == [["FREQ", "TIME_PERIOD"]] * 2
    assert ("sign", "e") in cells[0].attributes


def test_a_generic_message_of_version_2_0_says_concept_and_time() -> None:
    text = (
        '<GenericData xmlns="m" xmlns:g="u"><Header/><DataSet><g:Series><g:SeriesKey>'
        '<g:Value concept="REF_AREA" value="VN"/></g:SeriesKey><g:Attributes>'
        '<g:Value concept="UNIT_MULT" value="3"/></g:Attributes><g:Obs><g:Time>2020</g:Time>'
        '<g:ObsValue value="5"/></g:Obs></g:Series></DataSet></GenericData>'
    )
    cell = read_text(text).cells[0]
    assert [label.code for label in cell.labels] == ["VN", "2020"]
    assert (cell.value.decimal, cell.period_text) == (Decimal(5000), "2020")
