"""The letters of the PDF: a serif as wide as Times New Roman in which every Vietnamese letter was tried, not assumed.

A family's name promises nothing: Liberation Serif 1 lacks ơ and ư. So each candidate sets the whole alphabet in its
four styles, and typst refuses what it cannot show.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path

import typst

# As wide as each other, letter by letter.
METRIC_FAMILIES = ("Times New Roman", "Liberation Serif", "Tinos")
# Carried by typst itself.
EMBEDDED_FAMILY = "Libertinus Serif"
MEND = "as root: make setup-system (Debian: apt-get install fonts-liberation2)"
_LETTERS = "aàáảãạăằắẳẵặâầấẩẫậbcdđeèéẻẽẹêềếểễệfghiìíỉĩịjklmnoòóỏõọôồốổỗộơờớởỡợpqrstuùúủũụưừứửữựvwxyỳýỷỹỵz"
ALPHABET = f"{_LETTERS} {_LETTERS.upper()} 0123456789 .,;:!?()[]/%&@#+−–—…‘’“”•≤≥±²³"


@dataclass(frozen=True)
class Face:
    """A font family and the folder it lies in; None for the one that typst carries."""

    family: str
    folder: Path | None

    @property
    def is_metric(self) -> bool:
        """Whether lines break as they would in Times New Roman."""
        return self.folder is not None

    def fonts(self) -> typst.Fonts:
        """What typst may set with: this folder and what it carries, nothing that happens to be installed."""
        folders = [] if self.folder is None else [str(self.folder)]
        return typst.Fonts(include_system_fonts=False, include_embedded_fonts=True, font_paths=folders)

    def said(self) -> str:
        """In words, with the mend when it is not as wide as Times New Roman."""
        if self.folder is not None:
            return f"{self.family} ({self.folder})"
        return f"{self.family}, which typst carries; lines break otherwise than in Times New Roman. {MEND}"


@cache
def print_face() -> Face:
    """The first family as wide as Times New Roman that has every letter, wherever it is installed; else typst's own."""
    installed = typst.Fonts(include_system_fonts=True, include_embedded_fonts=False).fonts()
    for family in METRIC_FAMILIES:
        folders = sorted(
            {Path(font.path).parent for font in installed if font.family == family and font.path}
        )
        for folder in folders:
            face = Face(family, folder)
            if has_every_letter(face):
                return face
    return Face(EMBEDDED_FAMILY, None)


def has_every_letter(face: Face) -> bool:
    """Whether the family has the Vietnamese alphabet, digits and signs, upright, bold, italic and both."""
    if face.family not in face.fonts().families():
        return False
    styles = "".join(
        f'#text(weight: "{weight}", style: "{style}", sys.inputs.letters)\n'
        for weight in ("regular", "bold")
        for style in ("normal", "italic")
    )
    source = f'#set document(title: "x")\n#set text(font: sys.inputs.family, fallback: false)\n{styles}'
    try:
        # PDF/UA asks that every letter can be shown.
        typst.compile(
            source.encode(),
            format="pdf",
            font_paths=face.fonts(),
            ignore_system_fonts=True,
            sys_inputs={"family": face.family, "letters": ALPHABET},
            pdf_standards=["ua-1"],
        )
    except typst.TypstError:
        return False
    return True
