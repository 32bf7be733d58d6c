"""What `ppw read` says of a file: one table per dataset, title and sheet; every cell with labels of its own."""

import io
import json
import zipfile
from pathlib import Path

import pytest

from sources.adapters import csv_table
from sources.cells import AdapterResult, Cell, Label, ReadingError
from sources.reading_process import ReadingLimits, view_in_process
from sources.text.numbers import read_printed_number
from sources.view import View, document, view


def cell(ref: str, title: str, *labels: tuple[str, str], text: str = "1", unit: str | None = None) -> Cell:
    printed = tuple(Label(name, label) for name, label in labels)
    return Cell(title, ref, printed, read_printed_number(text, "point"), unit)


def tables(*cells: Cell, format_name: str = "xlsx") -> list[dict[str, object]]:
    return document(View(format_name, AdapterResult(list(cells))))["tables"]  # type: ignore[no-any-return]


def test_tables_are_told_apart_by_sheet_and_title() -> None:
    found = tables(cell("S1!B7", "T"), cell("S2!B7", "T"), cell("S1!B8", "T"), cell("S1!B9", "U"))
    assert [(table["title"], table["n_cells"]) for table in found] == [("T", 2), ("T", 1), ("U", 1)]


def test_datasets_of_a_bundle_are_tables_and_pages_of_one_title_are_one() -> None:
    assert len(tables(cell("a:0", "T"), cell("b:0", "T"), format_name="json-stat")) == 2
    assert len(tables(cell("p1:r4c2", "T"), cell("p2:r4c2", "T"), format_name="pdf")) == 1
    assert len(tables(cell("p1:r4c2", ""), cell("p2:r4c2", ""), format_name="pdf")) == 2


def test_dimensions_of_one_name_are_disambiguated() -> None:
    (table,) = tables(cell("0", "T", ("row", "A"), ("row", "B"), ("", "C"), text=".."))
    assert table["dimensions"] == ["row", "row (2)", "(unnamed)"]
    assert table["cells"] == [
        {
            "ref": "0", "labels": {"row": "A", "row (2)": "B", "(unnamed)": "C"},
            "text": "..", "value": None, "missing_code": "dots",
        }
    ]  # fmt: skip
    assert (table["n_cells"], table["n_missing"]) == (1, 1)


def test_a_unit_that_all_cells_share_is_the_tables() -> None:
    (table,) = tables(cell("0", "T", unit="ha"), cell("1", "T", unit="(ha)"))
    assert table["unit"] == "ha"
    (table,) = tables(cell("0", "T", unit="ha"), cell("1", "T"))
    assert table["unit"] is None
    assert [row["unit"] for row in table["cells"]] == ["ha", None]  # type: ignore[attr-defined]


def test_values_are_numbers_of_the_least_kind() -> None:
    seen = document(view(b"area,value\nA,5\nB,5.50\nC,-\n"))
    rows = seen["tables"][0]["cells"]
    assert [(row["text"], row["value"], row["missing_code"]) for row in rows] == [
        ("5", 5, None), ("5.50", 5.5, None), ("-", None, "dash"),
    ]  # fmt: skip
    assert isinstance(rows[0]["value"], int)


def archive(**members: bytes) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as made:
        for name, content in members.items():
            made.writestr(name, content)
    return stream.getvalue()


def test_an_archive_is_read_file_by_file_and_its_refusals_are_named() -> None:
    data = archive(
        **{"bieu/a.csv": b"area,value\nA,1\nB,2\n", "page.html": b"<html>", "in.zip": archive(x=b"1")}
    )
    seen = document(view(data))
    assert seen["format"] == "zip"
    assert [row["ref"] for row in seen["tables"][0]["cells"]] == ["bieu/a.csv/r2c2", "bieu/a.csv/r3c2"]
    assert {part["name"] for part in seen["skipped"]} == {"page.html", "in.zip"}


def test_an_archive_that_unpacks_to_too_much_is_not_opened() -> None:
    with pytest.raises(ReadingError, match="at most"):
        view(archive(**{f"{number}.csv": b"a,b\n1,2\n" for number in range(60)}))
    with pytest.raises(ReadingError, match="at most"):
        view(archive(bomb=b"\0" * 201_000_000))


def test_a_file_without_one_cell_is_refused() -> None:
    with pytest.raises(ReadingError, match="holds no figures"):
        view(b'{"class": "dataset", "label": "t", "dimension": {"a": {"category": {"label": {"x": "X"}}}}, '
             b'"id": ["a"], "size": [1]}')  # fmt: skip


@pytest.mark.integration
class TestInAProcess:
    """The child answers with JSON, or is stopped."""

    def test_it_answers_as_the_function_does(self) -> None:
        data = "area,value\nCao Bằng,1.50\n".encode() * 2
        answer = view_in_process(data, "a.csv", None, ReadingLimits())
        assert json.loads(answer) == document(view(data, "a.csv"))

    def test_a_refusal_keeps_place_and_mend(self) -> None:
        with pytest.raises(ReadingError) as refused:
            view_in_process(b"<html>", "a.xls", None, ReadingLimits())
        assert "save it as .xlsx" in refused.value.mend

    def test_time_is_limited(self) -> None:
        with pytest.raises(ReadingError, match="takes longer than"):
            view_in_process(b"area,value\nA,1\n", "a.csv", None, ReadingLimits(seconds=0.05))

    def test_memory_is_limited(self) -> None:
        data = b"area,value\n" + b"A,1\n" * 3_000_000
        with pytest.raises(ReadingError, match="bytes of memory"):
            view_in_process(data, "a.csv", None, ReadingLimits(memory_bytes=300_000_000))

    def test_an_adapter_that_breaks_is_a_refusal(self) -> None:
        with pytest.raises(ReadingError, match="breaks on it"):
            view_in_process(b"x", "a", "no such format", ReadingLimits())


def test_every_published_file_is_read_or_refused_with_a_reason(shared_data: Path) -> None:
    """No file of the folder crashes an adapter; what is read has unique dimensions and a code where no number is."""
    refused = {}
    for path in sorted(path for path in shared_data.rglob("*") if path.is_file()):
        try:
            seen = document(view(path.read_bytes(), path.name))
        except ReadingError as error:
            assert error.message, error.mend
            refused[path.relative_to(shared_data).as_posix()] = error.message
            continue
        json.dumps(seen, allow_nan=False)
        for table in seen["tables"]:
            assert table["n_cells"] == len(table["cells"]) > 0
            assert table["n_missing"] == sum(row["value"] is None for row in table["cells"])
            assert len(set(table["dimensions"])) == len(table["dimensions"])
            for row in table["cells"]:
                assert set(row["labels"]) <= set(table["dimensions"])
                assert (row["value"] is None) == (row["missing_code"] is not None)
            assert len({row["ref"] for row in table["cells"]}) == table["n_cells"], (
                path.name,
                table["title"],
            )
    # Of the families that hold figures nothing is refused.
    for family in ("nso_pxweb", "nso_monthly", "nso_labour", "gso_csv", "vietnamdata", "nsdp_sdmx"):
        assert not [name for name in refused if name.startswith(family)]
    assert not [name for name in refused if name.endswith((".px", ".pdf"))]


def test_the_guess_for_a_csv_is_a_section_a_record_could_hold() -> None:
    assert csv_table.guess(b"area,value\nA,1\n").model_dump(exclude_defaults=True) == {
        "adapter": "csv_table", "figures": ["value"], "decimal_mark": "either",
    }  # fmt: skip
