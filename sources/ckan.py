"""Resources of CKAN portals by the Action API, and of DKAN portals, which speak a dialect of it.

Answers are `{"success": true, "result": ...}`. Errors are `{"success": false, "error": {"message", "__type"}}`
with 403, 404 or 409: the message is in the portal's language, `__type` is not. Rows come in pages; `total`
may be missing. Several pages become one answer, with numbers as printed.
"""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode, urljoin

from sources.json_text import KEEP_NUMBERS, write_literal
from sources.record import CkanFetch
from sources.web import Answer, FetchError, Session, check_status, error_text, json_of, parsed

# The type of a CKAN error, which no portal translates -> the fault.
_ERROR_TYPES = {
    "Not Found Error": "not_found",
    "Authorization Error": "forbidden",
    "Validation Error": "bad_query",
    "Search Query Error": "bad_query",
    "Search Index Error": "server_error",
}
_MENDS = {
    "not_found": "check the id in the record, or name another route to the resource",
    "forbidden": "the portal keeps this from the public; use another route",
    "bad_query": "correct the record",
}
_MOST_PAGES = 10_000


def action(session: Session, address: str, name: str, options: Mapping[str, object], **parse: Any) -> Any:
    """Return the result of an action of the portal at `address`. Raises FetchError."""
    return _result(session.ask(f"{address}/api/3/action/{name}?{urlencode(options)}", _JSON), **parse)


_JSON = {"Accept": "application/json"}


def _result(answer: Answer, **parse: Any) -> Any:
    try:
        content = json_of(answer.data)
    except (ValueError, RecursionError):
        content = None
    if isinstance(content, dict) and content.get("success") is False:
        raise _error(answer, content)
    check_status(answer)
    content = parsed(answer, **parse)
    if not isinstance(content, dict) or "result" not in content:
        raise FetchError(
            "not_the_format",
            answer.address,
            "the answer is no answer of CKAN",
            "check the address",
            answer.data,
        )
    return content["result"]


def _error(answer: Answer, content: Mapping[str, Any]) -> FetchError:
    said = content.get("error")
    kind = str(said.get("__type", "")) if isinstance(said, dict) else ""
    by_status = {403: "forbidden", 404: "not_found", 409: "bad_query"}
    fault = _ERROR_TYPES.get(kind) or by_status.get(answer.status, "refused")
    message = f"the portal answers {answer.status} ({', '.join(filter(None, [kind, error_text(answer)]))})"
    return FetchError(fault, answer.address, message, _MENDS.get(fault, "try again later"))


def packages(session: Session, address: str, query: str, page_size: int = 100) -> list[dict[str, Any]]:
    """Return every package that a search finds, from all pages (`package_search`)."""
    found: list[dict[str, Any]] = []
    for _ in range(_MOST_PAGES):
        options = {"q": query, "rows": page_size, "start": len(found)}
        result = action(session, address, "package_search", options)
        listed = result.get("results") if isinstance(result, dict) else None
        if not listed:
            break
        found += listed
        if len(found) >= int(result.get("count", len(found))):
            break
    return found


def package(session: Session, address: str, name: str) -> dict[str, Any]:
    """Return a package with its resources (`package_show`); DKAN answers with a list of one."""
    result = action(session, address, "package_show", {"id": name})
    if isinstance(result, list) and result:
        result = result[0]
    if not isinstance(result, dict):
        raise FetchError(
            "not_the_format", address, f"the package '{name}' is not described", "check its name"
        )
    return result


def resource(session: Session, section: CkanFetch) -> dict[str, Any]:
    """Return the description of the record's resource."""
    if section.resource_id is not None:
        found = action(session, section.address, "resource_show", {"id": section.resource_id})
        if isinstance(found, list) and found:
            found = found[0]
    else:
        listed = package(session, section.address, section.package or "").get("resources") or []
        names = {str(entry.get(key)): entry for entry in listed for key in ("name", "id")}
        found = names.get(section.resource or "")
        if found is None:
            shown = ", ".join(str(entry.get("name") or entry.get("id")) for entry in listed) or "none"
            raise FetchError(
                "not_found",
                section.address,
                f"the package '{section.package}' has no resource '{section.resource}', only {shown}",
                "correct the name in the record",
            )
    if not isinstance(found, dict):
        raise FetchError("not_the_format", section.address, "the resource is not described", "check its id")
    return found


def file_address(session: Session, section: CkanFetch) -> str:
    """Return where the resource's file lies."""
    address = str(resource(session, section).get("url") or "")
    if not address:
        raise FetchError(
            "not_found", section.address, "the portal names no file for the resource", "use another route"
        )
    return urljoin(section.address + "/", address)


def pull_rows(session: Session, section: CkanFetch) -> tuple[bytes, str, str | None]:
    """Return every row of the resource as one answer, its address, and a note where it took several pages.

    Raises FetchError; its fault is `no_datastore` where the portal keeps the resource as a file only.
    """
    resource_id = section.resource_id
    if resource_id is None:
        found = resource(session, section)
        resource_id = str(found.get("id"))
        if found.get("datastore_active") is False:
            raise _no_datastore(section.address, resource_id)
    address = _rows_address(section, resource_id, 0)
    first: dict[str, Any] = {}
    rows: list[Any] = []
    seen: set[str] = set()
    raw, n_pages = b"", 0
    for _ in range(_MOST_PAGES):
        answer = session.ask(_rows_address(section, resource_id, len(rows)), _JSON)
        try:
            result = _result(answer, **KEEP_NUMBERS)
        except FetchError as error:
            if error.fault == "not_found" and not rows and _is_file_only(session, section, resource_id):
                raise _no_datastore(answer.address, resource_id) from error
            raise
        records = result.get("records") if isinstance(result, dict) else None
        if not isinstance(records, list):
            raise FetchError(
                "not_the_format",
                answer.address,
                "the answer holds no records",
                "check the address",
                answer.data,
            )
        if not first:
            first, raw = result, answer.data
        elif result.get("fields") != first.get("fields") or result.get("total") != first.get("total"):
            raise _changed(answer.address)
        ids = [str(row["_id"]) for row in records if isinstance(row, dict) and "_id" in row]
        if len(set(ids)) != len(ids) or not seen.isdisjoint(ids):
            raise _changed(answer.address)
        seen.update(ids)
        rows += records
        n_pages += bool(records)
        _check_size(session, section, first, rows)
        if _is_last(section, result, rows, records):
            break
    else:
        raise FetchError(
            "too_large", address, f"more than {_MOST_PAGES} pages", "raise 'page_size' in the record"
        )
    if n_pages <= 1:
        return raw, address, None
    kept = {key: first[key] for key in ("resource_id", "fields", "records_format") if key in first}
    document = {"success": True, "result": {**kept, "records": rows, "total": len(rows)}}
    return write_literal(document), address, f"put together from {n_pages} pages"


def _rows_address(section: CkanFetch, resource_id: str, offset: int) -> str:
    options = {"resource_id": resource_id, "limit": section.page_size, "offset": offset}
    if section.dialect == "dkan":
        return f"{section.address}/api/action/datastore/search.json?{urlencode(options)}"
    # Without an order a portal may give one row on two pages and another on none.
    return f"{section.address}/api/3/action/datastore_search?{urlencode(options | {'sort': '_id'})}"


def _is_last(section: CkanFetch, result: Mapping[str, Any], rows: list[Any], records: list[Any]) -> bool:
    total = result.get("total")
    if total is not None and str(total).isdigit():
        if not records and len(rows) < int(total):
            raise _changed(section.address)
        return len(rows) >= int(total)
    # Without a total the last page is the one that is not full; a portal may cap the size it was asked for.
    limit = result.get("limit")
    size = int(limit) if limit is not None and str(limit).isdigit() else section.page_size
    return len(records) < max(size, 1)


def _check_size(session: Session, section: CkanFetch, first: Mapping[str, Any], rows: list[Any]) -> None:
    cells = len(rows) * max(len(first.get("fields") or []), 1)
    if cells > session.limits.cells_cap:
        raise FetchError(
            "too_large",
            section.address,
            f"the resource has more than {session.limits.cells_cap} cells",
            "raise PPW_HTTP_CELLS_CAP, or pull the file instead",
        )


def _is_file_only(session: Session, section: CkanFetch, resource_id: str) -> bool:
    try:
        found = resource(session, section.model_copy(update={"resource_id": resource_id}))
    except FetchError:
        return False
    return found.get("datastore_active") is not True


def _no_datastore(address: str, resource_id: str) -> FetchError:
    return FetchError(
        "no_datastore",
        address,
        f"the portal keeps the resource {resource_id} as a file, not as rows",
        "name a next route with 'content: file' in the record",
    )


def _changed(address: str) -> FetchError:
    return FetchError(
        "changed_meanwhile", address, "the pages do not fit together; the resource changed", "pull it again"
    )
