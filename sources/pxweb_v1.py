"""PX-Web API version 1: levels and tables, a table's description, its limits, its figures.

`GET /` databases, `GET /{database}` levels ("l") and tables ("t"), `GET /{database}/{table}.px` description,
`GET ...?config` limits, `POST` a query. Errors are `{"error": ...}`; 403 also means that a query is too large.
"""

from collections.abc import Callable
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any
from urllib.parse import quote

from sources.content import is_html
from sources.json_text import read_literal, write_literal
from sources.pxweb import (
    Pulled,
    Puller,
    Selection,
    TableDescription,
    Variable,
    check_json_stat,
    missing_values,
    n_cells,
    no_table,
    unknown_code,
    with_time,
)
from sources.pxweb_join import join_json, join_json_stat
from sources.record import PxwebFetch, PxwebQuery
from sources.web import Answer, FetchError, Session, check_status, error_text, refuse_html, says_too_many

_MEDIA_TYPES = {
    "px": "application/octet-stream",
    "csv": "text/csv",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


@dataclass(frozen=True)
class Node:
    """An entry of a list: a database or level (`is_table` false), or a table."""

    node_id: str
    text: str
    is_table: bool
    updated: str | None = None


def children(session: Session, address: str) -> list[Node]:
    """Return what stands below the address of a language, a database or a level."""
    listed = session.json(address)
    if not isinstance(listed, list):
        raise FetchError(
            "not_the_format", address, "the answer is no list of databases or tables", "check the address"
        )
    nodes = []
    for entry in listed:
        if not isinstance(entry, dict):
            continue
        node_id = entry.get("id", entry.get("dbid"))
        if node_id is not None:
            nodes.append(
                Node(
                    str(node_id),
                    str(entry.get("text", node_id)),
                    entry.get("type") == "t",
                    entry.get("updated"),
                )
            )
    return nodes


def tables_below(session: Session, address: str, most_levels: int = 6) -> list[tuple[str, Node]]:
    """Return every table below an address with its own address, level by level."""
    found: list[tuple[str, Node]] = []
    for node in children(session, address):
        below = f"{address.rstrip('/')}/{quote(node.node_id)}"
        if node.is_table:
            found.append((below, node))
        elif most_levels > 1:
            found += tables_below(session, below, most_levels - 1)
    return found


def describe(session: Session, address: str) -> TableDescription:
    """Return the description of a table."""
    answer = session.json(address)
    entries = answer.get("variables") if isinstance(answer, dict) else None
    if not isinstance(entries, list):
        raise no_table(address)
    variables = []
    for entry in entries:
        if not isinstance(entry, dict) or not isinstance(entry.get("values"), list) or "code" not in entry:
            raise no_table(address)
        values = tuple(str(value) for value in entry["values"])
        labels = tuple(str(text) for text in entry.get("valueTexts") or values)
        variables.append(
            Variable(
                str(entry["code"]),
                str(entry.get("text", entry["code"])),
                values,
                labels,
                entry.get("time") is True,
                entry.get("elimination") is True,
            )
        )
    return TableDescription(str(answer.get("title", "")), with_time(variables), answer)


def cell_limit(session: Session, address: str) -> int | None:
    """Return the server's own limit of cells, None when it states none; its call window is taken over too."""
    try:
        stated = session.json(f"{address}?config")
    except FetchError:
        return None
    if not isinstance(stated, dict):
        return None
    session.window.state(stated.get("maxCalls"), stated.get("timeWindow"))
    limits = [stated.get(key) for key in ("maxValues", "maxCells")]
    return min((limit for limit in limits if isinstance(limit, int) and limit > 0), default=None)


def selection_of(query: list[PxwebQuery], table: TableDescription, address: str) -> Selection:
    """Return the values that a query selects. Raises FetchError for a code that the table does not have."""
    by_code = table.by_code
    asked = {part.code: part.selection for part in query}
    for code in asked:
        if code not in by_code:
            raise unknown_code(address, code, list(by_code))
    selection: dict[str, tuple[str, ...]] = {}
    for variable in table.variables:
        part = asked.get(variable.code)
        if part is None:
            # A query that names some variables has the others summed where they can be.
            if not (query and variable.can_be_left_out):
                selection[variable.code] = variable.values
        elif part.filter == "item":
            missing = [value for value in part.values if value not in variable.values]
            if missing:
                raise missing_values(address, variable, missing)
            selection[variable.code] = tuple(v for v in variable.values if v in part.values)
        elif part.filter == "top":
            if not (part.values[0].isascii() and part.values[0].isdigit() and int(part.values[0]) > 0):
                message = f"'top' takes a number of periods, not '{part.values[0]}'"
                raise FetchError("bad_query", address, message, "correct the values in the record's query")
            selection[variable.code] = variable.values[-int(part.values[0]) :]
        elif part.filter == "all":
            selection[variable.code] = tuple(
                v for v in variable.values if any(fnmatchcase(v, pattern) for pattern in part.values)
            )
            if not selection[variable.code]:
                raise missing_values(address, variable, part.values)
        else:
            # Groupings (agg:, vs:) have codes of their own, which the description does not list.
            selection[variable.code] = tuple(part.values)
    return selection


def pull(session: Session, section: PxwebFetch) -> Pulled:
    """Pull the table of a record's fetch section. Raises FetchError."""
    table = describe(session, section.address)
    selection = selection_of(section.query, table, section.address)
    request = _Request(session, section, table, selection)
    join: Callable[[Any, str], Any] | None = None
    if section.response_format in {"json-stat", "json-stat2"}:
        join = join_json_stat
    elif section.response_format == "json":
        join = _join_json
    puller = Puller(
        session,
        section.address,
        table,
        request.ask,
        join,
        lambda: cell_limit(session, section.address),
        _MEDIA_TYPES.get(section.response_format, "application/json"),
    )
    return puller.pull(selection)


def _join_json(documents: Any, _along: str) -> Any:
    return join_json(documents)


class _Request:
    """Asks for selections of one table in the record's format."""

    def __init__(
        self, session: Session, section: PxwebFetch, table: TableDescription, whole: Selection
    ) -> None:
        self.session = session
        self.section = section
        self.table = table
        self.whole = whole
        self.address = section.address

    def ask(self, selection: Selection) -> tuple[Any, bytes]:
        narrowed = {code: values for code, values in selection.items() if values != self.whole[code]}
        query = [part.model_dump() for part in self.section.query if part.code not in narrowed] + [
            {"code": code, "selection": {"filter": self._filter(code), "values": list(values)}}
            for code, values in narrowed.items()
        ]
        body = {"query": query, "response": {"format": self.section.response_format}}
        answer = self._post(body)
        if answer.status == 403:
            raise self._refusal(answer, selection)
        if answer.status == 400:
            raise FetchError(
                "bad_query",
                self.address,
                f"the server does not take the query ({error_text(answer)})",
                "compare the record's query with the table's description",
            )
        check_status(answer)
        refuse_html(answer, self.section.response_format)
        named = frozenset(narrowed) | {
            part.code for part in self.section.query if part.selection.filter in {"item", "top", "all"}
        }
        return self._parsed(answer, selection, named)

    def _filter(self, code: str) -> str:
        part = next((part for part in self.section.query if part.code == code), None)
        return part.selection.filter if part is not None and ":" in part.selection.filter else "item"

    def _post(self, body: object) -> Answer:
        answer = self.session.ask(self.address, {}, body)
        if answer.status == 404 and self.address.endswith(".px"):
            # A web server in front may take ".px" for a file of its own; in capitals the query gets through.
            capitals = self.address.removesuffix(".px") + ".PX"
            again = self.session.ask(capitals, {}, body)
            if again.status == 200:
                self.address = capitals
                return again
        return answer

    def _refusal(self, answer: Answer, selection: Selection) -> FetchError:
        """Tell a query that is too large from a door that is closed: PX-Web answers 403 to both."""
        message = f"the server refuses the query ({error_text(answer)})"
        too_many = says_too_many(answer)
        if not too_many and not is_html(answer.data):
            limit = cell_limit(self.session, self.address)
            too_many = limit is not None and n_cells(selection) > limit
        if too_many:
            return FetchError(
                "too_many_cells", self.address, message, "select fewer values in the record's query"
            )
        mend = "open the address in a browser to see why; the publisher may have closed this way in"
        return FetchError("forbidden", self.address, message, mend)

    def _parsed(self, answer: Answer, selection: Selection, named: frozenset[str]) -> tuple[Any, bytes]:
        form = self.section.response_format
        if form in _MEDIA_TYPES:
            starts = {
                "xlsx": (b"PK",),
                "px": (b"CHARSET", b"AXIS-VERSION", b"CODEPAGE", b"LANGUAGE", b"\xef\xbb\xbf"),
            }
            text = answer.data.lstrip()
            if not text or text.startswith(b"{") or (form in starts and not text.startswith(starts[form])):
                message = f"the answer is not {form}, it is called {answer.media_type or 'nothing'}"
                raise FetchError("not_the_format", self.address, message, "try again later", answer.data)
            return None, answer.data
        try:
            document = read_literal(answer.data)
        except (ValueError, RecursionError) as error:
            kind = f" and is called {answer.media_type}" if "json" not in answer.media_type else ""
            message = f"the answer is not whole JSON ({error}){kind}"
            raise FetchError(
                "not_the_format", self.address, message, "try again later", answer.data
            ) from error
        if form == "json":
            if not isinstance(document, dict) or not isinstance(document.get("data"), list):
                message = "the answer is JSON, but holds no rows of data"
                raise FetchError("not_the_format", self.address, message, "try again later", answer.data)
            # The rows carry codes only; the words for them are in the table's description.
            # `metadata` is the server's own key: newer ones put the table's source and date there.
            document = {"table": self.table.answer, **{k: v for k, v in document.items() if k != "table"}}
            return document, write_literal(document)
        check_json_stat(document, selection, named, self.address, answer.data)
        return document, answer.data
