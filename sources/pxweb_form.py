"""Tables of PX-Web by its web pages, where a database is not open to the API.

The table's page holds a form with a list of values per variable. All values are sent back with the hidden fields
of the page; the server keeps the selection in its session and then gives the table as a file. One session per
table: PX-Web answers with another table's selection when one is used again.

Known from programs that others published, not from the server itself: what the pages look like may differ.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser
from urllib.parse import urljoin, urlsplit

from sources.content import is_html
from sources.pxweb import Pulled
from sources.pxweb_join import JoinError, body_of, dimensions_of
from sources.record import PxwebFormFetch
from sources.web import Answer, FetchError, FormFields, Session, Web, check_status, parsed

# Format of the record -> the file type as PX-Web names it, and the media type of the answer.
_FILE_TYPES = {
    "json-stat": ("FileTypeJsonStat", "application/json"),
    "csv": ("FileTypeCsvWithHeadingAndSemiColon", "text/csv"),
    "xlsx": ("FileTypeExcelX", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
}
_VIEW = "table/tableViewLayout1/"
# Parts of the names of fields; ASP.NET puts the path of the control before them.
_VALUES, _BUTTON, _STATE = "ValuesListBox", "ButtonViewTable", "__VIEWSTATE"
_NOT_SENT = frozenset({"submit", "button", "image", "reset"})
_CHECKED_ONLY = frozenset({"checkbox", "radio"})


@dataclass
class Choice:
    """A select element: its options, and those chosen as the page comes."""

    name: str
    multiple: bool
    options: list[str] = field(default_factory=list)
    chosen: list[str] = field(default_factory=list)


class Page(HTMLParser):
    """What a page of PX-Web holds: the first form's fields, its buttons, and the links to files."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.action: str | None = None
        self.inputs: list[tuple[str, str]] = []
        self.buttons: list[tuple[str, str]] = []
        self.choices: list[Choice] = []
        self.links: list[str] = []
        self._choice: Choice | None = None
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Take one element."""
        given = {name: value or "" for name, value in attrs}
        name = given.get("name", "")
        match tag:
            case "form" if self.action is None:
                self.action = given.get("action", "")
            case "a":
                self.links.append(given.get("href", ""))
            case "input" if name:
                self._input(given, name)
            case "select" if name:
                self._choice = Choice(name, "multiple" in given)
                self.choices.append(self._choice)
            case "option":
                self.links.append(given.get("value", ""))
                if self._choice is not None and "value" in given:
                    self._choice.options.append(given["value"])
                    self._choice.chosen += [given["value"]] if "selected" in given else []

    def _input(self, given: dict[str, str], name: str) -> None:
        kind = given.get("type", "text").lower()
        if kind == "submit":
            self.buttons.append((name, given.get("value", "")))
        elif kind not in _NOT_SENT and not (kind in _CHECKED_ONLY and "checked" not in given):
            self.inputs.append((name, given.get("value", "")))

    def handle_endtag(self, tag: str) -> None:
        """Leave one element."""
        if tag == "select":
            self._choice = None

    @property
    def variables(self) -> list[Choice]:
        """The lists of values, one per variable of the table."""
        return [choice for choice in self.choices if _VALUES in choice.name]

    @property
    def view_button(self) -> tuple[str, str] | None:
        return next((button for button in self.buttons if _BUTTON in button[0]), None)

    def fields(self) -> Iterator[tuple[str, str]]:
        """The fields as a browser would send them, with every value of every variable and the view button."""
        yield from self.inputs
        for choice in self.choices:
            chosen = choice.options if choice in self.variables else choice.chosen
            if not choice.multiple and not chosen:
                chosen = choice.options[:1]
            for value in chosen:
                yield choice.name, value
        if self.view_button is not None:
            yield self.view_button


class _SessionLost(Exception):
    """The server has forgotten what was selected."""

    def __init__(self, answer: Answer) -> None:
        self.answer = answer
        super().__init__(answer.address)


def pull(web: Web, section: PxwebFormFetch) -> Pulled:
    """Return a whole table. A lost session is begun again once. Raises FetchError."""
    for _ in range(2):
        with web.session(section.address) as session:
            try:
                return _pull(session, section)
            except _SessionLost as lost:
                answer = lost.answer
    raise FetchError(
        "session_lost",
        section.address,
        "the server forgets the selection, twice: it shows a page where the file should come",
        "try again later; if it stays so, open the page in a browser and compare the form",
        answer.data,
    )


def _pull(session: Session, section: PxwebFormFetch) -> Pulled:
    first = session.ask(section.address)
    page = _form(first)
    n_cells = math.prod(len(variable.options) for variable in page.variables)
    if n_cells > session.limits.cells_cap:
        raise FetchError(
            "too_large",
            section.address,
            f"the table has {n_cells} cells, more than {session.limits.cells_cap}",
            "raise PPW_HTTP_CELLS_CAP",
        )
    action = urljoin(first.address, page.action or "")
    viewed = session.ask(action, body=FormFields(tuple(page.fields())))
    check_status(viewed)
    seen = Page(_text(viewed))
    if seen.variables:
        # The page of the selection again: what was sent belongs to no session any more.
        raise _SessionLost(viewed)
    file_type, media_type = _FILE_TYPES[section.response_format]
    answer = session.ask(_file_address(section, seen, action, viewed.address, file_type))
    check_status(answer)
    if is_html(answer.data):
        raise _SessionLost(answer)
    _check(answer, page, section)
    return Pulled(answer.data, media_type)


def _text(answer: Answer) -> str:
    return answer.data.decode("utf-8", errors="replace")


def _form(answer: Answer) -> Page:
    """Return the page of a table's selection. Raises FetchError where it is another page."""
    check_status(answer)
    page = Page(_text(answer))
    missing = [
        what
        for what, is_there in (
            ("a form", page.action is not None),
            ("the hidden state", any(name == _STATE for name, _ in page.inputs)),
            ("lists of values", bool(page.variables) and all(one.options for one in page.variables)),
            ("the view button", page.view_button is not None),
        )
        if not is_there
    ]
    if missing:
        raise FetchError(
            "form_changed",
            answer.address,
            f"the table's page has not {', '.join(missing)}",
            "open the address in a browser: it may be another page, or the form has changed",
            answer.data,
        )
    return page


def _file_address(section: PxwebFormFetch, seen: Page, action: str, viewed: str, file_type: str) -> str:
    """Return where the file is: the link that the page of the table gives, else where PX-Web keeps it."""
    for link in seen.links:
        if link.rpartition("downloadfile=")[2].partition("&")[0] == file_type and "downloadfile=" in link:
            return urljoin(viewed, link)
    session_id = urlsplit(action).query
    address = urljoin(section.address, urlsplit(section.address).path.rstrip("/") + "/" + _VIEW)
    return f"{address}?{session_id}{'&' if session_id else ''}downloadfile={file_type}"


def _check(answer: Answer, page: Page, section: PxwebFormFetch) -> None:
    """Raise the FetchError of a file that is not the table that was selected."""
    if section.response_format == "xlsx" and not answer.data.startswith(b"PK"):
        raise FetchError(
            "not_the_format", answer.address, "the file is no workbook", "try again later", answer.data
        )
    if section.response_format != "json-stat":
        return
    try:
        _, sizes = dimensions_of(body_of(parsed(answer)))
    except (JoinError, AttributeError, TypeError, ValueError) as error:
        message = f"the answer is JSON, but no JSON-stat dataset ({error})"
        raise FetchError("not_the_format", answer.address, message, "try again later", answer.data) from error
    wanted = sorted(len(variable.options) for variable in page.variables)
    if sorted(sizes) != wanted:
        message = f"the file has {sorted(sizes)} values per variable, {wanted} were selected"
        raise FetchError("other_table", answer.address, message, "pull the table again", answer.data)
