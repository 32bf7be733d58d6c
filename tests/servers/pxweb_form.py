"""The web pages of a PX-Web server on loopback: the form of a table's page, the selection kept per session, files.

The page has ASP.NET's hidden fields, one list of values per variable and the view button. Posting it answers with
the address of the table's view (or the view itself); the view links the files. `rxid` stands in the address of the
form, the session in a cookie, and a selection without its session is forgotten: the form comes back.
"""

import html
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import SplitResult, parse_qs, quote, unquote

from tests.servers.http import Reply, serving
from tests.servers.pxweb import Chosen, PxwebServer, PxwebTable

_CONTROL = "ctl00$ContentPlaceHolderMain$VariableSelector1$VariableSelector1"
_STATE = "dDwtMTIzNDs7Pg=="


@dataclass
class PxwebFormServer(PxwebServer):
    """The API is closed (404), the pages are open.

    `forgets` is how many sessions are forgotten before the file is asked for; `changed` renames the lists of
    values; `redirects` answers a form with the address of the view; `links` whether the view links its files;
    `first_area_only` answers with another selection than the one posted, as a session used twice does.
    """

    forgets: int = 0
    changed: bool = False
    redirects: bool = True
    links: bool = True
    first_area_only: bool = False
    forms: list[list[tuple[str, str]]] = field(default_factory=list)
    _selected: dict[str, Chosen] = field(default_factory=dict)

    @property
    def page(self) -> str:
        """The address of the table's page, as a record's fetch section names it."""
        return f"{self.base}{self._path}"

    @property
    def _path(self) -> str:
        database = quote(self.database)
        return f"/pxweb/vi/{database}/{database}/{quote(self.name)}/"

    def answer(self, method: str, address: SplitResult, body: Any) -> Reply:
        path = unquote(address.path)
        if not path.startswith(unquote(self._path)):
            return Reply(404, b"<html><title>404</title></html>", "text/html")
        cookie = self.sessions[-1].partition("ASP.NET_SessionId=")[2].partition(";")[0]
        if not path.endswith("/tableViewLayout1/"):
            if method == "POST":
                return self._posted(cookie, parse_qs(address.query), body)
            made = f"s{len(self.requests)}"
            return self._form(made, {"Set-Cookie": f"ASP.NET_SessionId={made}; path=/; HttpOnly"})
        if cookie not in self._selected:
            return self._form(cookie)
        file_type = parse_qs(address.query).get("downloadfile", [""])[0]
        return self._file(file_type, self._selected[cookie]) if file_type else self._view(cookie)

    def _form(self, session: str, headers: dict[str, str] | None = None) -> Reply:
        name = "ValuesBox" if self.changed else "ValuesListBox"
        lists = "".join(
            f'<select size="7" multiple="multiple" name="{_CONTROL}$ctl{n:02}${name}">'
            + "".join(
                f'<option value="{code}">{html.escape(label)}</option>'
                for code, label in zip(variable.codes, variable.labels, strict=True)
            )
            + "</select>"
            for n, variable in enumerate(self.table.variables)
        )
        text = (
            f'<!DOCTYPE html><html><body><form method="post" action="./?rxid={session}">'
            f'<input type="hidden" name="__VIEWSTATE" value="{_STATE}" />'
            f'<input type="hidden" name="__EVENTTARGET" value="" /><input type="text" name="search" value="" />'
            f'<input type="checkbox" name="{_CONTROL}$All" />{lists}'
            f'<select name="{_CONTROL}$Presentation"><option value="p0">-</option>'
            f'<option selected="selected" value="tableViewLayout1">Bảng</option></select>'
            f'<input type="submit" name="{_CONTROL}$Clear" value="Xóa" />'
            f'<input type="submit" name="{_CONTROL}$ButtonViewTable" value="Tiếp tục" /></form></body></html>'
        )
        return Reply(200, text.encode(), "text/html; charset=utf-8", headers or {})

    def _posted(self, cookie: str, query: dict[str, list[str]], body: list[tuple[str, str]]) -> Reply:
        self.forms.append(body)
        sent: dict[str, list[str]] = {}
        for name, value in body:
            sent.setdefault(name, []).append(value)
        known = sent.get("__VIEWSTATE") == [_STATE] and query.get("rxid") == [cookie]
        pressed = [name.rpartition("$")[2] for name in sent if name.endswith(("$Clear", "$ButtonViewTable"))]
        if (
            not known
            or pressed != ["ButtonViewTable"]
            or sent[f"{_CONTROL}$Presentation"] != ["tableViewLayout1"]
        ):
            return self._form(cookie)
        chosen: Chosen = []
        for n, variable in enumerate(self.table.variables):
            codes = sent.get(f"{_CONTROL}$ctl{n:02}$ValuesListBox", [])
            chosen.append((variable, [variable.codes.index(code) for code in codes]))
        if self.first_area_only:
            chosen[0] = (chosen[0][0], chosen[0][1][:1])
        if self.forgets:
            self.forgets -= 1
        else:
            self._selected[cookie] = chosen
        if self.redirects:
            return Reply(302, b"", headers={"Location": f"{self._path}table/tableViewLayout1/?rxid={cookie}"})
        return self._view(cookie)

    def _view(self, session: str) -> Reply:
        view = f"{self._path}table/tableViewLayout1/?rxid={session}&amp;downloadfile="
        options = "".join(
            f'<option value="{view}{name}">{name}</option>'
            for name in ("FileTypeJsonStat2", "FileTypeJsonStat", "FileTypeExcelX")
        )
        text = f"<html><body><table></table><select name='save'>{options if self.links else ''}</select></body></html>"
        return Reply(200, text.encode(), "text/html; charset=utf-8")

    def _file(self, file_type: str, chosen: Chosen) -> Reply:
        match file_type:
            case "FileTypeJsonStat":
                return self._written["json-stat"](chosen)
            case "FileTypeExcelX":
                return self._written["xlsx"](chosen)
            case "FileTypeCsvWithHeadingAndSemiColon":
                text = self.csv(chosen).decode().replace(",", ";")
                return Reply(200, text.encode(), "text/csv")
        return Reply(404, b"", "text/plain")


@contextmanager
def serve_pxweb_form(table: PxwebTable, **options: Any) -> Iterator[PxwebFormServer]:
    """Serve the table on a free port of loopback until the block ends; tests need the mark `integration`."""
    with serving(PxwebFormServer(table=table, **options)) as server:
        yield server
