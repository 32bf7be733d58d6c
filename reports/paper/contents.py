"""What the report says: a release put into the document that both writers write."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import count

from expectations.gate.clearance import OFFICE, PUBLIC
from reports.milestone_facts import (
    MilestoneFacts,
    every_milestone,
    milestone_apart,
)
from reports.numbers import format_date, format_number
from reports.paper.editions import Edition
from reports.paper.gaps import gap_blocks
from reports.paper.milestones import milestone_blocks, milestone_table
from reports.paper.model import (
    Appendix,
    Block,
    Closing,
    Column,
    Head,
    Heading,
    Paper,
    Paragraph,
    Picture,
    Row,
    Table,
)
from reports.paper.offices_say import cause_blocks
from reports.paper.scope import Scope
from reports.paper.sections import (
    Numbering,
    Sources,
    changes_table,
    comparison_table,
    counts_sentence,
    counts_table,
    domain_title,
    headline_blocks,
    note_blocks,
    targets_table,
    weakest_first,
    worse_blocks,
)
from reports.plan_counts import fresh_sentence, listed_sentence, not_assessed_sentence
from reports.plan_facts import TargetKey, documents, reference_versions, target_key
from reports.plan_words import plan_line, province_name
from reports.release_data import Release
from reports.search import domain_order
from reports.statements import (
    change_sentence,
    overview_sentence,
    pace_sentence,
    previous_words,
    reason_codes,
)
from reports.target_facts import TargetFacts, every_target, of_the_plan
from reports.words import FAMILIES, Words
from store.settings import Settings

ROMAN = ("I", "II", "III", "IV", "V", "VI", "VII", "VIII")
_LETTERS = "abcdeghiklmnopqrstuvxy"


@dataclass(frozen=True)
class Material:
    """A release read once for every edition and part: its targets, those of the release before, its milestones, the
    charts of its headline targets.
    """

    release: Release
    targets: Sequence[TargetFacts]
    before: Sequence[TargetFacts] | None
    compared: Release | None
    milestones: Sequence[MilestoneFacts]
    pictures: Mapping[TargetKey, Picture]


def read_material(
    release: Release, before: Release | None, pictures: Mapping[TargetKey, Picture]
) -> Material:
    """What the report is made of. `before` is the release that this one was compared with."""
    return Material(
        release,
        of_the_plan(every_target(release)),
        None if before is None else of_the_plan(every_target(before)),
        before,
        [facts for facts in every_milestone(release) if facts.reference],
        pictures,
    )


def write_contents(
    material: Material,
    edition: Edition,
    scope: Scope,
    settings: Settings,
    words: Words,
) -> Paper:
    """The report of a part of the plan in an edition. The settings name the organ that issues it.

    A report of figures that are not for everybody says on every page whom it is for.
    """
    return _Report(material, edition, scope, settings, words).paper()


class _Report:
    """One report in the making: the targets it is about, and the running numbers of its tables and sources."""

    def __init__(
        self, material: Material, edition: Edition, scope: Scope, settings: Settings, words: Words
    ) -> None:
        self.material, self.edition, self.scope = material, edition, scope
        self.settings, self.words, self.release = settings, words, material.release
        self.targets = [facts for facts in material.targets if scope.holds(facts)]
        self.milestones = [facts for facts in material.milestones if scope.holds(facts)]
        self.domains = weakest_first(self.targets)
        self.numbering = Numbering(words)
        self.sources = Sources(self.release, words)
        self.area = self._area()
        self.plan = self._plan()

    def paper(self) -> Paper:
        words, release = self.words, self.release
        period = self.edition.period(words)
        sections: list[tuple[str, list[Block]]] = [
            ("general", self._general()),
            ("domains", self._domains()),
            ("milestones", self._milestones()),
            ("causes", self._causes()),
            ("gaps", self._gaps()),
            ("proposals", self._proposals()),
        ]
        blocks: list[Block] = [*self._opening(period)]
        for roman, (name, content) in zip(ROMAN, [s for s in sections if s[1]], strict=False):
            blocks += [Heading(1, f"{roman}. {words(f'paper.{name}')}"), *content]
        title = words("paper.title", area=self.area, period=period)
        under = [words("paper.under_title", plan=self.plan)]
        if self.scope.kind != "whole":
            under.append(self.scope.title(words))
        return Paper(
            language=words.language,
            title=" ".join([title, *under]),
            dated=release.cut_off,
            head=self._head([title, *under]),
            blocks=blocks,
            end=Paragraph(words("paper.end", area=self.area, period=period)),
            closing=self._closing(),
            appendices=self._appendices(),
            mark=" · ".join(self._marks()),
            foot=words(
                "paper.foot",
                release=release.release_id,
                day=format_date(release.cut_off),
                method=release.method_version,
            ),
        )

    def _marks(self) -> list[str]:
        """What stands on every page: that nobody reviewed the figures, that they are not for everybody."""
        marks = [] if self.release.reviewed else [self.words("paper.mark")]
        if self.release.clearance != PUBLIC:
            internal = self.release.clearance == OFFICE
            marks.append(self.words("paper.for_office" if internal else "paper.for_reviewers"))
        return marks

    def _area(self) -> str:
        """The area as it stands within a name: Quy hoạch tỉnh Cao Bằng."""
        area = province_name(self.release, self.words)
        first, _, rest = area.partition(" ")
        return f"{first.lower()} {rest}" if first in ("Tỉnh", "Thành") else area

    def _plan(self) -> str:
        words, release = self.words, self.release
        used = reference_versions(release)
        document = next((row for version, row in documents(release).items() if version in used), {})
        said = {"area": self.area, "first": document.get("period_start"), "last": document.get("period_end")}
        vision = document.get("vision_year")
        return words("paper.plan_vision", vision=vision, **said) if vision else words("paper.plan", **said)

    def _head(self, title: Sequence[str]) -> Head:
        words, settings = self.words, self.settings
        return Head(
            parent_organ=(settings.report_parent_organ or "").upper(),
            organ=(settings.report_organ or words("paper.organ_blank")).upper(),
            number=words("paper.number", symbol=settings.report_symbol or words("paper.symbol_blank")),
            nation=words("paper.nation"),
            motto=words("paper.motto"),
            place_and_date=words(
                "paper.place_and_date",
                place=settings.report_place or words("paper.place_blank"),
                year=self.release.cut_off.year,
            ),
            kind=words("paper.kind"),
            title=title,
        )

    def _closing(self) -> Closing:
        words = self.words
        named = [f"- {name};" for name in self.settings.report_recipients]
        return Closing(
            recipients_title=words("paper.recipients"),
            recipients=[*(named or [words("paper.recipient_blank")]), words("paper.recipient_filed")],
            signer=words("paper.signer"),
            signature=words("paper.signature"),
        )

    def _opening(self, period: str) -> list[Block]:
        words, release = self.words, self.release
        day = format_date(release.cut_off)
        line = plan_line(release.rows("dim_plan_document"), reference_versions(release), words)
        blocks: list[Block] = [Paragraph(words("paper.opening", day=day, plan=self.plan, period=period))]
        blocks.append(Paragraph(words("paper.basis", documents=line[:1].lower() + line[1:])))
        if not release.reviewed:
            blocks.append(Paragraph(words("paper.mark_meaning"), "lead", f"{words('paper.mark')}."))
        return blocks

    def _general(self) -> list[Block]:
        words, every = self.words, self.targets
        blocks: list[Block] = []
        titled = self.scope.kind == "whole"
        if not every:
            return [Paragraph(words("paper.empty"))] if not self.milestones else []
        if titled:
            blocks.append(Heading(2, f"1. {words('paper.overall')}"))
        blocks += [
            Paragraph(
                overview_sentence(every, words)
                if titled
                else counts_sentence("paper.part_lead", every, words)
            ),
            *([Paragraph(counted)] if (counted := listed_sentence(every, words)) else []),
            Paragraph(pace_sentence(every, words)),
            Paragraph(fresh_sentence(every, format_date(self.release.cut_off), words)),
        ]
        if why := not_assessed_sentence(every, words):
            blocks.append(Paragraph(why))
        if self.milestones:
            blocks.append(Paragraph(milestone_apart(self.milestones, words)))
        if len(self.domains) > 1:
            caption = self.numbering.table(words("paper.table_counts"))
            blocks.append(counts_table(every, self.domains, caption, words))
        headlines = [facts for facts in every if facts.headline]
        if headlines:
            caption = self.numbering.table(words("paper.table_headlines", period=self.edition.period(words)))
            if titled:
                blocks.append(Heading(2, f"2. {words('paper.headlines')}"))
            blocks.append(comparison_table(headlines, self.edition.compared_periods, caption, words))
        if self.edition.name != "five-year" and titled:
            blocks += [Heading(2, f"{3 if headlines else 2}. {words('paper.changes')}"), *self._changes()]
        return blocks

    def _changes(self) -> list[Block]:
        words, before = self.words, self.material.before
        changes = self.release.rows("fct_release_change")
        previous = previous_words(self.release, self.material.compared, words)
        blocks: list[Block] = [Paragraph(change_sentence(changes, self.material.targets, previous, words))]
        if before is not None:
            blocks += worse_blocks(before, self.targets, words)
            caption = words("paper.table_changes")
            table = changes_table(before, self.targets, caption, words)
            if table is None:
                blocks.append(Paragraph(words("paper.no_changes")))
            else:
                blocks.append(Table(self.numbering.table(caption), table.columns, table.rows))
        return blocks

    def _domains(self) -> list[Block]:
        words = self.words
        if not self.targets:
            return []
        blocks: list[Block] = []
        if len(self.domains) > 1:
            blocks.append(Paragraph(words("paper.domain_order")))
        for number, domain in enumerate(self.domains, start=1):
            name = words.of("domain", domain)
            blocks.append(Heading(2, f"{number}. {domain_title(domain, words)}"))
            blocks += self._domain([facts for facts in self.targets if facts.domain == domain], name)
        return blocks

    def _domain(self, every: Sequence[TargetFacts], name: str) -> list[Block]:
        words = self.words
        blocks: list[Block] = [Paragraph(counts_sentence("paper.domain_lead", every, words))]
        for letter, facts in zip(_letters(), [f for f in every if f.headline], strict=False):
            picture = self.material.pictures.get(target_key(facts.target))
            blocks += headline_blocks(facts, letter, picture, self.numbering, self.release)
        known = [facts for facts in every if facts.shown is not None and not facts.headline]
        if known:
            caption = self.numbering.table(words("paper.table_domain", name=name))
            blocks.append(comparison_table(known, self.edition.compared_periods, caption, words))
        unknown = [facts for facts in every if facts.shown is None and not facts.headline]
        if unknown:
            names = "; ".join(words.pick(facts.target, "name") for facts in unknown)
            blocks.append(Paragraph(words("paper.domain_none", n=len(unknown), names=names)))
        return blocks

    def _milestones(self) -> list[Block]:
        if not self.milestones:
            return []
        place = self.words("paper.appendix", roman=self._roman("milestones"))
        return milestone_blocks(self.milestones, self.release.cut_off, place, self.numbering, self.words)

    def _causes(self) -> list[Block]:
        promised = [facts.target for facts in self.targets] + [facts.target for facts in self.milestones]
        return cause_blocks(self.release, promised, self.numbering, self.words)

    def _gaps(self) -> list[Block]:
        return gap_blocks(self.targets, self.numbering, self.words) if self.targets else []

    def _proposals(self) -> list[Block]:
        """Room for what only the organ that issues the report can propose."""
        whole = self.scope.kind == "whole"
        return [Paragraph(self.words("paper.proposals_blank"))] if whole else []

    def _appendix_names(self) -> list[str]:
        names = []
        if self.targets:
            names += ["targets"] if self.edition.is_short else ["targets", "notes"]
        if self.milestones:
            names.append("milestones")
        return [*names, "method", *([] if self.edition.is_short or not self.targets else ["sources"])]

    def _roman(self, name: str) -> str:
        return ROMAN[self._appendix_names().index(name)]

    def _appendices(self) -> list[Appendix]:
        words = self.words
        content: dict[str, Callable[[], list[Block]]] = {
            "targets": self._targets_appendix,
            "notes": lambda: note_blocks(self.targets, self.domains, self.sources, words),
            "milestones": self._milestones_appendix,
            "method": self._method_appendix,
            "sources": self._sources_appendix,
        }
        return [
            Appendix(
                name=words("paper.appendix", roman=roman),
                title=words(f"paper.appendix_{name}"),
                blocks=content[name](),
                is_wide=name in ("targets", "milestones"),
            )
            for roman, name in zip(ROMAN, self._appendix_names(), strict=False)
        ]

    def _targets_appendix(self) -> list[Block]:
        caption = self.numbering.table(self.words("paper.table_targets"))
        return [targets_table(self.targets, self.domains, caption, self.words)]

    def _milestones_appendix(self) -> list[Block]:
        domains = sorted({facts.domain for facts in self.milestones}, key=domain_order)
        caption = self.numbering.table(self.words("paper.table_milestones"))
        return [milestone_table(self.milestones, caption, self.words, domains)]

    def _method_appendix(self) -> list[Block]:
        words, parameters = self.words, self.release.parameters()
        limits = {
            name: format_number(parameters.get(f"band_{name}"), words.language)
            for name in ("on_track", "slightly_behind", "behind")
        }
        blocks: list[Block] = [Paragraph(words("method.lead"))]
        blocks += [Paragraph(words(f"method.rule_{name}")) for name in ("level", "pace", "confidence")]
        blocks.append(Paragraph(words("method.ranks_meaning")))
        meanings = [Column(words("column.word"), 3.5), Column(words("column.meaning"), 12)]
        for family in ("level", "pace", "confidence"):
            rows = [
                Row([self._word(family, code), words(f"{family}_meaning.{code}", **limits)])
                for code in FAMILIES[family]
            ]
            caption = self.numbering.table(words(f"method.{family}"))
            blocks.append(Table(caption, meanings, rows))
        found = {code for facts in self.targets for code in reason_codes(facts)}
        reasons = [
            Row([words.of(family, code) for family in ("reason", "reason_meaning", "reason_mend")])
            for code in FAMILIES["reason"]
            if code in found
        ]
        if reasons:
            columns = [
                Column(words("column.reason"), 3.5),
                Column(words("column.meaning"), 6.5),
                Column(words("column.mend"), 5.5),
            ]
            blocks.append(Table(self.numbering.table(words("method.reasons")), columns, reasons))
        return blocks

    def _word(self, family: str, code: str) -> str:
        word = self.words.of(family, code)
        return (
            self.words("target.confidence_value", letter=code, word=word) if family == "confidence" else word
        )

    def _sources_appendix(self) -> list[Block]:
        return [Paragraph(f"[{n}] {text}", "note") for text, n in self.sources.entries.items()]


def _letters() -> Iterator[str]:
    """The letters of a list, without end: a to y as official papers have them, then aa, bb."""
    return (letter * times for times in count(1) for letter in _LETTERS)
