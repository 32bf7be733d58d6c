"""The files of a plan as someone hands them over: a directory, a .zip of it, or a workbook with a sheet for each.

Nothing is unpacked to disk. What would unpack to more than a plan can be is refused before it is read.
"""

import csv
import io
import zipfile
from collections.abc import Mapping
from datetime import date
from pathlib import Path, PurePosixPath

import yaml

from sources.adapters.workbook_file import CellValue, Sheet, open_workbook
from sources.cells import ReadingError
from sources.plan.document import PLAN_DOCUMENTS, PLAN_FILE
from sources.plan.reading import strangers
from sources.problems import Problem
from sources.text.numbers import canonical_decimal, decimal_of_float

# The longest plan known, with its ledger, is a hundredth of this.
MOST_BYTES = 20_000_000
_MOST_ENTRIES = 100
_DATES = ("adopted_on", "vintage_at")
_NUMBERS = ("period_start", "period_end", "vision_year", "text_lines")
_FLAGS = {"true": True, "false": False}


class NoPackage(ValueError):
    """The path is nothing a plan can be read from; the message says what would be."""


def read_package(path: Path) -> tuple[dict[str, bytes], list[Problem]]:
    """Read the files of a plan from a directory, a .zip or an .xlsx: file name -> bytes, and what is wrong.

    Raises NoPackage when the path is none of the three.
    """
    if path.is_dir():
        return _from_directory(path)
    if not path.is_file():
        raise NoPackage(f"{path} is not there; name a directory, a .zip, an .xlsx or a .csv")
    if path.suffix.lower() not in {".zip", ".xlsx"}:
        raise NoPackage(f"{path.name} is neither a directory nor a .zip, .xlsx or .csv file")
    if path.stat().st_size > MOST_BYTES:
        return {}, [_too_large(path.name, path.stat().st_size)]
    if path.suffix.lower() == ".zip":
        return _from_zip(path.read_bytes(), path.name)
    return _from_workbook(path.read_bytes(), path.name)


def _too_large(file: str, size: int) -> Problem:
    message = f"it has {size} bytes, more than {MOST_BYTES}"
    return Problem(file, "the whole file", message, "check where it comes from; it is not read")


def _from_directory(path: Path) -> tuple[dict[str, bytes], list[Problem]]:
    files: dict[str, bytes] = {}
    problems = strangers((entry.name for entry in path.iterdir()), path.name)
    for name in PLAN_DOCUMENTS:
        file = path / name
        if file.is_file() and file.stat().st_size > MOST_BYTES:
            problems.append(_too_large(f"{path.name}/{name}", file.stat().st_size))
        elif file.is_file():
            files[name] = file.read_bytes()
    return files, problems


def _from_zip(data: bytes, file: str) -> tuple[dict[str, bytes], list[Problem]]:
    files: dict[str, bytes] = {}
    problems: list[Problem] = []
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            entries = [entry for entry in archive.infolist() if not entry.is_dir()]
            unpacked = sum(entry.file_size for entry in entries)
            if unpacked > MOST_BYTES or len(entries) > _MOST_ENTRIES:
                message = f"it unpacks to {len(entries)} files of {unpacked} bytes"
                mend = f"a plan has at most {len(PLAN_DOCUMENTS)} files of {MOST_BYTES} bytes together"
                return {}, [Problem(file, "the whole file", message, mend)]
            folders = {PurePosixPath(entry.filename).parent for entry in entries}
            if len(folders) > 1 or any(".." in folder.parts or folder.is_absolute() for folder in folders):
                message = f"its files lie in {', '.join(sorted(str(folder) for folder in folders))}"
                return {}, [
                    Problem(file, "the whole file", message, "put the files of one plan into one folder")
                ]
            problems += strangers((PurePosixPath(entry.filename).name for entry in entries), file)
            for entry in entries:
                name = PurePosixPath(entry.filename).name
                if name in files:
                    problems.append(
                        Problem(f"{file}/{name}", "the whole file", "it is there twice", "keep one")
                    )
                elif name in PLAN_DOCUMENTS:
                    files[name] = archive.read(entry)
    # zipfile raises NotImplementedError for a compression it does not know, RuntimeError for an encrypted entry.
    except (zipfile.BadZipFile, EOFError, OSError, NotImplementedError, RuntimeError) as error:
        message = f"the archive is truncated, damaged or locked ({error})"
        return {}, [Problem(file, "the whole file", message, "make it again, without a password")]
    return files, problems


def _from_workbook(data: bytes, file: str) -> tuple[dict[str, bytes], list[Problem]]:
    try:
        sheets = open_workbook(data)
    except ReadingError as error:
        return {}, [Problem(file, error.place, error.message, error.mend)]
    names = {document: name for name, document in PLAN_DOCUMENTS.items()}
    files: dict[str, bytes] = {}
    problems: list[Problem] = []
    for sheet in sheets:
        name = names.get(sheet.name.strip().lower())
        if name is None:
            mend = f"call it one of {', '.join(names)}, or remove it"
            problems.append(Problem(file, f"sheet {sheet.name}", "a plan has no such sheet", mend))
        elif name == PLAN_FILE:
            files[name] = _document_of(sheet)
        else:
            files[name] = _csv_of(sheet)
    return files, problems


def _text(value: CellValue) -> str:
    if isinstance(value, float):
        return canonical_decimal(decimal_of_float(value))
    return "" if value is None else value.strip()


def _table(sheet: Sheet) -> list[list[str]]:
    """Return the sheet as text, as wide as its header."""
    rows = [[_text(value) for value in row] for row in sheet.rows]
    width = (
        max((position for position, name in enumerate(rows[0], start=1) if name), default=0) if rows else 0
    )
    return [row[:width] if not any(row[width:]) else row for row in rows]


def _csv_of(sheet: Sheet) -> bytes:
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\n")
    for row in _table(sheet):
        # An empty row keeps its line, so that rows are numbered as in the sheet.
        writer.writerow(row if any(row) else [])
    return buffer.getvalue().encode()


def _document_of(sheet: Sheet) -> bytes:
    """Return the sheet of keys and values as `plan.yml`; a first row `key, value` is its header."""
    pairs = [
        (row[0], row[1] if len(row) > 1 else "")
        for row in ([_text(v) for v in row] for row in sheet.rows)
        if row
    ]
    content = {
        key: _typed(key, value) for key, value in pairs if key and value and (key, value) != ("key", "value")
    }
    return document_bytes(content)


def _typed(key: str, text: str) -> object:
    """Return a value as YAML would give it; what does not fit stays text and is reported by the reading."""
    try:
        if key in _DATES:
            return date.fromisoformat(text[:10])
        if key in _NUMBERS:
            return int(text)
    except ValueError:
        return text
    return _FLAGS.get(text.lower(), text) if key == "targets_transcribed" else text


def document_bytes(content: Mapping[str, object]) -> bytes:
    """Write the facts of a document as `plan.yml`."""
    return yaml.safe_dump(dict(content), allow_unicode=True, sort_keys=False, width=110).encode()
