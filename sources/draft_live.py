"""What a table behind an address says of itself, for a draft: PX-Web's descriptions, else the file itself."""

from collections.abc import Sequence
from typing import Any
from urllib.parse import parse_qs, urlsplit

from sources import pxweb_v1, pxweb_v2
from sources.draft import Dimension, TableFacts, facts_confined
from sources.fetch import Fetcher
from sources.pxweb import Variable
from sources.record import HttpFetch, PxwebV2Fetch


def facts_of_address(
    address: str, fetcher: Fetcher, table: str | None = None
) -> tuple[dict[str, Any], TableFacts]:
    """Return the fetch section for an address, and what the table says. Raises FetchError or ReadingError.

    PX-Web's API is known by its path: `/api/v1/.../TABLE.px`, and version 2's `.../tables/TABLE`.
    """
    parts = urlsplit(address)
    plain = parts._replace(query="", fragment="").geturl().rstrip("/")
    if "/api/v1/" in parts.path:
        with fetcher.session(plain) as session:
            described = pxweb_v1.describe(session, plain)
        fetch: dict[str, Any] = {"protocol": "pxweb_v1", "address": plain, "response_format": "json-stat2"}
        return fetch, TableFacts(described.title, _dimensions(described.variables), {"adapter": "json_stat"})
    before, marker, after = plain.partition("/tables/")
    if marker:
        section = PxwebV2Fetch(
            protocol="pxweb_v2", address=before, table=after.partition("/")[0],
            language=next(iter(parse_qs(parts.query).get("lang", [])), None),
        )  # fmt: skip
        with fetcher.session(before) as session:
            described = pxweb_v2.describe(session, section)
        return section.model_dump(exclude_defaults=True) | {"protocol": "pxweb_v2"}, TableFacts(
            described.title, _dimensions(described.variables), {"adapter": "json_stat"}
        )
    fetched = fetcher.fetch(HttpFetch(protocol="http", address=address, media_type="*/*"))
    media_type = fetched.media_type if fetched.media_type not in ("", "*/*") else "application/octet-stream"
    facts = facts_confined(fetched.data or b"", parts.path.rpartition("/")[2], table)
    return {"protocol": "http", "address": address, "media_type": media_type}, facts


def _dimensions(variables: Sequence[Variable]) -> list[Dimension]:
    """Return a description's variables; JSON-stat names a dimension by the variable's code."""
    return [Dimension(variable.code, list(variable.labels), variable.is_time) for variable in variables]
