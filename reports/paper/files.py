"""The report as files: what a candidate carries, and one asked for by name."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

from expectations.gate.clearance import PUBLIC
from reports.paper.contents import Material, read_material, write_contents
from reports.paper.editions import Edition
from reports.paper.fonts import Face, print_face
from reports.paper.model import Paper
from reports.paper.pdf import write_pdf
from reports.paper.pictures import pictures
from reports.paper.report_file import FOLDER, WHOLE, Format, ReportFile, editions_of
from reports.paper.scope import Scope, extracts
from reports.paper.word import write_word
from reports.release_data import Release, release_at
from reports.target_facts import every_target, of_the_plan
from reports.words import Words
from store.manifest import MANIFEST_NAME
from store.settings import Settings

logger = logging.getLogger("ppw")


def material_of(release: Release, before: Release | None, words: Words) -> tuple[Material, Face]:
    """A release read and its charts drawn once for all its reports, and the letters they are set in."""
    face = print_face()
    headlines = [facts for facts in of_the_plan(every_target(release)) if facts.headline]
    return read_material(release, before, pictures(headlines, words, face)), face


def parts_of(material: Material) -> list[Scope]:
    """The domains and offices an extract can be made for."""
    return extracts([*material.targets, *material.milestones])


def written(paper: Paper, form: Format, face: Face) -> bytes:
    """The report in a format."""
    return write_pdf(paper, face) if form == "pdf" else write_word(paper)


def write_reports(directory: Path, before: Path | None, settings: Settings) -> list[Path]:
    """Write the report into a sealed candidate, in its folder `paper`; returns the files.

    The whole plan in every edition, and where the settings ask for it its domains and offices in the edition of the
    cut-off. In Vietnamese, with what everybody may see. `before` is the release the candidate was compared with.
    """
    words = Words("vi")
    release = release_at(directory).seen_with(PUBLIC)
    compared = release_at(before).seen_with(PUBLIC) if before and (before / MANIFEST_NAME).is_file() else None
    folder = directory / FOLDER
    try:
        editions = editions_of(release)
    except LookupError as error:
        logger.warning("no report: %s", error)
        return []
    material, face = material_of(release, compared, words)
    if not face.is_metric:
        logger.warning("report set in %s", face.said())
    folder.mkdir(exist_ok=True)
    asked = [(edition, WHOLE) for edition in editions]
    if settings.report_files == "all":
        asked += [(editions[0], scope) for scope in parts_of(material)]
    paths = []
    for file, content in _files(material, face, asked, settings, words):
        path = folder / file.name
        path.write_bytes(content)
        paths.append(path)
    return paths


def _files(
    material: Material,
    face: Face,
    asked: Sequence[tuple[Edition, Scope]],
    settings: Settings,
    words: Words,
) -> Iterator[tuple[ReportFile, bytes]]:
    """Each report asked for, in both formats. A thread of its own sets the PDF while the Word file is written."""
    with ThreadPoolExecutor(max_workers=1) as setter:
        setting: list[tuple[ReportFile, Future[bytes]]] = []
        for edition, scope in asked:
            paper = write_contents(material, edition, scope, settings, words)
            setting.append((ReportFile(edition, scope, "pdf"), setter.submit(write_pdf, paper, face)))
            yield ReportFile(edition, scope, "docx"), write_word(paper)
        for file, content in setting:
            yield file, content.result()
