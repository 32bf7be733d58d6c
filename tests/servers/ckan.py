"""An open-data portal on loopback: CKAN's Action API, DKAN's dialect of it, and the files behind.

Answers are `{"help", "success", "result"}`, errors `{"success": false, "error": {"message", "__type"}}` with the
message in another language, as portals have it. Pages follow `limit` and `offset`; `largest_page` caps the limit
in silence, and `states_total` takes the total away.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import SplitResult, parse_qs

from tests.servers.http import Reply, TestServer, serving

ROWS_ID, FILE_ID = "0c41-rows", "77ab-file"
FIELDS = [
    {"id": "_id", "type": "int"},
    {"id": "huyen", "type": "text"},
    {"id": "nam", "type": "int4"},
    {"id": "dan_so", "type": "numeric"},
    {"id": "ghi_chu", "type": "text"},
]


@dataclass
class CkanServer(TestServer):
    """The portal: one package with a resource kept as rows and another kept as a file."""

    rows: list[dict[str, Any]] = field(default_factory=list)
    file: bytes = b"huyen,nam,dan_so\r\n"
    file_url: str | None = None
    etag: str = '"f1"'
    largest_page: int = 32_000
    states_total: bool = True

    def answer(self, method: str, address: SplitResult, body: Any) -> Reply:  # noqa: PLR0911
        options = {key: values[0] for key, values in parse_qs(address.query).items()}
        match address.path.strip("/").split("/"):
            case ["api", "3", "action", "datastore_search"] | ["api", "action", "datastore", "search.json"]:
                return self._rows(options)
            case ["api", "3", "action", "package_show"]:
                if options.get("id") == "dan-so":
                    return self._result(self._package())
                return self._error(404, "Không tìm thấy", "Not Found Error")
            case ["api", "3", "action", "resource_show"]:
                for entry in self._package()["resources"]:
                    if entry["id"] == options.get("id"):
                        return self._result(entry)
                return self._error(404, "Não encontrado", "Not Found Error")
            case ["api", "3", "action", "package_search"]:
                start, rows = int(options.get("start", 0)), int(options.get("rows", 10))
                every = [self._package() | {"name": name} for name in ("dan-so", "dat-dai", "y-te")]
                page = every[start : start + min(rows, 2)]
                return self._result({"count": len(every), "results": page})
            case ["files", "dan-so.csv"]:
                return Reply(200, self.file, "text/csv", {"ETag": self.etag})
        return Reply(404, b"<html><title>404</title></html>", "text/html")

    @staticmethod
    def _result(result: Any) -> Reply:
        return Reply(200, {"help": "...", "success": True, "result": result})

    @staticmethod
    def _error(status: int, message: str, kind: str) -> Reply:
        return Reply(status, {"help": "...", "success": False, "error": {"message": message, "__type": kind}})

    def _package(self) -> dict[str, Any]:
        file_url = self.file_url or f"{self.base}/files/dan-so.csv"
        return {
            "id": "84fba1ba",
            "name": "dan-so",
            "resources": [
                {
                    "id": ROWS_ID,
                    "name": "rows",
                    "url": f"{self.base}/datastore/dump",
                    "datastore_active": True,
                },
                {"id": FILE_ID, "name": "file", "url": file_url, "format": "CSV", "datastore_active": False},
            ],
        }

    def _rows(self, options: dict[str, str]) -> Reply:
        if options.get("resource_id") != ROWS_ID:
            return self._error(404, "Không tìm thấy: tài nguyên không có trong kho", "Not Found Error")
        limit = min(int(options.get("limit", 100)), self.largest_page)
        offset = int(options.get("offset", 0))
        result: dict[str, Any] = {
            "resource_id": ROWS_ID,
            "fields": FIELDS,
            "records_format": "objects",
            "records": self.rows[offset : offset + limit],
            "limit": limit,
            "_links": {"start": "/api/3/action/datastore_search?limit=0"},
        }
        if offset:
            result["offset"] = offset
        if self.states_total:
            result["total"] = len(self.rows)
        return self._result(result)


def some_rows(count: int) -> list[dict[str, Any]]:
    """Rows made up for tests."""
    return [
        {"_id": n, "huyen": f"Huyện {n}", "nam": 2024, "dan_so": 1000.5 + n, "ghi_chu": None}
        for n in range(1, count + 1)
    ]


@contextmanager
def serve_ckan(**options: Any) -> Iterator[CkanServer]:
    """Serve a portal on a free port of loopback until the block ends; tests need the mark `integration`."""
    with serving(CkanServer(**options)) as server:
        yield server
