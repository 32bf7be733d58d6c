"""The quality report of a release: one HTML file that needs nothing beside it, made from the stored results.

It is rendered into the candidate before that is sealed, so that what is signed includes what the rules said. It
carries no clock: rendering it again from the same candidate gives the same bytes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from expectations.messages import as_text
from expectations.rules import RELEASE_SUITE, RuleSet
from reports.markup import Column, Markup, element, joined, table
from reports.numbers import NO_VALUE, format_date, format_number
from reports.palette import COLOURS
from reports.release_data import ReleaseUnreadable, Row, read_table
from reports.words import LANGUAGES, Words

FOLDER = "quality"
REPORT_NAME = f"{FOLDER}/index.html"
# More findings of one rule than this are counted, and stand in the table fct_finding.
MOST_SHOWN = 200
_SEVERITIES = ("error", "warning", "information")
_STYLE = Path(__file__).with_suffix(".css")
_SHORT_HASH = 12
# Failed, and known: a suppression says until when nobody is asked about it.
SUPPRESSED = "suppressed"


def _not_checked(rule: Row) -> int:
    """Rows that a rule could not decide: it broke off, or there is nothing, or too little, to compare with."""
    return int((rule["n_not_checked"] or 0) + (rule["n_nothing_to_compare"] or 0))


# The three outcomes of a check, and their numbers for a rule.
_OUTCOMES: dict[str, Callable[[Row], int]] = {
    "passed": lambda rule: rule["n_passed"] or 0,
    "failed": lambda rule: (rule["n_failed"] or 0) + (rule.get("n_suppressed") or 0),
    "not_checked": _not_checked,
}


@dataclass(frozen=True)
class _Facts:
    """What the report says, as plain rows. `findings` carry their observation's place under `observation`."""

    cut_off: date
    rules: RuleSet
    outcomes: Sequence[Row]
    findings: Sequence[Row]
    sources: Mapping[str, Row]


def report_file(release_dir: Path) -> Path:
    """The quality report of a release or candidate. ReleaseUnreadable for one made before there were reports."""
    path = release_dir / REPORT_NAME
    if not path.is_file():
        raise ReleaseUnreadable(
            f"{release_dir.name} has no {REPORT_NAME}: it was made before releases carried a quality report; "
            "`ppw run` makes one that does"
        )
    return path


def write_report(candidate: Path, rules: RuleSet, cut_off: date) -> Path:
    """Write the report of a candidate whose tables are there; returns its path.

    Reads dim_rule, fct_finding, fct_observation and dim_source of the candidate and nothing else. ReleaseUnreadable
    names a table that cannot be read.
    """
    path = candidate / REPORT_NAME
    path.parent.mkdir(exist_ok=True)
    path.write_text(render(candidate, rules, cut_off), encoding="utf-8")
    return path


def render(candidate: Path, rules: RuleSet, cut_off: date) -> str:
    """The report as HTML, Vietnamese first and English behind a switch."""
    facts = _Facts(
        cut_off=cut_off,
        rules=rules,
        outcomes=read_table(candidate, "dim_rule").to_dicts(),
        findings=list(_findings(candidate)),
        sources={str(row["source_id"]): row for row in read_table(candidate, "dim_source").to_dicts()},
    )
    colours = "".join(f"--{name}:{colour.light};" for name, colour in COLOURS.items())
    style = f":root{{{colours}}}\n{_STYLE.read_text(encoding='utf-8')}"
    switch = joined(
        Markup(
            f'<input class="language" type="radio" name="language" id="show-{language}"'
            f"{' checked' if language == 'vi' else ''}>"
            f'<label class="switch" for="show-{language}" lang="{language}">'
            f"{Words(language)('quality.language')}</label>"
        )
        for language in LANGUAGES
    )
    pages = joined(_page(facts, Words(language)) for language in LANGUAGES)
    title = Words("vi")("quality.title")
    return (
        '<!doctype html>\n<html lang="vi">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{title}</title>\n<style>\n{style}</style>\n</head>\n<body>\n"
        f"{switch}\n{pages}\n</body>\n</html>\n"
    )


def _findings(candidate: Path) -> Iterator[Row]:
    """The findings, gravest first and then by rule, each with the place of its observation."""
    places = {
        str(row["observation_key"]): row
        for row in read_table(candidate, "fct_observation")
        .select("observation_key", "document", "cell_ref", "snapshot_sha256")
        .to_dicts()
    }
    rows = read_table(candidate, "fct_finding").to_dicts()
    rows.sort(key=lambda row: (_SEVERITIES.index(row["severity"]), row["rule_id"], row["finding_id"]))
    for row in rows:
        yield {**row, "observation": places.get(str(row["observation_key"]))}


def _page(facts: _Facts, words: Words) -> Markup:
    language = words.language
    content = [
        element("h1", words("quality.title")),
        element("p", _lead(facts, words), classes="lead"),
        _counts(facts, words),
        _about(facts, words),
        element("p", words("quality.outcomes")),
        element("p", words("quality.severities")),
        *_errors(facts, words),
        element(
            "p",
            joined(
                (
                    element("a", words(f"quality.{part}"), href=f"#{part}-{language}")
                    for part in ("findings", "rules", "files")
                ),
                " · ",
            ),
        ),
        element("h2", words("quality.findings"), id=f"findings-{language}"),
        *_all_findings(facts, words),
        element("h2", words("quality.rules"), id=f"rules-{language}"),
        *_suites(facts, words),
        element("h2", words("quality.files"), id=f"files-{language}"),
        element("p", words("quality.files_meaning")),
    ]
    return element("main", *content, classes=f"page {language}", lang=language)


def _lead(facts: _Facts, words: Words) -> str:
    asking = [row["severity"] for row in facts.findings if row["outcome"] != SUPPRESSED]
    counts = [
        words(f"severity_count.{severity}", n=format_number(asking.count(severity), words.language))
        for severity in _SEVERITIES
        if severity in asking
    ]
    return words("quality.lead", counts=words.listed(counts)) if counts else words("quality.lead_none")


def _counts(facts: _Facts, words: Words) -> Markup:
    items = [
        element(
            "li",
            element("span", format_number(sum(map(of, facts.outcomes)), words.language), classes="big"),
            words(f"quality.{outcome}"),
        )
        for outcome, of in _OUTCOMES.items()
    ]
    return element("ul", *items, classes="counts")


def _about(facts: _Facts, words: Words) -> Markup:
    held = {
        row["observation_key"]
        for row in facts.findings
        if row["severity"] == "error" and row["outcome"] == "failed" and row["observation_key"]
    }
    n_rules = sum(row["n_passed"] is not None for row in facts.outcomes)
    told = [
        (words("quality.cut_off"), format_date(facts.cut_off)),
        (words("quality.rule_set"), element("code", facts.rules.version[:_SHORT_HASH])),
        (words("quality.n_rules"), format_number(n_rules, words.language)),
        (words("quality.held"), format_number(len(held), words.language)),
    ]
    return element(
        "dl",
        *(element("div", element("dt", name), element("dd", value)) for name, value in told),
        classes="facts",
    )


def _errors(facts: _Facts, words: Words) -> Iterator[Markup]:
    """A notice for each rule that could not be checked: nobody may read that as passed."""
    for row in facts.findings:
        if row["outcome"] == "not_checked":
            yield element("p", words.pick(row, "message"), classes="notice")


def _suites(facts: _Facts, words: Words) -> Iterator[Markup]:
    columns = [
        Column(words("quality.rule")),
        Column(words("quality.severity")),
        *(Column(words(f"quality.{outcome}"), "number") for outcome in _OUTCOMES),
    ]
    for suite in facts.rules.suites:
        rows = [row for row in facts.outcomes if row["suite"] == suite.name]
        title = getattr(suite.title, words.language)
        yield element("h3", title)
        if suite.name == RELEASE_SUITE:
            yield element("p", words("quality.release_suite", n=len(suite.rules)))
        elif rows:
            asked = [any(of(row) for of in _OUTCOMES.values()) for row in rows]
            of_suite = table(
                title,
                columns,
                (_rule_row(row, words) for row in rows),
                row_classes=["" if was_asked else "none" for was_asked in asked],
            )
            yield element("div", of_suite, classes="rules")


def _rule_row(row: Row, words: Words) -> Sequence[object]:
    name: list[object] = [words.pick(row, "title"), Markup("<br>"), element("code", row["rule_id"])]
    if row.get("promote_by") is not None:
        day = format_date(row["promote_by"])
        name.append(element("div", words("quality.on_trial", day=day), classes="quiet"))
    numbers = {outcome: [format_number(of(row), words.language)] for outcome, of in _OUTCOMES.items()}
    for outcome, column, note in (
        ("failed", "n_suppressed", "of_them_suppressed"),
        ("not_checked", "n_not_checked", "of_them_broken_off"),
    ):
        if row.get(column):
            told = words(f"quality.{note}", n=format_number(row[column], words.language))
            numbers[outcome].append(element("div", told, classes="quiet"))
    # Only what failed is coloured: a list of rules is no list of alarms.
    severity = words.of("severity", row["severity"])
    return [
        joined(name),
        _severity(row["severity"], words) if row["n_failed"] else severity,
        *map(joined, numbers.values()),
    ]


def _all_findings(facts: _Facts, words: Words) -> Iterator[Markup]:
    failed = [row for row in facts.findings if row["outcome"] != "not_checked"]
    if not failed:
        yield element("p", words("quality.findings_none"))
    rules = {str(row["rule_id"]): row for row in facts.outcomes}
    for rule_id in dict.fromkeys(str(row["rule_id"]) for row in failed):
        of_rule = [row for row in failed if row["rule_id"] == rule_id]
        title = words.pick(rules[rule_id], "title")
        yield element("h3", title)
        yield element("p", words.pick(rules[rule_id], "description"), classes="quiet")
        yield element("div", _findings_table(title, of_rule[:MOST_SHOWN], facts, words), classes="findings")
        if len(of_rule) > MOST_SHOWN:
            more = format_number(len(of_rule) - MOST_SHOWN, words.language)
            yield element("p", words("quality.more", n=more))


def _findings_table(title: str, rows: Iterable[Row], facts: _Facts, words: Words) -> Markup:
    columns = [
        Column(words("quality.what")),
        Column(words("quality.severity")),
        Column(words("quality.sides")),
        Column(words("quality.place")),
        Column(words("quality.decision")),
    ]
    cells = (
        [
            words.pick(row, "message"),
            _severity(row["severity"], words),
            _sides(row, words),
            _place(row, facts, words),
            words.of("finding_outcome", SUPPRESSED)
            if row["outcome"] == SUPPRESSED
            else words.of("finding_decision", row["decision"]),
        ]
        for row in rows
    )
    return table(title, columns, cells)


def _severity(severity: str, words: Words) -> Markup:
    return element("span", words.of("severity", severity), classes=f"severity severity-{severity}")


def _sides(row: Row, words: Words) -> Markup:
    """Both sides of the comparison, and the expected interval, as far as the release has them."""
    told = [
        words("quality.side", value=_number(row[name], words), name=words(f"quality.{name}"))
        for name in ("left_value", "right_value")
        if row.get(name) is not None
    ]
    if row.get("expected_low") is not None or row.get("expected_high") is not None:
        low, high = (_number(row.get(name), words) for name in ("expected_low", "expected_high"))
        told.append(words("quality.expected", low=low, high=high))
    return joined(element("div", text) for text in told) if told else Markup(NO_VALUE)


def _number(value: float | None, words: Words) -> str:
    """A number of a check, with as many digits as the sentence of its finding gives it."""
    return as_text(value, words.language)


def _place(row: Row, facts: _Facts, words: Words) -> Markup:
    """The source, and for a finding about one figure its document, cell and snapshot."""
    source = facts.sources.get(str(row["source_id"]))
    told: list[object] = [
        element("div", words.pick(source, "title") if source else row["source_id"] or NO_VALUE)
    ]
    observation = row["observation"]
    if observation is None:
        if row.get("subject") and not row.get("indicator_code"):
            told.append(element("code", row["subject"]))
        return joined(told)
    if observation["document"]:
        told.append(element("div", words("quality.document", document=observation["document"])))
    if observation["cell_ref"]:
        told.append(element("div", words("quality.cell", cell=observation["cell_ref"])))
    if observation["snapshot_sha256"]:
        told.append(element("code", str(observation["snapshot_sha256"])[:_SHORT_HASH]))
    return joined(told)
