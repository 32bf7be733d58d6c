"""PX-Web API version 2: tables by id, descriptions and figures as JSON-stat 2.

`GET /config` limits, `GET /tables` (pages, search), `GET /tables/{id}/metadata`, `GET` or `POST
/tables/{id}/data`. A selection's expressions (`*`, `2020*`, TOP, BOTTOM, FROM, TO, RANGE) are resolved here, so
that a query can be cut into parts. Errors are problem documents with `title`.
"""

import re
from collections.abc import Sequence
from fnmatch import fnmatchcase
from typing import Any
from urllib.parse import quote, urlencode

from sources.json_text import read_literal
from sources.pxweb import (
    Pulled,
    Puller,
    Selection,
    TableDescription,
    Variable,
    check_json_stat,
    missing_values,
    no_table,
    unknown_code,
    with_time,
)
from sources.pxweb_join import JoinError, codes_of, dimensions_of, join_json_stat
from sources.record import PxwebV2Fetch
from sources.web import FetchError, Session, check_status, error_text, refuse_html, says_too_many

_EXPRESSION = re.compile(r"(TOP|BOTTOM|FROM|TO|RANGE)\((.*)\)", re.IGNORECASE)
_PAGE_SIZE = 100
_MOST_PAGES = 1000


def cell_limit(session: Session, address: str) -> int | None:
    """Return the server's own limit of cells, None when it states none; its call window is taken over too."""
    try:
        stated = session.json(f"{address}/config")
    except FetchError:
        return None
    if not isinstance(stated, dict):
        return None
    session.window.state(stated.get("maxCallsPerTimeWindow"), stated.get("timeWindow"))
    limit = stated.get("maxDataCells")
    return limit if isinstance(limit, int) and limit > 0 else None


def tables(
    session: Session, address: str, search: str | None = None, language: str | None = None
) -> list[dict[str, Any]]:
    """Return the entries of every table, or of those that a search finds, from all pages."""
    found: list[dict[str, Any]] = []
    for number in range(1, _MOST_PAGES + 1):
        options: dict[str, Any] = {"pageNumber": number, "pageSize": _PAGE_SIZE}
        options |= {"query": search} if search else {}
        options |= {"lang": language} if language else {}
        page = session.json(f"{address}/tables?{urlencode(options)}")
        listed = page.get("tables") if isinstance(page, dict) else None
        if not isinstance(listed, list):
            raise FetchError(
                "not_the_format", address, "the answer is no list of tables", "check the address"
            )
        found += listed
        pages = (page.get("page") or {}).get("totalPages", 1)
        if number >= pages or not listed:
            break
    return found


def describe(session: Session, section: PxwebV2Fetch) -> TableDescription:
    """Return the description of a table."""
    address = _table_address(section) + "/metadata"
    options = {"lang": section.language} if section.language else {}
    answer = session.json(f"{address}?{urlencode(options)}" if options else address)
    try:
        names, _ = dimensions_of(answer)
        times = set((answer.get("role") or {}).get("time") or [])
        variables = [_variable(answer, name, name in times) for name in names]
    except (JoinError, KeyError, TypeError, AttributeError, ValueError) as error:
        raise no_table(address) from error
    return TableDescription(str(answer.get("label", "")), with_time(variables), answer)


def _variable(answer: Any, name: str, is_time: bool) -> Variable:
    body = answer["dimension"][name]
    values = tuple(codes_of(answer, name))
    labels = body.get("category", {}).get("label") or {}
    return Variable(
        name,
        str(body.get("label", name)),
        values,
        tuple(str(labels.get(value, value)) for value in values),
        is_time,
        (body.get("extension") or {}).get("elimination") is True,
    )


def values_of(variable: Variable, wanted: Sequence[str], address: str) -> tuple[str, ...]:
    """Return the codes of a variable that values and expressions select, in the table's order."""
    chosen: set[str] = set()
    missing = []
    for text in wanted:
        expression = _EXPRESSION.fullmatch(text)
        if text in variable.values:
            chosen.add(text)
        elif expression is not None:
            chosen.update(_resolved(variable, expression[1].upper(), expression[2], address))
        elif "*" in text or "?" in text:
            chosen.update(value for value in variable.values if fnmatchcase(value, text))
        else:
            missing.append(text)
    if missing or not chosen:
        raise missing_values(address, variable, missing or wanted)
    return tuple(value for value in variable.values if value in chosen)


def _resolved(variable: Variable, word: str, inside: str, address: str) -> tuple[str, ...]:
    values = variable.values
    arguments = [part.strip() for part in inside.split(",")]
    if word in {"TOP", "BOTTOM"}:
        if not all(part.isdigit() for part in arguments) or len(arguments) > 2:
            message = f"'{word}({inside})' needs a number, and perhaps how many to leave out first"
            raise FetchError("bad_query", address, message, "write for example TOP(3)")
        count, offset = int(arguments[0]), int(arguments[1]) if len(arguments) == 2 else 0
        # TOP counts from the latest period, and from the first of any other variable.
        in_order = values[::-1] if (word == "TOP") == variable.is_time else values
        return in_order[offset : offset + count]
    missing = [part for part in arguments if part not in values]
    if missing:
        raise missing_values(address, variable, missing)
    first = values.index(arguments[0])
    if word == "FROM":
        return values[first:]
    if word == "TO":
        return values[: first + 1]
    last = values.index(arguments[-1])
    return values[min(first, last) : max(first, last) + 1]


def selection_of(section: PxwebV2Fetch, table: TableDescription) -> Selection:
    """Return the values that the record selects. Raises FetchError for a code that the table does not have."""
    address, by_code = _table_address(section), table.by_code
    asked = {part.code: part.values for part in section.query}
    for code in asked:
        if code not in by_code:
            raise unknown_code(address, code, list(by_code))
    selection: dict[str, tuple[str, ...]] = {}
    for variable in table.variables:
        if variable.code in asked:
            selection[variable.code] = values_of(variable, asked[variable.code], address)
        elif not (section.query and variable.can_be_left_out):
            selection[variable.code] = variable.values
    return selection


def pull(session: Session, section: PxwebV2Fetch) -> Pulled:
    """Pull the table of a record's fetch section. Raises FetchError."""
    table = describe(session, section)
    selection = selection_of(section, table)
    address = _table_address(section)
    puller = Puller(
        session,
        address,
        table,
        lambda part: _ask(session, section, part),
        join_json_stat,
        lambda: cell_limit(session, section.address),
    )
    return puller.pull(selection)


def _table_address(section: PxwebV2Fetch) -> str:
    return f"{section.address}/tables/{quote(section.table, safe='')}"


def _ask(session: Session, section: PxwebV2Fetch, selection: Selection) -> tuple[Any, bytes]:
    options: dict[str, str] = {"lang": section.language} if section.language else {}
    options["outputFormat"] = "json-stat2"
    address = _table_address(section) + "/data"
    body: object = None
    if section.method == "get":
        # A code with a comma stands in brackets, or it would be two codes.
        options |= {
            f"valuecodes[{code}]": ",".join(f"[{value}]" if "," in value else value for value in values)
            for code, values in selection.items()
        }
    else:
        body = {
            "selection": [
                {"variableCode": code, "valueCodes": list(values)} for code, values in selection.items()
            ]
        }
    answer = session.ask(f"{address}?{urlencode(options)}", {"Accept": "application/json"}, body)
    if says_too_many(answer):
        message = f"the server refuses the query ({error_text(answer)})"
        raise FetchError("too_many_cells", address, message, "select fewer values in the record's query")
    if answer.status == 400:
        raise FetchError(
            "bad_query",
            address,
            f"the server does not take the query ({error_text(answer)})",
            "compare the record's query with the table's description",
        )
    check_status(answer)
    refuse_html(answer, "JSON-stat 2")
    try:
        document = read_literal(answer.data)
    except (ValueError, RecursionError) as error:
        message = f"the answer is not whole JSON ({error})"
        raise FetchError("not_the_format", address, message, "try again later", answer.data) from error
    check_json_stat(document, selection, frozenset(selection), address, answer.data)
    return document, answer.data
