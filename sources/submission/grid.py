"""The cells and rows of a filled sheet, as they are stored."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sources.submission.layout import Column
from sources.submission.problems import CellProblem, problem

# What the program's own comments begin with, whatever program saved the workbook since.
MARK = "LỖI: "


@dataclass(frozen=True)
class FilledCell:
    """A cell as it is stored: its value, whether a formula gave it, whether that failed, its number format."""

    sheet: str
    ref: str
    value: Any = None
    is_formula: bool = False
    is_error: bool = False
    number_format: str = "General"
    comment: str = ""

    @property
    def is_empty(self) -> bool:
        return not self.is_formula and (self.value is None or str(self.value).strip() == "")

    @property
    def text(self) -> str:
        """The value as tidy text; empty when there is none."""
        return "" if self.value is None else " ".join(str(self.value).split())

    def problem(self, code: str, **words: Any) -> CellProblem:
        """Return a problem at this cell."""
        found = words.pop("found", self.value)
        return problem(code, self.sheet, self.ref, found, **words)


@dataclass(frozen=True)
class FilledRow:
    """A row of a table: its number in the sheet, its code, and its cells by column key."""

    number: int
    code: str
    cells: dict[str, FilledCell]

    def __getitem__(self, key: str) -> FilledCell:
        return self.cells[key]

    def is_filled(self, columns: Sequence[Column]) -> bool:
        """Whether anything was written into an input cell."""
        return any(not self.cells[column.key].is_empty for column in columns if column.is_input)


def comment_of(cell: Any) -> str:
    """The comment that a person attached to a cell; those of a returned copy are ours."""
    text = "" if cell.comment is None else " ".join(str(cell.comment.text).split())
    return "" if text.startswith(MARK) else text
