"""Words of a PDF page, made from its letters: a text layer has letters at places, and not always spaces.

Letters of one baseline are one line, whatever fonts they are of. A space parts two words, and so does a gap that is
wide for this page; so words are found where the file has no spaces. Text that is set across the page is turned.
"""

import re
import statistics
import unicodedata
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any

from sources.text.labels import tidy_text
from sources.text.numbers import read_printed_number
from sources.text.tcvn3 import Decoder, decode_word, font_encoding

# Points: letters of one line, and a label and its figures, stand up to so far apart in height.
_LINE_HEIGHT = 3.0
# A raised letter, by the size of the letter before it: how large at most, how high at least, how near at most.
_SMALLER = 0.9
_RAISED = 0.15
_RAISED_BESIDE = 0.6
# A gap wider than usual by so much of the letters' size parts words: a space is 0.2 to 0.3, kerning less than 0.1.
_SPACE = 0.15
# Smaller letters beside a figure are the mark of a note and no digits of it.
_SMALL = 0.8
# A letter drawn again so near (of its size) makes it bold; a digit upon another digit makes both unreadable.
_DRAWN_AGAIN = 0.15
_UPON = 0.5
# A picture of so much of the page is what a scanner made, and text upon it what a machine read in it.
_PICTURE = 0.7
# Points: words that begin or end this close to one another stand at one edge.
SAME_EDGE = 0.6
# So many words that begin at one place make it the left edge of a column.
_AN_EDGE = 3

_NOTE_MARK = re.compile(r"\(?\*+\)?")
_NOTED = re.compile(r"([-−]?\d[\d.,]*)(%|\(?\*+\)?|[¹²³⁴-⁹]+|\(\d{1,2}\))")
_IN_BRACKETS = re.compile(r"\([-−]?\d[\d.,]*\)")


class UnclearPageError(ValueError):
    """The letters of a page do not make words; the message says why."""


@dataclass(frozen=True)
class Word:
    """A word in Unicode: its ends and baseline in points from the page's top left, the size of its letters.

    `note` is what is printed on a figure and is no digit of it: the mark of a note, a percent sign.
    """

    text: str
    x0: float
    x1: float
    bottom: float
    size: float
    note: str = ""

    @property
    def middle(self) -> float:
        return (self.x0 + self.x1) / 2

    @property
    def is_value(self) -> bool:
        """Say whether this is a figure or a mark for none; a figure in brackets is one that is not understood."""
        printed = read_printed_number(self.text, "either")
        readable = printed.missing_code != "unreadable" or bool(printed.flags)
        return readable or _IN_BRACKETS.fullmatch(self.text) is not None

    @property
    def is_figure(self) -> bool:
        printed = read_printed_number(self.text, "either")
        return printed.decimal is not None or bool(printed.flags)


@dataclass(frozen=True)
class _Letter:
    text: str
    font: str
    size: float
    x0: float
    x1: float
    baseline: float
    is_raised: bool = False

    @property
    def is_space(self) -> bool:
        return self.text.isspace()


# --- letters ------------------------------------------------------------------------------------------------


def _direction(char: dict[str, Any]) -> tuple[int, int]:
    """Return where a line of text goes: (1, 0) to the right, (0, 1) up, (0, -1) down."""
    a, b = char["matrix"][:2]
    return (1 if a > 0 else -1, 0) if abs(a) >= abs(b) else (0, 1 if b > 0 else -1)


def _turned(char: dict[str, Any], direction: tuple[int, int], width: float, height: float) -> _Letter:
    """Return a letter as if text of this direction were set upright."""
    x, y = char["matrix"][4:6]
    size, x0, x1, baseline = char["size"], char["x0"], char["x1"], height - y
    if direction == (0, 1):
        size, x0, x1, baseline = char["x1"] - char["x0"], height - char["bottom"], height - char["top"], x
    elif direction == (0, -1):
        size, x0, x1, baseline = char["x1"] - char["x0"], char["top"], char["bottom"], width - x
    elif direction == (-1, 0):
        x0, x1, baseline = width - char["x1"], width - char["x0"], y
    return _Letter(char["text"], char["fontname"], size, x0, x1, baseline)


def _letters(page: Any) -> list[_Letter]:
    """Return the letters of the direction that most text of the page has."""
    chars = [char for char in page.chars if char["text"]]
    directions = Counter(_direction(char) for char in chars if not char["text"].isspace())
    if not directions:
        return []
    main = directions.most_common(1)[0][0]
    letters: list[_Letter] = []
    for char in chars:
        if _direction(char) == main:
            letter = _turned(char, main, float(page.width), float(page.height))
            if letters and unicodedata.combining(letter.text[0]):
                letters[-1] = replace(letters[-1], text=letters[-1].text + letter.text)
            else:
                letters.append(letter)
    return letters


def _lines_of_letters(letters: list[_Letter]) -> list[list[_Letter]]:
    """Part letters by their baselines; each line from left to right, without what was drawn twice."""
    lines: list[list[_Letter]] = []
    for letter in sorted(_lowered(letters), key=lambda letter: letter.baseline):
        if lines and letter.baseline - lines[-1][0].baseline <= _LINE_HEIGHT:
            lines[-1].append(letter)
        else:
            lines.append([letter])
    return [_drawn_once(sorted(line, key=lambda letter: letter.x0)) for line in lines]


def _lowered(letters: list[_Letter]) -> Iterator[_Letter]:
    """Put a small raised letter on the baseline of the letter that it is written after: the 2 of km2, a note's mark."""
    before: _Letter | None = None
    size = 0.0
    for letter in letters:
        if before is not None and not letter.is_space:
            raised = abs(before.baseline - letter.baseline)
            is_beside = abs(letter.x0 - before.x1) < _RAISED_BESIDE * size
            is_raised = before.is_raised and raised < _RAISED_BESIDE * size
            if (
                is_beside
                and letter.size < _SMALLER * size
                and (_RAISED * size < raised < _RAISED_BESIDE * size or is_raised)
            ):
                before = replace(letter, baseline=before.baseline, is_raised=True)
                yield before
                continue
        before, size = letter, letter.size
        yield letter


def _drawn_once(line: list[_Letter]) -> list[_Letter]:
    kept: list[_Letter] = []
    for letter in line:
        # A letter drawn again to look bold may have its neighbour in between.
        if any(
            letter.text == other.text and letter.x0 - other.x0 < _DRAWN_AGAIN * letter.size
            for other in kept[-3:]
        ):
            continue
        before = kept[-1] if kept else None
        if (
            before is not None
            and letter.text.isdigit()
            and before.text.isdigit()
            and before.x1 - letter.x0 > _UPON * (letter.x1 - letter.x0)
        ):
            raise UnclearPageError(f"figures stand upon one another ('{before.text}' and '{letter.text}')")
        kept.append(letter)
    return kept


def _usual_gap(lines: list[list[_Letter]]) -> float:
    """Return the usual gap between letters of a word, of their size: more than none where letters are spaced out."""
    gaps = [
        (after.x0 - before.x1) / max(before.size, after.size, 1.0)
        for line in lines
        for before, after in pairwise(line)
        if not before.is_space and not after.is_space
    ]
    near = [gap for gap in gaps if gap < 1]
    return max(statistics.median(near), 0.0) if near else 0.0


def _pieces(line: list[_Letter], usual_gap: float) -> Iterator[list[_Letter]]:
    piece: list[_Letter] = []
    for letter in line:
        gap = letter.x0 - piece[-1].x1 if piece else 0.0
        if piece and (letter.is_space or gap > (usual_gap + _SPACE) * max(letter.size, piece[-1].size)):
            yield piece
            piece = []
        if not letter.is_space:
            piece.append(letter)
    if piece:
        yield piece


# --- words --------------------------------------------------------------------------------------------------


def _without_small(piece: list[_Letter]) -> tuple[list[_Letter], list[_Letter]]:
    """Part the small letters after a figure from it: "234,4" and a raised "(2)"."""
    size = max(letter.size for letter in piece)
    kept = len(piece)
    while kept and (piece[kept - 1].is_raised or piece[kept - 1].size < _SMALL * size):
        kept -= 1
    figure = "".join(letter.text for letter in piece[:kept])
    if kept == len(piece) or read_printed_number(figure, "either").missing_code is not None:
        return piece, []
    return piece[:kept], piece[kept:]


def _texts(pieces: list[list[_Letter]]) -> list[str]:
    """Return pieces in Unicode: by font, or by the words where no font is a .Vn font."""
    texts = [decode_word([(letter.text, letter.font) for letter in piece]) for piece in pieces]
    if any(font_encoding(letter.font) == "tcvn3" for piece in pieces for letter in piece):
        return texts
    decoder = Decoder(texts)
    return [decoder.decode(text).text for text in texts]


def page_words(page: Any) -> list[list[Word]]:
    """Return the words of a page of pdfplumber, line by line from the top, each line from left to right.

    Raises UnclearPageError where figures stand upon one another or upon a scanned picture, and EncodingError for fonts
    of an encoding that is not read.
    """
    letters = _letters(page)
    pictures = sum(float(image["width"]) * float(image["height"]) for image in page.images)
    if letters and pictures > _PICTURE * float(page.width) * float(page.height):
        raise UnclearPageError("a scan or a picture under the text: a machine read these figures in it")
    lines = _lines_of_letters(letters)
    usual_gap = _usual_gap(lines)
    pieces = [list(_pieces(line, usual_gap)) for line in lines]
    starts = Counter(_edge(piece[0].x0) for line in pieces for piece in line)
    parted = [[_without_small(part) for piece in line for part in _cut_off(piece, starts)] for line in pieces]
    texts = iter(_texts([piece for line in parted for piece, _ in line]))
    words = [[_word(piece, next(texts), small) for piece, small in line] for line in parted]
    return [kept for line in words if (kept := [word for word in line if _is_kept(word)])]


def _edge(x: float) -> int:
    return round(x / SAME_EDGE)


def _cut_off(piece: list[_Letter], starts: Counter[int]) -> list[list[_Letter]]:
    """Part a label from the figure that cuts it off, where other words begin at the figure's left edge."""
    at = len(piece)
    while at and (piece[at - 1].text.isdigit() or piece[at - 1].text in ".,"):
        at -= 1
    is_label = 0 < at < len(piece) and piece[at].text.isdigit() and piece[at - 1].text not in "-−–("
    edge = _edge(piece[at].x0) if is_label else 0
    if is_label and sum(starts[near] for near in (edge - 1, edge, edge + 1)) >= _AN_EDGE:
        return [piece[:at], piece[at:]]
    return [piece]


def _is_kept(word: Word) -> bool:
    return bool(tidy_text(word.text)) and not _NOTE_MARK.fullmatch(word.text)


def _word(piece: list[_Letter], text: str, small: list[_Letter]) -> Word:
    note = "".join(letter.text for letter in small)
    noted = _NOTED.fullmatch(text)
    figure, note = (noted[1], noted[2] + note) if noted else (text, note)
    largest = max(piece, key=lambda letter: letter.size)
    return Word(figure, piece[0].x0, piece[-1].x1, largest.baseline, largest.size, note)
