"""The shipped records of live endpoints: reading and mapping tried on files that others took from these endpoints."""

import csv
from datetime import datetime
from pathlib import Path

import duckdb
import pytest

from sources.compile import Versions, write_inputs
from sources.preview import CLAIM_MODELS
from sources.registry import load_records
from store import landing
from store.settings import PROJECT_ROOT, Settings
from store.state import Vintage
from tests.dbt.project import run_dbt

SPECS = PROJECT_ROOT / "sources" / "specs"
RECORDED = PROJECT_ROOT / "sources" / "recorded"
DAY = datetime(2026, 11, 20)
# Source, route and the file that stands for what the endpoint gives.
FILES = [
    ("nso_population", "live", "nso_pxweb/E02.01.json"),
    ("nso_population_structure", "live", "nso_pxweb/E02.03-07.json"),
    ("nso_labour_trained", "live_second", "nso_labour/21_trained_labour_force_by_province_2008_2024.xlsx"),
    ("nso_unemployment", "live_second", "nso_labour/29_unemployment_rate_by_province_2018_2024.xlsx"),
    ("nsdp_labour", "live", "nsdp_sdmx/LMIVNM.xml"),
    *(
        ("nso_monthly", "live", f"nso_monthly/{name}")
        for name in (
            "2019-10-29-Tổng-cục-Thống-kê-So-lieu-KT-XH-tháng-10.xlsx",
            "2021-06-29-03-Bieu-6.2021.xlsx",
            "2023-01-29-02-So-lieu-01.2023-1.xlsx",
            "2024-04-29-02.-Bieu-so-lieu-T4.2024-1.xlsx",
            "2024-06-29-02.Bieu-T6.2024.xlsx",
            "2025-01-29-02-Bieu-T01.2025-2.xlsx",
        )
    ),
]
# Transcription -> the words in its indicator that are the code, and the source whose figures it repeats.
TRANSCRIBED = {
    "nso_population_e02_01_2025.csv": "nso_population",
    "nso_population_e02_03_07_2025.csv": "nso_population_structure",
    "nso_labour_tables_to_2024.csv": "",
}
CODES = {
    "Dân số trung bình": "POPULATION_AVERAGE",
    "Tổng diện tích": "AREA_TOTAL",
    "Mật độ dân số": "POPULATION_DENSITY",
    "Tỷ lệ lao động từ 15 tuổi trở lên đã qua đào tạo (có bằng cấp, chứng chỉ)": "LABOUR_CERTIFIED_SHARE",
    "Tỷ lệ thất nghiệp trong độ tuổi lao động": "UNEMPLOYMENT_TOTAL",
}
BREAKDOWNS = {
    "Nam": "SEX_MALE", "Nữ": "SEX_FEMALE", "Thành thị": "RES_URBAN", "Nông thôn": "RES_RURAL"
}  # fmt: skip
LABOUR = {"LABOUR_CERTIFIED_SHARE": "nso_labour_trained", "UNEMPLOYMENT_TOTAL": "nso_unemployment"}

Figures = dict[tuple[str, str, str, str], float]


@pytest.fixture(scope="module")
def warehouse(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A warehouse file with the cells of all the files claimed by dbt's own rule, in one run."""
    shared = PROJECT_ROOT.parent / "shared" / "data"
    if not shared.is_dir():
        pytest.skip("the folder ../shared/data of published files is not on this machine")
    root = tmp_path_factory.mktemp("live")
    settings = Settings(home=root / "home")
    records = load_records(SPECS).records
    vintages = []
    for number, (source_id, route, file) in enumerate(FILES):
        sha256 = landing.put(settings, (shared / file).read_bytes())
        vintages.append(
            Vintage(
                number, source_id, route, f"file_{number}", sha256, DAY, None, "not_stated", "original", ""
            )
        )
    used = {source_id: records[source_id] for source_id, _, _ in FILES}
    inputs = write_inputs(settings, DAY.date(), used, vintages, [], Versions("t", "t", "t"))
    assert inputs.excluded == []
    run_dbt(settings.warehouse_dir, "run", "--select", *CLAIM_MODELS)
    return settings.warehouse_file


def figures(warehouse: Path, source_id: str, area: str = "VN-04") -> Figures:
    query = """
        select indicator_code, breakdown, period_id, maturity, cast(value as double)
        from observe.obs_published where source_id = ? and area_id = ? and value is not null
    """
    with duckdb.connect(str(warehouse), read_only=True) as connection:
        found = connection.execute(query, [source_id, area]).fetchall()
    return {(row[0], row[1], row[2], row[3]): row[4] for row in found}


def transcribed(file: str) -> list[tuple[str, str, str, float, int]]:
    """Source-independent figures of Cao Bằng: indicator, breakdown, period, value and its printed decimals."""
    with (RECORDED / file).open(encoding="utf-8", newline="") as lines:
        return [
            (
                CODES[row["indicator"]],
                BREAKDOWNS.get(row["breakdown"], "_T"),
                row["period"],
                float(row["value"]),
                len(row["value"].partition(".")[2]),
            )
            for row in csv.DictReader(lines)
            if row["indicator"] in CODES and row["area"] == "Cao Bằng"
        ]


@pytest.mark.integration
@pytest.mark.shared_data
@pytest.mark.parametrize("file", TRANSCRIBED)
def test_the_figures_of_cao_bang_are_those_transcribed(warehouse: Path, file: str) -> None:
    rows = transcribed(file)
    assert len(rows) > 5
    for code, breakdown, period, value, decimals in rows:
        source_id = TRANSCRIBED[file] or LABOUR[code]
        found = [
            figure
            for (indicator, part, at, _), figure in figures(warehouse, source_id).items()
            if (indicator, part, at) == (code, breakdown, period)
        ]
        assert [round(figure, decimals) for figure in found] == [value], (code, breakdown, period)


@pytest.mark.integration
@pytest.mark.shared_data
def test_no_cell_is_left_without_a_reason_the_record_states(warehouse: Path) -> None:
    query = "select source_id, reason, labels_text from observe.obs_cell_unclaimed where reason <> 'IGNORED'"
    with duckdb.connect(str(warehouse), read_only=True) as connection:
        assert connection.execute(query).fetchall() == []


@pytest.mark.integration
@pytest.mark.shared_data
def test_monthly_workbooks_give_the_row_of_cao_bang_in_every_layout(
    warehouse: Path, shared_data: Path
) -> None:
    """The rows as another program found them, by sheet and row."""
    with (shared_data / "vn" / "cao_bang_rows_in_nso_monthly_2000-2025.csv").open(encoding="utf-8") as lines:
        rows = {row["file"]: row for row in csv.DictReader(lines) if "CN" in row["sheet"]}
    names = [file.partition("/")[2] for source, _, file in FILES if source == "nso_monthly"]
    printed = {float(rows[name]["nonblank_values_first10"].split(" | ")[-1]) for name in names}
    found = figures(warehouse, "nso_monthly")
    assert set(found.values()) == printed
    days = {period for _, _, period, _ in found}
    assert days == {f"D{day}" for day in (
        "2019-10-01", "2021-06-30", "2023-01-01", "2024-04-01", "2024-06-01", "2025-01-01"
    )}  # fmt: skip


@pytest.mark.integration
@pytest.mark.shared_data
def test_preliminary_figures_are_marked_and_persons_counted_in_thousands(warehouse: Path) -> None:
    assert ("UNEMPLOYMENT_TOTAL", "_T", "2024", "preliminary") in figures(warehouse, "nso_unemployment")
    national = figures(warehouse, "nsdp_labour", "VN")
    assert national["LABOUR_FORCE", "_T", "2012-Q1", "not_stated"] == pytest.approx(51978.4)


def test_what_nobody_has_tried_says_so() -> None:
    """Every live route to the world either names the day it was tried or what it rests on."""
    records = load_records(SPECS).records
    routes = [
        (source_id, name, route)
        for source_id, record in records.items()
        for name, route in record.routes.live_routes().items()
    ]
    assert len(routes) >= 14
    for source_id, name, route in routes:
        assert route.tried_on is not None or "Not tried against the server" in (route.basis or ""), (
            source_id, name,
        )  # fmt: skip
