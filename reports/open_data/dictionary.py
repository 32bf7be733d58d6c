"""What the tables and columns of a release mean: the descriptions of the dbt project, as `docs.generate` wrote them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

DICTIONARY_FILE = Path(__file__).parent / "dictionary.json"


@dataclass(frozen=True)
class TableMeaning:
    """One table: its description (grain first), its key columns, and column -> description."""

    description: str
    key: tuple[str, ...]
    columns: Mapping[str, str]


@cache
def dictionary() -> dict[str, TableMeaning]:
    """Table -> its meaning, for every table that the dbt project makes."""
    tables = json.loads(DICTIONARY_FILE.read_text(encoding="utf-8"))
    return {
        name: TableMeaning(table["description"], tuple(table["key"]), table["columns"])
        for name, table in tables.items()
    }
