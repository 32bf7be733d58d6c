"""The other tables of a plan: clauses, annotations, named lists and their members, relations, the ledger."""

from datetime import date
from typing import Literal, Self, get_args

from pydantic import field_validator, model_validator

from sources.plan.rows import ClauseName, Count, CsvRow, Figure, LineNumber, RowId
from sources.record import AreaId, Text, UnitCode

AnnotationKind = Literal[
    "list_shorter_than_count", "parts_do_not_sum", "truncated_date", "spelled_two_ways", "promised_twice",
    "unfinished_sentence", "wrong_word", "missing_period", "missing_unit", "ambiguous_scope",
    "ambiguous_measure", "basis_differs", "outdated_reference", "repeated_word", "other",
]  # fmt: skip
RelationKind = Literal["part_of_sum", "subset_of", "interim_of", "same_promise", "successor_of"]
TokenKind = Literal["digits", "word", "roman"]
LedgerUse = Literal[
    "target", "target_term", "milestone", "milestone_term", "list_member", "legal_reference", "date",
    "plan_period", "section_number", "name", "unit_exponent", "situation", "zoning", "indefinite", "generic",
]  # fmt: skip
LEDGER_USES: tuple[str, ...] = get_args(LedgerUse)
# Uses of a token that say which promise or list it belongs to; the others say why it is none.
REFERRING_USES = ("target", "target_term", "milestone", "milestone_term", "list_member")
SubjectType = Literal["target", "clause", "list"]
AreaLevel = Literal["country", "region", "province", "inter_district_region", "district", "commune"]


def names_of(text: str | None) -> list[str]:
    """Return the names of a field that joins several by `|`."""
    return [] if text is None else [name.strip() for name in text.split("|")]


class PlanClause(CsvRow):
    """A clause by the document's own numbering, with the lines of the text it takes (from 1, inclusive)."""

    clause: ClauseName
    heading_vi: Text
    heading_en: Text
    line_from: LineNumber
    line_to: LineNumber

    @model_validator(mode="after")
    def _lines_in_order(self) -> Self:
        if self.line_to < self.line_from:
            raise ValueError("line_to comes before line_from | swap them")
        return self


class PlanAnnotation(CsvRow):
    """A place where the document contradicts itself, breaks off or leaves open what it means.

    `effect` not_comparable: figures published today do not answer to the promise's definition.
    """

    annotation_id: RowId
    kind: AnnotationKind
    clause: ClauseName
    line: LineNumber
    subjects: Text
    effect: Literal["not_comparable"] | None
    text_vi: Text
    text_en: Text

    @field_validator("subjects")
    @classmethod
    def _subjects_are_named_once(cls, subjects: str) -> str:
        names = names_of(subjects)
        if not all(names):
            raise ValueError("a subject is empty | write TARGET, clause:NAME or list:NAME, joined by |")
        if len(set(names)) < len(names):
            raise ValueError("a subject is named twice | name it once")
        return subjects

    @property
    def touched(self) -> list[tuple[SubjectType, str]]:
        """What it touches, as (type, id); a milestone is a target here."""
        found: list[tuple[SubjectType, str]] = []
        for subject in names_of(self.subjects):
            kind, separator, name = subject.partition(":")
            if separator and kind == "clause":
                found.append(("clause", name))
            elif separator and kind == "list":
                found.append(("list", name))
            else:
                found.append(("target", subject))
        return found


class PlanList(CsvRow):
    """A list of things the document names; `count_printed` is how many it says there are."""

    list_id: RowId
    name_vi: Text
    name_en: Text
    clause: ClauseName
    line: LineNumber
    count_printed: Count | None


class PlanListMember(CsvRow):
    """One thing of a list, named as printed."""

    list_id: RowId
    position: Count
    name: Text
    line: LineNumber
    target_id: RowId | None
    note_vi: Text | None
    note_en: Text | None


class PlanRelation(CsvRow):
    """What one promise has to do with another; the parts of one sum share a relation_id."""

    relation_id: RowId
    kind: RelationKind
    target_id: RowId
    to_target_id: RowId | None
    whole_value: Figure | None
    whole_unit: UnitCode | None
    annotation_id: RowId | None
    note_vi: Text | None
    note_en: Text | None

    @model_validator(mode="after")
    def _whole_fits(self) -> Self:
        if (self.whole_value is None) != (self.whole_unit is None):
            raise ValueError("whole_value and whole_unit go together | fill both or neither")
        if self.kind == "part_of_sum":
            if (self.to_target_id is None) == (self.whole_value is None):
                raise ValueError("a sum has one whole | fill to_target_id, or whole_value and whole_unit")
        elif self.to_target_id is None or self.whole_value is not None:
            raise ValueError(f"{self.kind} joins two promises | fill to_target_id and leave the whole empty")
        if self.target_id == self.to_target_id and self.kind != "successor_of":
            raise ValueError("a promise is not related to itself | correct to_target_id")
        return self


class LedgerEntry(CsvRow):
    """One number of the text, as a token, and what it is there for."""

    line: LineNumber
    column: Count
    token: Text
    kind: TokenKind
    use: LedgerUse
    ref: Text | None
    note: Text | None

    @property
    def refs(self) -> list[str]:
        """The promises or the list it belongs to."""
        return names_of(self.ref)

    @model_validator(mode="after")
    def _ref_fits_the_use(self) -> Self:
        if self.use in REFERRING_USES and not all(self.refs or [""]):
            raise ValueError(f"use {self.use} says whose number it is | fill ref")
        if self.use not in REFERRING_USES and self.ref is not None:
            raise ValueError(f"use {self.use} belongs to no promise | leave ref empty")
        return self


class PlanArea(CsvRow):
    """An area the plan is about that the project's own list of areas (seed `area`) does not have."""

    area_id: AreaId
    code: Text | None
    level: AreaLevel
    kind_vi: Text | None
    name_vi: Text
    name_en: Text
    valid_from: date | None
    valid_to: date | None
    parent_area_id: AreaId | None

    @model_validator(mode="after")
    def _fits(self) -> Self:
        if self.valid_from is not None and self.valid_to is not None and self.valid_to < self.valid_from:
            raise ValueError("valid_to comes before valid_from | swap them")
        if (self.parent_area_id is None) != (self.level == "country"):
            raise ValueError("every area but a country lies in another one | fill parent_area_id")
        if self.parent_area_id == self.area_id:
            raise ValueError("an area does not lie in itself | correct parent_area_id")
        return self
