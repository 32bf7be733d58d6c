"""Method: how is it judged, and how far can it be trusted? The rule in three lines, then every word the pages
use.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict

from reports.frame import Page, show_page
from reports.long_page import fold, folded_table
from reports.markup import Column, element, link, maturity, state, table
from reports.plan_counts import not_assessed_sentence, plan_counts
from reports.plan_facts import TargetKey, documents, reference_versions, target_key
from reports.plan_words import plan_name
from reports.promise_sections import target_address
from reports.release_data import Row
from reports.target_facts import every_target, of_the_plan
from reports.words import FAMILIES, Words


def show() -> None:
    """The page."""
    show_page("method", body)


def body(page: Page) -> None:
    """Everything between the title and the footer."""
    words = page.words
    page.write(
        element("p", words("method.lead"), classes="ppw-lead"),
        element(
            "ol", *(element("li", words(f"method.rule_{line}")) for line in ("level", "pace", "confidence"))
        ),
    )
    page.jump()
    _states(page, "level")
    _states(page, "pace")
    _milestones(page)
    _reasons(page)
    _maturities(page)
    _confidence(page)
    _parameters(page)
    _ranks(page)
    _named_methods(page)
    _glossary(page)
    _documents(page)
    _versions(page)


def _states(page: Page, family: str) -> None:
    words = page.words
    page.header(words(f"method.{family}"))
    limits = bands(page) if family == "pace" else {}
    rows = [
        (state(code, words.of(family, code)), words(f"{family}_meaning.{code}", **limits))
        for code in FAMILIES[family]
    ]
    columns = [Column(words("column.word")), Column(words("column.meaning"))]
    page.write(folded_table(words, words(f"method.{family}"), columns, rows), classes="ppw-pairs")


def bands(page: Page) -> dict[str, str]:
    """The limits of the pace bands, as this release carries them."""
    parameters = page.release.parameters()
    return {
        name: page.number(parameters[f"band_{name}"]) for name in ("on_track", "slightly_behind", "behind")
    }


def _reasons(page: Page) -> None:
    words = page.words
    page.header(words("method.reasons"))
    plan = of_the_plan(every_target(page.release))
    numbers = dict(plan_counts(plan).reasons)
    rows = [
        (
            words.of("reason", code),
            words.of("reason_meaning", code),
            words.of("reason_mend", code),
            page.number(numbers.get(code, 0)),
        )
        for code in FAMILIES["reason"]
    ]
    columns = [
        Column(words("column.reason")),
        Column(words("column.meaning")),
        Column(words("column.mend")),
        Column(words("column.results"), "number"),
    ]
    page.write(
        element("p", not_assessed_sentence(plan, words) or words("method.all_assessed")),
        folded_table(words, words("method.reasons"), columns, rows),
        classes="ppw-rules",
    )


def _maturities(page: Page) -> None:
    words = page.words
    page.header(words("method.maturity"))
    rows = [(maturity(code, words), words.of("maturity_meaning", code)) for code in FAMILIES["maturity"]]
    columns = [Column(words("column.word")), Column(words("column.meaning"))]
    page.write(folded_table(words, words("method.maturity"), columns, rows), classes="ppw-pairs")


def _confidence(page: Page) -> None:
    words = page.words
    page.header(words("method.confidence"))
    rows = [
        (
            words("target.confidence_value", letter=code, word=words.of("confidence", code)),
            words.of("confidence_meaning", code),
        )
        for code in FAMILIES["confidence"]
    ]
    columns = [Column(words("column.word")), Column(words("column.meaning"))]
    page.write(folded_table(words, words("method.confidence"), columns, rows), classes="ppw-pairs")


def _ranks(page: Page) -> None:
    """Ranks as the sources of this release carry them."""
    words = page.words
    page.header(words("method.ranks"))
    ranks: dict[str, set[int]] = defaultdict(set)
    counts: dict[str, int] = defaultdict(int)
    for source in page.release.rows("dim_source"):
        ranks[str(source["publisher_kind"])].add(int(source["rank"] or 0))
        counts[str(source["publisher_kind"])] += 1
    rows = [
        (
            words.of("publisher_kind", kind),
            ", ".join(page.number(rank) for rank in sorted(ranks[kind], reverse=True)),
            page.number(counts[kind]),
        )
        for kind in sorted(ranks, key=lambda k: -max(ranks[k]))
    ]
    columns = [
        Column(words("column.publisher_kind")),
        Column(words("column.rank"), "number"),
        Column(words("column.sources"), "number"),
    ]
    ranked = table(words("method.ranks"), columns, rows)
    page.write(element("p", words("method.ranks_meaning")), fold(words, words("method.ranks"), ranked))


def _milestones(page: Page) -> None:
    words = page.words
    page.header(words("method.milestones"))
    months = page.release.parameters().get("milestone_due_months")
    rows = [
        (
            state(code, words.of("milestone", code)),
            words(f"milestone_meaning.{code}", months=page.number(months)),
        )
        for code in FAMILIES["milestone"]
    ]
    columns = [Column(words("column.word")), Column(words("column.meaning"))]
    page.write(folded_table(words, words("method.milestones"), columns, rows), classes="ppw-pairs")


def _parameters(page: Page) -> None:
    """Every number the method works with, as this release carries it."""
    words = page.words
    page.header(words("method.parameters"))
    rows = []
    for row in page.release.rows("dim_parameter"):
        code = str(row["parameter"])
        meaning = words.of("parameter", code)
        rows.append(
            (str(row["meaning"]) if meaning == code else meaning, _parameter(page, code, row["value"]), code)
        )
    columns = [
        Column(words("column.meaning")),
        Column(words("column.value"), "number"),
        Column(words("column.code")),
    ]
    folded = element(
        "details",
        element("summary", words("method.parameters_open")),
        table(words("method.parameters"), columns, rows),
    )
    page.write(folded, classes="ppw-parameters")


def _parameter(page: Page, code: str, value: float) -> str:
    """A parameter's value; a year is written without a mark between its thousands."""
    return str(int(value)) if code.endswith("_year") else page.number(value)


def _named_methods(page: Page) -> None:
    """What the methods of other offices say; headed so that nobody takes it for the result."""
    words = page.words
    page.header(words("method.named"))
    results = page.release.optional_rows("fct_method_result")
    if not results:
        page.write(element("p", words("method.named_none")))
        return
    by_method: dict[str, list[Row]] = defaultdict(list)
    for row in results:
        by_method[str(row["method"])].append(row)
    rows = []
    for method, same in sorted(by_method.items()):
        counts = Counter(str(row["status"]) for row in same if row.get("status"))
        said = [
            words("method.status_count", status=status, n=page.number(n))
            for status, n in counts.most_common()
        ]
        if refused := len(same) - sum(counts.values()):
            said.append(words("method.refused", n=page.number(refused)))
        rows.append((words.of("named_method", method), page.number(sum(counts.values())), "; ".join(said)))
    columns = [
        Column(words("column.method")),
        Column(words("column.results"), "number"),
        Column(words("column.said")),
    ]
    page.write(
        element("p", words("method.named_meaning")),
        folded_table(words, words("method.named"), columns, rows),
        classes="ppw-rules",
    )
    _example(page, results)
    _verdicts(page, results)
    _refusals(page, results)


def verdict(words: Words, status: object) -> str:
    """What a method says, in its publisher's own word and, where that is another, in the reader's."""
    said = str(status)
    code = re.sub(r"[^a-z]+", "_", said.casefold()).strip("_")
    meaning = words.of("named_status", code)
    return (
        said
        if meaning in (code, said, said.replace("_", " "))
        else words("method.verdict", said=said, meaning=meaning)
    )


def _verdicts(page: Page, results: list[Row]) -> None:
    """Every target on which one of the methods comes to a verdict: ours beside theirs."""
    words = page.words
    said: dict[TargetKey, dict[str, Row]] = defaultdict(dict)
    for row in results:
        if row.get("status"):
            said[target_key(row)][str(row["method"])] = row
    if not said:
        return
    facts = {(f.plan_version, f.target_id): f for f in every_target(page.release)}
    counted = reference_versions(page.release)
    methods = [m for m in FAMILIES["named_method"] if any(m in by_method for by_method in said.values())]
    rows = []
    for key, by_method in sorted(said.items(), key=lambda item: (item[0][0] not in counted, item[0])):
        one = facts.get(key)
        if one is None:
            continue
        name: object = link(words.pick(one.target, "name"), target_address(page, one.target, counted))
        if key[0] not in counted:
            document = documents(page.release)[key[0]]
            name = element(
                "div", name, " ", element("span", f"({plan_name(document, words)})", classes="ppw-small")
            )
        ours = state(one.bucket, words.of("bucket", one.bucket))
        theirs = [
            verdict(words, by_method[method]["status"]) if method in by_method else words("none")
            for method in methods
        ]
        rows.append((name, ours, *theirs))
    columns = [
        Column(words("column.target")),
        Column(words("method.ours")),
        *(Column(words.of("named_method", method)) for method in methods),
    ]
    page.write(
        element("p", words.counted("method.verdicts", len(rows))),
        folded_table(words, words("method.verdicts_table"), columns, rows, words("method.verdicts_table")),
        classes="ppw-list ppw-wide",
    )


def _refusals(page: Page, results: list[Row]) -> None:
    """Why a method came to no verdict, counted by reason."""
    words = page.words
    counted = Counter(str(row["refused_reason"]) for row in results if row.get("refused_reason"))
    if not counted:
        return
    rows = [(words.of("refusal", code), page.number(n)) for code, n in counted.most_common()]
    columns = [Column(words("column.reason")), Column(words("column.results"), "number")]
    page.write(
        element(
            "details",
            element("summary", words("method.refusals")),
            table(words("method.refusals"), columns, rows),
        )
    )


def _glossary(page: Page) -> None:
    """The words of the pages with their meaning, in the order of the road a figure goes."""
    words = page.words
    page.header(words("method.glossary"))
    rows = [(words.of("glossary", code), words.of("glossary_meaning", code)) for code in FAMILIES["glossary"]]
    columns = [Column(words("column.word")), Column(words("column.meaning"))]
    page.write(folded_table(words, words("method.glossary"), columns, rows), classes="ppw-pairs")


def _example(page: Page, results: list[Row]) -> None:
    """The target on which the methods disagree most, each with its own word."""
    words = page.words
    by_target: dict[TargetKey, list[Row]] = defaultdict(list)
    for row in results:
        if row.get("status"):
            by_target[target_key(row)].append(row)
    disagreed = [same for same in by_target.values() if len({row["status"] for row in same}) > 1]
    if not disagreed:
        page.write(element("p", words("method.named_agree")))
        return
    example = max(disagreed, key=lambda same: (len({row["status"] for row in same}), len(same)))
    known = {target_key(row): row for row in page.release.rows("fct_target")}
    target = known.get(target_key(example[0]), {})
    rows = [
        (
            words.of("named_method", str(row["method"])),
            str(row["status"]),
            "" if row.get("value") is None else page.number(round(float(row["value"]), 3)),
        )
        for row in sorted(example, key=lambda row: str(row["method"]))
    ]
    columns = [
        Column(words("column.method")),
        Column(words("column.said")),
        Column(words("column.value_of_method"), "number"),
    ]
    named = words("method.named_differ", target=words.pick(target, "name"))
    page.write(element("p", named), folded_table(words, named, columns, rows), classes="ppw-rules")


def _documents(page: Page) -> None:
    words = page.words
    page.header(words("method.documents"))
    page.write(element("p", link(words("plan.all_documents"), page.address("documents"))))


def _versions(page: Page) -> None:
    words, manifest = page.words, page.release.manifest
    page.header(words("method.versions"))
    named = {
        "method_version": page.release.method_version,
        "rule_set_version": manifest.rule_set_version,
        "code_version": manifest.code_version,
    }
    rows = [(words(f"version.{name}"), value) for name, value in named.items()]
    columns = [Column(words("column.version_of")), Column(words("column.version"))]
    page.write(folded_table(words, words("method.versions"), columns, rows))


if __name__ == "__main__":
    show()
