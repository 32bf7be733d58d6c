"""A plan document: the facts of the legal text (`plan.yml`) and the names of its files."""

from collections.abc import Iterable
from datetime import date
from typing import Annotated, Literal, Self

from pydantic import Field, StringConstraints, ValidationError, model_validator

from sources.plan.rows import Count, Year
from sources.problems import Problem, load_yaml, problems_of
from sources.record import AreaId, RecordPart, Text

PLAN_FILE = "plan.yml"
CLAUSES_FILE = "clauses.csv"
TARGETS_FILE = "targets.csv"
MILESTONES_FILE = "milestones.csv"
ANNOTATIONS_FILE = "annotations.csv"
LISTS_FILE = "lists.csv"
MEMBERS_FILE = "members.csv"
RELATIONS_FILE = "relations.csv"
LEDGER_FILE = "ledger.csv"
AREAS_FILE = "areas.csv"
# File of a plan document -> the document it is in the state database.
PLAN_DOCUMENTS = {
    name: name.partition(".")[0]
    for name in (
        PLAN_FILE, CLAUSES_FILE, TARGETS_FILE, MILESTONES_FILE, ANNOTATIONS_FILE, LISTS_FILE, MEMBERS_FILE,
        RELATIONS_FILE, LEDGER_FILE, AREAS_FILE,
    )
}  # fmt: skip
PlanVersion = Annotated[str, StringConstraints(pattern=r"^[0-9A-Za-z][0-9A-Za-z-]*$")]


class PlanDocument(RecordPart):
    """A legal text that sets targets.

    `vintage_at` is when its tables reached the project; a document that is imported arrives when it is
    imported, and needs none. `text_sha256` and `text_lines` (its line feeds) name the text
    that was read for the ledger.
    """

    plan_version: PlanVersion
    kind: Literal["long_term", "five_year", "annual", "assigned"]
    legal_status: Literal["draft", "adopted", "in_force", "superseded"]
    targets_transcribed: bool
    area_id: AreaId = "VN-04"
    period_start: Year
    period_end: Year
    vision_year: Year | None = None
    number: Text
    title_vi: Text
    title_en: Text
    issuer_vi: Text
    issuer_en: Text
    adopted_on: date | None = None
    supersedes: PlanVersion | None = None
    note_vi: Text | None = None
    note_en: Text | None = None
    vintage_at: date | None = None
    citation: Text | None = Field(default=None, description="Where the text was read.")
    text_sha256: Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")] | None = None
    text_lines: Count | None = None

    @model_validator(mode="after")
    def _years_in_order(self) -> Self:
        if self.period_end < self.period_start:
            raise ValueError("period_end comes before period_start | swap them")
        if self.vision_year is not None and self.vision_year < self.period_end:
            raise ValueError("vision_year comes before period_end | correct one of the two")
        return self

    @model_validator(mode="after")
    def _text_is_named_whole(self) -> Self:
        if (self.text_sha256 is None) != (self.text_lines is None):
            raise ValueError("text_sha256 and text_lines go together | fill both or neither")
        return self

    @property
    def source_id(self) -> str:
        return plan_source_id(self.plan_version)


def plan_source_id(plan_version: str) -> str:
    """Return the source id of a plan document: `07-NQ-HDND-2023` -> `plan_07_nq_hdnd_2023`."""
    return "plan_" + plan_version.lower().replace("-", "_")


def read_document(data: bytes, file: str) -> tuple[PlanDocument | None, list[Problem]]:
    """Read `plan.yml`; a document that cannot be read is None beside its problems."""
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        return None, [Problem(file, "the whole file", "the file is not UTF-8", "save it as UTF-8")]
    content, problems = load_yaml(text, file)
    if problems:
        return None, problems
    try:
        return PlanDocument.model_validate(content), []
    except ValidationError as error:
        return None, problems_of(error, PlanDocument, file, text=text)


def may_be_reference(document: PlanDocument) -> bool:
    """Whether a document is of the kind that is counted: long-term, adopted or in force, with targets and a date."""
    return (
        document.kind == "long_term"
        and document.legal_status in ("adopted", "in_force")
        and document.targets_transcribed
        and document.adopted_on is not None
    )


def reference_version(documents: Iterable[PlanDocument], area_id: str) -> str | None:
    """Return the document of an area whose targets are the ones counted; None when there is none.

    It is the long-term document adopted last of those with targets; of two adopted on one day the one whose
    version sorts last. One whose date is not known cannot be told to be the last, and is none.
    """
    candidates = [one for one in documents if one.area_id == area_id and may_be_reference(one)]
    latest = max(candidates, key=lambda one: (one.adopted_on or date.min, one.plan_version), default=None)
    return None if latest is None else latest.plan_version
