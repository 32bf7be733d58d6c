"""The list of targets with its filters: what a reader chose lives in the address."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import streamlit as st

from reports.choices import ALL, chosen, keep, written
from reports.frame import Page
from reports.long_page import MOST_OPEN, fold
from reports.markup import Markup, element, joined, link
from reports.plan_counts import latest_year, listed_sentence
from reports.plan_facts import HORIZONS
from reports.search import domain_order, matches
from reports.statements import bucket_counts, custodians_counted, main_reason
from reports.target_facts import TargetFacts
from reports.target_table import LIST, target_table
from reports.words import FAMILIES

# A list that is no longer than this needs no folding.
SHORT_LIST = 12
SORTS = ("document", "name", "status", "year")


@dataclass(frozen=True)
class Choice:
    """What the list is narrowed to and how it is sorted; empty words narrow nothing."""

    domain: str
    status: str
    reason: str
    until: str
    sort: str
    text: str

    def takes(self, facts: TargetFacts) -> bool:
        """Whether a target is among the chosen."""
        return (
            self.domain in (ALL, facts.domain)
            and self.status in (ALL, facts.bucket)
            and (self.reason == ALL or _reason_asked_for(facts) == self.reason)
            and self.until in (ALL, str(facts.horizon))
            and matches(self.text, facts.target.get("name_vi"), facts.target.get("name_en"), facts.target_id)
        )


def _reason_asked_for(facts: TargetFacts) -> str:
    """Why a target is not assessed, in one code; empty for one that is."""
    if facts.bucket != "not_assessed":
        return ALL
    return main_reason(facts)


def show_targets(page: Page, every: Sequence[TargetFacts], *, of_domain: bool = False) -> None:
    """The heading, the filters and the list. `of_domain`: all targets are of one domain, so none is asked for."""
    words = page.words
    page.header(words.counted("overview.all_targets", len(every)), LIST)
    choice = _ask(page, every, of_domain)
    these = [facts for facts in every if choice.takes(facts)]
    if not these:
        page.write(element("p", words("filter.nothing")))
        return
    said = words("overview.table_caption", n=page.number(len(these)), total=page.number(len(every)))
    lines = [
        element("p", joined([f"{said}.", listed_sentence(every, words) or ""], " "), classes="ppw-small")
    ]
    if choice.reason == "NO_DATA":
        lines.append(element("p", words("overview.owed", offices=_owed(page, these))))
    short = MOST_OPEN if of_domain else SHORT_LIST
    narrowed = len(these) < len(every) or len(every) <= short or st.query_params.get("open") == "all"
    name = words.counted("overview.all_targets", len(every))
    if of_domain:
        listed = [target_table(page, ordered(page, these, choice.sort), words("overview.all_caption"))]
        if not narrowed:
            listed = [fold(words, name, *listed)]
    else:
        listed = [
            _group(page, code, ordered(page, [f for f in these if f.domain == code], choice.sort), narrowed)
            for code in sorted({f.domain for f in these}, key=domain_order)
        ]
        if not narrowed:
            way = element("p", link(words("filter.open_all"), page.address(page.name, open="all")))
            label = words("filter.by_domain", n=page.number(len(listed)))
            listed = [fold(words, name, way, *listed, label=label)]
    page.write(*lines, *listed, classes="ppw-list ppw-targets")


def _owed(page: Page, these: Sequence[TargetFacts]) -> str:
    words = page.words
    return "; ".join(
        words("overview.reason_count", reason=office, n=page.number(n))
        for office, n in custodians_counted(these, words)
    )


def _ask(page: Page, every: Sequence[TargetFacts], of_domain: bool) -> Choice:
    words = page.words
    domains = sorted({facts.domain for facts in every}, key=domain_order)
    buckets = [bucket for bucket in FAMILIES["bucket"] if any(facts.bucket == bucket for facts in every)]
    reasons = [code for code in FAMILIES["reason"] if any(_reason_asked_for(f) == code for f in every)]
    years = [year for year in HORIZONS if any(facts.horizon == year for facts in every)]
    places = st.container(key="ppw_filters").columns([5, 5, 5, 4, 5, 6] if not of_domain else [5, 5, 4, 5, 6])
    boxes = iter(places)
    domain = ALL
    if not of_domain:
        options = {ALL: words("filter.all_domains")} | {d: words.of("domain", d) for d in domains}
        domain = chosen(next(boxes), "domain", words("filter.domain"), options, "filter_domain")
    options = {ALL: words("filter.all_statuses")} | {b: words.of("bucket", b) for b in buckets}
    status = chosen(next(boxes), "status", words("filter.status"), options, "filter_status")
    options = {ALL: words("filter.all_reasons")} | {code: words.of("reason", code) for code in reasons}
    reason = chosen(next(boxes), "reason", words("filter.reason"), options, "filter_reason")
    options = {ALL: words("filter.all_horizons")} | {str(y): words("filter.until", year=y) for y in years}
    until = chosen(next(boxes), "until", words("filter.horizon"), options, "filter_horizon")
    options = {name: words(f"sort.{name}") for name in SORTS}
    sort = chosen(next(boxes), "sort", words("filter.sort"), options, "sort_targets")
    text = written(next(boxes), "find", words("filter.search"), words("filter.search_help"), "search_targets")
    choice = Choice(domain, status, reason, until, sort, text)
    if any((domain and not of_domain, status, reason, until, text)):
        keep("open", ALL, ALL)
    return choice


def _group(page: Page, domain: str, these: Sequence[TargetFacts], is_open: bool) -> Markup:
    """The targets of a domain, folded until the reader opens it or has narrowed the list down."""
    words = page.words
    counts = bucket_counts(these)
    parts = words.listed([words(f"bucket_count.{b}", n=page.number(n)) for b, n in counts.items() if n])
    heading = words(
        "overview.by_domain",
        domain=words.of("domain", domain),
        n=page.number(sum(counts.values())),
        parts=parts or words("none"),
    )
    return element(
        "details",
        element("summary", heading),
        target_table(page, these, words.of("domain", domain)),
        **({"open": ""} if is_open else {}),
    )


def ordered(page: Page, these: Sequence[TargetFacts], sort: str) -> list[TargetFacts]:
    """Targets in the order asked for; ties keep the order of the plan document."""
    buckets = FAMILIES["bucket"]
    if sort == "name":
        return sorted(these, key=lambda f: page.words.pick(f.target, "name").casefold())
    if sort == "status":
        return sorted(these, key=lambda f: buckets.index(f.bucket) if f.bucket in buckets else len(buckets))
    if sort == "year":
        return sorted(these, key=lambda f: -(latest_year(f) or 0))
    return list(these)
