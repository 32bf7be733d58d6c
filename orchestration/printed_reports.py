"""What `ppw report` does: the report's files in a release, and one report built on demand."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from expectations.gate.clearance import Clearance
from reports.milestone_facts import every_milestone
from reports.numbers import Language
from reports.paper.contents import write_contents
from reports.paper.editions import Edition
from reports.paper.files import material_of, parts_of, written
from reports.paper.fonts import Face
from reports.paper.report_file import FOLDER, WHOLE, Format, ReportFile, editions_of
from reports.paper.scope import Scope, extracts
from reports.release_data import Release, release_at
from reports.target_facts import every_target, of_the_plan
from reports.words import Words
from store.manifest import MANIFEST_NAME
from store.settings import Settings


@dataclass(frozen=True)
class Asked:
    """The report asked for, in the words of the command line; None where it is left to the release."""

    edition: str | None
    department: str | None
    domain: str | None
    format: str
    language: str
    clearance: Clearance


def reports_of(directory: Path) -> dict[str, Any]:
    """The report's files of a release, and the editions and parts that can be built: rows under files, editions, parts.

    Raises LookupError where nothing can be reported on yet.
    """
    release, words = release_at(directory), Words("vi")
    editions = editions_of(release)
    milestones = [facts for facts in every_milestone(release) if facts.reference]
    parts = extracts([*of_the_plan(every_target(release)), *milestones])
    return {
        "files": [
            {"file": name, "size_bytes": entry.size_bytes}
            for name, entry in release.manifest.files.items()
            if name.startswith(f"{FOLDER}/")
        ],
        "editions": [
            {
                "edition": edition.name,
                "period": edition.period(words),
                "closed": edition.closed,
                "default": edition is editions[0],
            }
            for edition in editions
        ],
        "parts": [
            {"option": f"--{part.kind}", "id": _id(part), "name": _name(part, words)} for part in parts
        ],
    }


def build_report(settings: Settings, directory: Path, asked: Asked, out: Path | None) -> dict[str, Any]:
    """Write one report of a release or candidate; returns file, size_bytes, title and font.

    Raises LookupError naming the editions or parts that there are, FileExistsError where a file of the report's name
    lies here and no other was asked for.
    """
    words = Words(cast(Language, asked.language))
    release = release_at(directory).seen_with(asked.clearance)
    edition = _edition(release, asked)
    material, face = material_of(release, _before(settings, release, asked.clearance), words)
    scope = _scope(parts_of(material), asked)
    file = ReportFile(edition, scope, cast(Format, asked.format), words.language, asked.clearance)
    path = out or Path(file.name)
    if out is None and path.exists():
        raise FileExistsError(f"{path} is here already; remove it, or name the file to write with --out")
    paper = write_contents(material, edition, scope, settings, words)
    content = written(paper, file.format, face)
    path.write_bytes(content)
    return {
        "file": str(path),
        "size_bytes": len(content),
        "title": paper.title,
        "font": _font(file.format, face),
    }


def _before(settings: Settings, release: Release, clearance: Clearance) -> Release | None:
    """The release that this one was compared with; None when there was none or it is not here."""
    previous = release.manifest.previous_release_id
    directory = settings.releases_dir / previous if previous else None
    if directory is None or not (directory / MANIFEST_NAME).is_file():
        return None
    return release_at(directory).seen_with(clearance)


def _edition(release: Release, asked: Asked) -> Edition:
    known = editions_of(release)
    if asked.edition is None:
        return known[0]
    for edition in known:
        if edition.name == asked.edition:
            return edition
    names = ", ".join(edition.name for edition in known)
    raise LookupError(
        f"no {asked.edition} period is closed at {release.cut_off:%d/%m/%Y}; there are: {names}"
    )


def _scope(parts: list[Scope], asked: Asked) -> Scope:
    for kind, name in (("domain", asked.domain), ("department", asked.department)):
        if name is None:
            continue
        of_kind = [part for part in parts if part.kind == kind]
        for part in of_kind:
            if name in (part.name, part.key):
                return part
        raise LookupError(f"no {kind} {name!r}; there are: {', '.join(_id(part) for part in of_kind)}")
    return WHOLE


def _id(part: Scope) -> str:
    return part.name if part.kind == "domain" else part.key


def _name(part: Scope, words: Words) -> str:
    return words.of("domain", part.name) if part.kind == "domain" else part.name


def _font(form: Format, face: Face) -> str:
    return face.said() if form == "pdf" else "Times New Roman, as the reader's machine has it"
