"""Sources: where do the figures come from, how far do they reach, what came in and what did not?"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from reports.derived import is_derived
from reports.frame import Page, show_page
from reports.long_page import fold, folded_table
from reports.markup import Column, element, table
from reports.page_data import giving_sources, page_table
from reports.periods import period_words
from reports.release_data import Row
from reports.source_calendar import show_calendar
from reports.words import FAMILIES

FAULTS = {"failed", "quarantined"}


@dataclass(frozen=True)
class Tally:
    """What a release has of each source: figures, the period they reach to, unused cells, findings."""

    figures: Counter[str]
    latest: dict[str, str]
    unclaimed: Counter[str]
    findings: Counter[str]


def show() -> None:
    """The page."""
    show_page("sources", body)


def body(page: Page) -> None:
    """Everything between the title and the footer."""
    words, release = page.words, page.release
    every = release.rows("dim_source")
    sources = [source for source in every if not is_derived(source)]
    derived = [source for source in every if is_derived(source)]
    findings = page_table(release, "finding_tally")
    unclaimed = page_table(release, "unclaimed_tally")
    tally = Tally(
        figures=giving_sources(release),
        latest=dict(page_table(release, "source_tally").select("source_id", "latest_period").iter_rows()),
        unclaimed=_summed(unclaimed, "source_id", "n_cells"),
        findings=_summed(findings, "source_id", "n_findings"),
    )
    faulty = [source for source in sources if source.get("last_outcome") in FAULTS]
    giving = [source for source in sources if tally.figures[str(source["source_id"])]]
    publishers = {words.pick(source, "publisher") for source in giving}
    n_derived = sum(tally.figures[str(source["source_id"])] for source in derived)
    lead = words(
        "sources.lead",
        sources=words.counted("sources.count", len(giving)),
        publishers=words.counted("sources.publishers", len(publishers)),
        figures=words.counted("sources.figures", tally.figures.total() - n_derived),
    )
    fault = words.counted("sources.faulty", len(faulty)) if faulty else words("sources.none_faulty")
    silent = len(sources) - len(giving)
    waiting = [element("p", words.counted("sources.silent", silent))] if silent else []
    worked_out = [element("p", words.counted("sources.derived", n_derived))] if n_derived else []
    page.write(element("p", lead, classes="ppw-lead"), *worked_out, *waiting, element("p", fault))
    page.jump()
    for kind in (k for k in FAMILIES["publisher_kind"] if any(s["publisher_kind"] == k for s in sources)):
        page.header(words.of("publisher_kind", kind))
        chosen = sorted(
            (s for s in sources if s["publisher_kind"] == kind),
            key=lambda s: (-int(s["rank"] or 0), str(s["source_id"])),
        )
        _source_table(page, kind, chosen, tally)
    show_calendar(page, sources)
    _unclaimed(page, unclaimed)
    _finding_list(page, _summed(findings, "severity", "n_findings"))


def _summed(counted: pl.DataFrame, by: str, number: str) -> Counter[str]:
    return Counter(
        {str(name): count for name, count in counted.group_by(by).agg(pl.col(number).sum()).iter_rows()}
    )


def _source_table(page: Page, kind: str, sources: Sequence[Row], tally: Tally) -> None:
    words = page.words
    columns = [
        Column(words("column.source")),
        Column(words("column.publisher")),
        Column(words("column.rank"), "number"),
        Column(words("column.origin")),
        Column(words("column.cadence")),
        Column(words("column.figures"), "number"),
        Column(words("column.latest_period")),
        Column(words("column.outcome")),
        Column(words("column.unclaimed"), "number"),
        Column(words("column.findings"), "number"),
    ]
    rows = []
    for source in sources:
        source_id = str(source["source_id"])
        outcome = words.of("outcome", source.get("last_outcome"))
        reason = source.get("last_reason")
        rows.append(
            (
                words.pick(source, "title"),
                words.pick(source, "publisher"),
                page.number(source["rank"]),
                words.of("origin", source["origin"]),
                words.of("cadence", source.get("cadence")),
                page.number(tally.figures[source_id]),
                period_words(tally.latest.get(source_id), words),
                words("sources.outcome_reason", outcome=outcome, reason=reason) if reason else outcome,
                page.number(tally.unclaimed[source_id]),
                page.number(tally.findings[source_id]),
            )
        )
    name = words.of("publisher_kind", kind)
    listed = folded_table(words, name, columns, rows, label=words.counted("footer.sources", len(rows)))
    page.write(listed, classes="ppw-sources")


def _unclaimed(page: Page, unclaimed: pl.DataFrame) -> None:
    words, total = page.words, int(unclaimed["n_cells"].sum())
    page.header(words("sources.unclaimed"))
    if not total:
        page.write(element("p", words("sources.unclaimed_none")))
        return
    titles = {
        str(source["source_id"]): page.words.pick(source, "title")
        for source in page.release.rows("dim_source")
    }
    rows = [
        (titles.get(source_id, source_id), words.of("unclaimed", reason), page.number(count))
        for source_id, reason, count in unclaimed.iter_rows()
    ]
    columns = [
        Column(words("column.source")),
        Column(words("column.reason")),
        Column(words("column.cells"), "number"),
    ]
    page.write(
        element("p", words.counted("sources.unclaimed_meaning", total)),
        folded_table(words, words("sources.unclaimed"), columns, rows),
    )


def _finding_list(page: Page, by_severity: Counter[str]) -> None:
    words = page.words
    page.header(words("sources.findings"))
    if not by_severity:
        page.write(element("p", words("sources.findings_none")))
        return
    counts = words.listed(
        [
            words(f"severity_count.{s}", n=page.number(by_severity[s]))
            for s in FAMILIES["severity"]
            if by_severity[s]
        ]
    )
    rows = [
        (
            words.pick(finding, "message"),
            words.of("severity", finding["severity"]),
            words.of("finding_outcome", finding["outcome"]),
            period_words(finding.get("period_id"), words),
            str(finding["rule_id"]),
        )
        for finding in page_table(page.release, "first_findings").iter_rows(named=True)
    ]
    columns = [
        Column(words("column.finding")),
        Column(words("column.severity")),
        Column(words("column.check_outcome")),
        Column(words("column.period")),
        Column(words("column.rule")),
    ]
    caption = words(
        "sources.findings_caption", shown=page.number(len(rows)), total=page.number(by_severity.total())
    )
    page.write(
        element("p", words("sources.findings_meaning", counts=counts)),
        fold(words, words("sources.findings"), table(caption, columns, rows, caption_shown=True)),
        classes="ppw-findings",
    )


if __name__ == "__main__":
    show()
