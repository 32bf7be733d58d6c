"""The parts of a page that are the same for a target and a milestone: place in the document, remarks, relations,
lists.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from reports.leaf import Leaf
from reports.long_page import fold
from reports.markup import Column, Markup, element, joined, link, table
from reports.numbers import format_number, to_decimal, with_unit
from reports.periods import period_words
from reports.plan_facts import (
    Relation,
    TargetKey,
    documents,
    lists_of,
    reference_versions,
    relations_of,
    target_key,
)
from reports.plan_words import place_words, plan_name
from reports.reading import confirmation, is_confirmed, reading_note, target_period, verdict
from reports.release_data import Release, Row
from reports.statements import figure, promised_value
from reports.target_facts import MILESTONE, TargetFacts, nearest_point
from reports.words import Words


def facts_list(entries: Iterable[tuple[object, object]]) -> Markup:
    """Labels with their values, side by side where there is room."""
    return element(
        "dl",
        *(element("div", element("dt", name), element("dd", value)) for name, value in entries),
        classes="ppw-facts",
    )


def own_notes(annotations: Sequence[Row]) -> list[Row]:
    """The remarks on a target itself or its list.

    Those on a whole clause stand on the page of each of its targets; a mark on all of them would say nothing.
    """
    return [note for note in annotations if note.get("touches") != "clause"]


def notes_marker(page: Leaf, annotations: Sequence[Row]) -> Markup:
    """A short mark with the number of remarks on the target itself or its list; nothing when there is none."""
    own = own_notes(annotations)
    return _marked(page.words.counted("notes.marker", len(own))) if own else Markup("")


def notes_above(page: Leaf, annotations: Sequence[Row]) -> Markup:
    """The mark at the head of the page that lists the remarks: it counts what is listed there. Nothing where no remark
    is on the target itself or its list.
    """
    return _marked(notes_count(annotations, page.words)) if own_notes(annotations) else Markup("")


def notes_count(annotations: Sequence[Row], words: Words) -> str:
    """How many remarks there are (at least one), and how many of them are on the whole clause."""
    said = words.counted("notes.marker", len(annotations))
    on_clause = len(annotations) - len(own_notes(annotations))
    if on_clause == len(annotations):
        return words("notes.on_clause", notes=said)
    return words("notes.of_which", notes=said, clause=on_clause) if on_clause else said


def _marked(said: str) -> Markup:
    return element("span", "⚑ ", said, classes="ppw-remark")


def target_address(page: Leaf, target: Row, counted_versions: frozenset[str]) -> str:
    """The page of a target or milestone; a document that is not counted is named in the address."""
    name = "milestones" if target["target_type"] == MILESTONE else "target"
    version, target_id = target_key(target)
    parameters = {"target": target_id}
    if version not in counted_versions:
        parameters["plan"] = version
    return page.address(name, **parameters)


def write_place(page: Leaf, target: Row) -> None:
    """The section that says where the document promises it, with the words it prints."""
    words = page.words
    page.header(words("target.clause"))
    parts = [element("p", place_words(page.release, target, words))]
    if target.get("printed_text"):
        quoted = words("citation.quoted", title=target["printed_text"])
        parts.append(element("blockquote", quoted, classes="ppw-quote"))
    page.write(*parts)


def write_reading(page: Leaf, target: Row, entries: list[tuple[str, str]], *more: Markup) -> None:
    """The section with our reading, and whether a document confirms it."""
    words = page.words
    page.header(words("reading.title"))
    if is_confirmed(target):
        status = element("p", words("reading.confirmed", document=confirmation(target, words)))
    else:
        status = element(
            "p", element("strong", words("reading.proposed"), "."), " ", words("reading.proposed_meaning")
        )
    noted = reading_note(target, words)
    rest = [facts_list(entries), *([element("p", noted)] if noted else []), *more]
    page.write(status, fold(words, words("reading.title"), *rest))


def write_notes(page: Leaf, annotations: Sequence[Row]) -> None:
    """What is noted about the wording: kind, text, place; nothing when there is nothing."""
    words = page.words
    if not annotations:
        return
    page.header(words("notes.title"))
    label = notes_count(annotations, words)
    noted = fold(words, words("notes.title"), notes_list(page, annotations), label=label)
    page.write(element("p", words("notes.meaning"), classes="ppw-small"), noted)


def notes_list(page: Leaf, annotations: Sequence[Row]) -> Markup:
    """The remarks with their whole text."""
    words = page.words
    items = []
    for note in annotations:
        place = words("notes.place", clause=note.get("clause"), line=note.get("line"))
        about = words.of("annotation_touches", str(note.get("touches") or "target"))
        parts: list[object] = [
            element("strong", words.of("annotation", str(note["kind"])), "."),
            " ",
            words.pick(note, "text"),
            " ",
        ]
        if note.get("effect") == "not_comparable":
            parts += [words("notes.not_comparable"), " "]
        parts.append(element("span", f"({place}; {about})", classes="ppw-small"))
        items.append(element("li", *parts))
    return element("ul", *items, classes="ppw-remarks")


def write_around(page: Leaf, target: Row, known: dict[TargetKey, Row], counted: frozenset[str]) -> None:
    """Relations to other targets, as links, and the named lists. `known` has every target of the release."""
    words = page.words
    relations = relations_of(page.release, target)
    if relations:
        page.header(words("around.relations"))
        items = [_relation_item(page, relation, known, counted) for relation in relations]
        page.write(element("ul", *items))
    lists = lists_of(page.release, target)
    if not lists:
        return
    page.header(words("around.lists"))
    for named in lists:
        n = len(named.members)
        said = (
            words.counted("around.list_count", n, printed=page.number(named.printed))
            if named.printed is not None
            else words.counted("around.list_uncounted", n)
        )
        items = [_member(page, member, known, counted) for member in named.members]
        page.write(
            element("h3", words.pick(named.row, "name")),
            element("p", said),
            fold(words, words.pick(named.row, "name"), element("ol", *items)),
        )


def _relation_item(
    page: Leaf, relation: Relation, known: dict[TargetKey, Row], counted: frozenset[str]
) -> Markup:
    words = page.words
    links = [
        link(words.pick(known[key], "name"), target_address(page, known[key], counted))
        for key in relation.others
        if key in known
    ]
    parts: list[object] = [
        element("strong", words.of("relation", f"{relation.kind}_{relation.role}")),
        ": ",
        joined(links, ", "),
    ]
    whole = to_decimal(relation.row.get("whole_value"))
    if whole is not None:
        value = format_number(whole, words.language)
        parts.append(f"; {words('around.whole', value=with_unit(value, _symbol(page, relation.row)))}")
    if relation.row.get("note_vi") or relation.row.get("note_en"):
        parts += [". ", words.pick(relation.row, "note")]
    return element("li", *parts)


def _symbol(page: Leaf, relation: Row) -> str:
    units = {str(row["unit"]): row for row in page.release.rows("dim_unit")}
    row = units.get(str(relation.get("whole_unit") or ""))
    return page.words.pick(row, "symbol") if row else ""


def _member(page: Leaf, member: Row, known: dict[TargetKey, Row], counted: frozenset[str]) -> Markup:
    words = page.words
    key = (str(member["plan_version"]), str(member.get("target_id") or ""))
    name: object = str(member["name"])
    if key in known:
        name = link(name, target_address(page, known[key], counted))
    if member.get("note_vi") or member.get("note_en"):
        return element("li", name, " — ", words.pick(member, "note"))
    return element("li", name)


def versions_table(page: Leaf, every: list[TargetFacts]) -> Markup:
    """Promises for one indicator by document and year, with the figure nearest to the year and the result."""
    words, known = page.words, documents(page.release)
    counted = reference_versions(page.release)
    # Figures of one indicator differ by area too: each row then says whose its figure is.
    differ = len({facts.target["area_id"] for facts in every}) > 1
    rows = []
    for facts in sorted(every, key=lambda f: (f.last_year or 0, f.plan_version, f.target_id)):
        document = known.get(facts.plan_version)
        name = plan_name(document, words) if document else facts.plan_version
        status = words.of("legal_status", document["legal_status"]) if document else words("none")
        rows.append(
            (
                link(
                    words("around.status", number=name, status=status),
                    target_address(page, facts.target, counted),
                ),
                promised_value(facts, words),
                target_period(facts.target, words),
                _nearest(
                    facts,
                    _area_name(page.release, str(facts.target["area_id"]), words) if differ else None,
                    words,
                ),
                verdict(facts, words),
            )
        )
    columns = [
        Column(words("column.document")),
        Column(words("column.promise")),
        Column(words("column.year")),
        Column(words("column.nearest")),
        Column(words("column.verdict")),
    ]
    return table(words("around.versions"), columns, rows)


def _area_name(release: Release, area_id: str, words: Words) -> str:
    """The area by its name, or by its id where the release does not know it."""
    rows = (row for row in release.rows("dim_area") if str(row["area_id"]) == area_id)
    return next((words.pick(row, "name") for row in rows), area_id)


def _nearest(facts: TargetFacts, place: str | None, words: Words) -> str:
    """The figure nearest to the target year, its period, and its area where one is named."""
    point = nearest_point(facts)
    if point is None:
        return words("around.none_of", place=place) if place else words("card.no_figure")
    said = {"value": figure(point, facts, words), "period": period_words(point.period_id, words)}
    return words("around.nearest_of", place=place, **said) if place else words("around.nearest", **said)
