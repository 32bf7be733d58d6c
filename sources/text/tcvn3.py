"""TCVN3: Vietnamese text as the .Vn fonts stored it until about 2010, and its way back to Unicode.

A .Vn font draws Vietnamese letters at the code points of Western signs: "Cao B»ng" is "Cao Bằng". Where a file
gives the font, the font decides (`decode_by_font`). Where it gives none, the words decide (`Decoder`): a word that
is no Vietnamese syllable as it stands and is one after conversion was TCVN3. A text with Vietnamese letters
of Unicode is never converted, except the words in it that can only be TCVN3 (publishers have cells with both).
A word that reads well either way is decided by its neighbours, and left as it stands where they disagree.
Other encodings of that time (VNI, VISCII) are recognised and refused.
"""

import re
import unicodedata
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from sources.text.syllables import is_syllable, is_well_cased, keeps_school_spelling

TCVN3: dict[str, str] = dict(
    zip(
        "¸µ¶·¹¨¾»¼½Æ©ÊÇÈÉË®ÐÌÎÏÑªÕÒÓÔÖÝ×ØÜÞãßáâä«èåæçé¬íêëìîóïñòô\u00adøõö÷ùýúûüþ¡¢§£¤¥¦",
        "áàảãạăắằẳẵặâấầẩẫậđéèẻẽẹêếềểễệíìỉĩịóòỏõọôốồổỗộơớờởỡợúùủũụưứừửữựýỳỷỹỵĂÂĐÊÔƠƯ",
        strict=True,
    )
)
# Text layers of PDF files give these two for the signs U+00AD and U+00B5 of the font.
PDF_DRIFT: dict[str, str] = {"\u2212": "ư", "\u03bc": "à"}
# A word in which the sign at either code point of mu can only be the prefix "micro".
_MICRO = re.compile(r"[µμ][gmlsLWAVFPT]")
_SIGNS = "".join(map(re.escape, (*TCVN3, *PDF_DRIFT)))
# Letters and the signs that a .Vn font draws as letters; a minus sign belongs to a word only beside a letter.
_WORD = re.compile(rf"(?:[^\W\d_]|[{_SIGNS}\u0300-\u036f])+")

Encoding = Literal["tcvn3", "vni", "viscii", "unicode"]
EncodingOfText = Literal["ascii", "unicode", "tcvn3", "mixed"]


class EncodingError(ValueError):
    """A text is in an encoding that is not read; the message names it and shows a word."""


@dataclass(frozen=True)
class Decoded:
    """A text in Unicode (NFC), what it was before, and the words for which nothing decided."""

    text: str
    encoding: EncodingOfText
    doubts: tuple[str, ...] = ()


@lru_cache(maxsize=1024)
def font_encoding(font_name: str) -> Encoding:
    """Return the encoding that a font's name stands for: `.VnTime`, `ABCDEF+.VnArialH,Bold`, `VNI-Times`."""
    name = font_name.rpartition("+")[2].lstrip("_")
    if re.match(r"\.?Vn[A-Z0-9]", name):
        return "tcvn3"
    if re.match(r"VNI", name, re.IGNORECASE):
        return "vni"
    if re.match(r"VI\s?(?!e)[A-Z]|VISCII", name):
        return "viscii"
    return "unicode"


@lru_cache(maxsize=1024)
def is_capital_font(font_name: str) -> bool:
    """Say whether a .Vn font draws small letters as capitals: .VnTimeH, .VnArialNarrowH,Bold."""
    name = re.split(r"[,\-\s]", font_name.rpartition("+")[2], maxsplit=1)[0]
    return font_encoding(font_name) == "tcvn3" and name.endswith("H")


def _is_letter(char: str) -> bool:
    return char.isalpha() or char in TCVN3


def _letter_at(text: str, at: int) -> str:
    """Return the letter that a .Vn font draws; U+2212 is ư beside a letter, and a minus sign elsewhere."""
    sign = text[at]
    if sign == "\u2212":
        neighbours = text[max(at - 1, 0) : at] + text[at + 1 : at + 2]
        return PDF_DRIFT[sign] if any(_is_letter(neighbour) for neighbour in neighbours) else sign
    return TCVN3.get(sign) or PDF_DRIFT.get(sign, sign)


def convert(text: str) -> str:
    """Map character by character; only the table's code points change, letters above U+00FF stay."""
    return unicodedata.normalize("NFC", "".join(_letter_at(text, at) for at in range(len(text))))


def decode_word(letters: Sequence[tuple[str, str]]) -> str:
    """Return a word of (character, font name) in Unicode, each letter by its own font.

    Raises EncodingError for a font of VNI or VISCII.
    """
    text = "".join(letter for letter, _ in letters)
    decoded, at = "", 0
    for letter, font in letters:
        encoding = font_encoding(font)
        if encoding not in ("unicode", "tcvn3"):
            raise EncodingError(
                f"the font '{font}' stores Vietnamese in {encoding.upper()}, which is not read ('{text[:30]}')"
            )
        for _ in letter:  # a ligature is one character of more than one letter
            drawn = text[at] if encoding == "unicode" else _letter_at(text, at)
            decoded += drawn.upper() if is_capital_font(font) else drawn
            at += 1
    return unicodedata.normalize("NFC", decoded)


def decode_by_font(text: str, font_name: str) -> str:
    """Return the text of one font in Unicode. Raises EncodingError for a font of VNI or VISCII."""
    return decode_word([(letter, font_name) for letter in text])


# --- without fonts: the words decide -------------------------------------------------------------------------

_VNI_MARKS = {
    "ù": "\u0301", "ø": "\u0300", "û": "\u0309", "õ": "\u0303", "ï": "\u0323",
    "â": "\u0302", "á": "\u0302\u0301", "à": "\u0302\u0300", "å": "\u0302\u0309", "ã": "\u0302\u0303",
    "ä": "\u0302\u0323", "ê": "\u0306", "é": "\u0306\u0301", "è": "\u0306\u0300", "ú": "\u0306\u0309",
    "ü": "\u0306\u0303", "ë": "\u0306\u0323",
}  # fmt: skip
_VNI_LETTERS = str.maketrans({"ñ": "đ", "ô": "ơ", "ö": "ư", "æ": "ỉ", "ó": "ĩ", "ò": "ị", "î": "ỵ"})
_VNI_PAIR = re.compile(f"([aeouyơư])([{''.join(_VNI_MARKS)}])")
# RFC 1456, the small letters, as the code points of Latin-1 that they are taken for.
_VISCII = str.maketrans(
    "åâðêô½ßáàäãÕ¤¥¦ç§íìïî¸¯°±²µ¾¶·ÞþÑ×Øæñéèë¨©ª«¬\u00ad®¡¢ÆÇ£óòöõ÷úùüûøýÏÖÛÜ",
    "ăâđêôơưáàảãạấầẩẫậíìỉĩịốồổỗộớờởỡợứừửữựéèẻẽẹếềểễệắằẳẵặóòỏõọúùủũụýỳỷỹỵ",
)


def _from_vni(word: str) -> str:
    small = word.lower().translate(_VNI_LETTERS)
    return unicodedata.normalize("NFC", _VNI_PAIR.sub(lambda pair: pair[1] + _VNI_MARKS[pair[2]], small))


def _from_viscii(word: str) -> str:
    return word.translate(_VISCII)


_REFUSED: dict[Literal["vni", "viscii"], Callable[[str], str]] = {"vni": _from_vni, "viscii": _from_viscii}
# So many different words of a refused encoding, and more than of any that is read, refuse a sheet.
_FEWEST_REFUSED_WORDS = 2

_WordKind = Literal["plain", "unicode", "tcvn3", "either", "neither", "vni", "viscii"]
# A section sign beside a letter is no section sign: "§VT" is ĐVT, "TH§" is THĐ.
_SECTION_SIGN = re.compile(r"§[^\W\d_]|[^\W\d_]§")
# Signs that are words of one letter in .Vn fonts ("« t«" is "ô tô"); other signs alone are meant as signs.
_ALONE = "«¤"


def _same_either_way(word: str, converted: str) -> bool:
    """ý is the one letter that both have at one code point: "quý" and "lý" say nothing."""
    return word.isascii() or (
        converted == word and {letter for letter in word if ord(letter) > 0x7F} == {"ý"}
    )


def _kind_of_unread(word: str) -> _WordKind:
    """Say what a word is that is no syllable, neither as it is nor from TCVN3."""
    if any(ord(letter) > 0xFF and letter not in PDF_DRIFT for letter in word):
        return "unicode"
    for encoding, decode in _REFUSED.items():
        found = decode(word)
        if found.lower() != word.lower() and is_syllable(found):
            return encoding
    return "neither"


@lru_cache(maxsize=65_536)
def _kind(word: str) -> _WordKind:
    """Say how a word can be read. `plain`: the same either way; `neither`: no way reads well."""
    converted = convert(word)
    if _same_either_way(word, converted):
        return "plain"
    reads_as_it_is = is_syllable(word) and is_well_cased(word)
    reads_converted = converted != word and (
        is_syllable(converted) or (not reads_as_it_is and _SECTION_SIGN.search(word) is not None)
    )
    kind: _WordKind
    if _MICRO.fullmatch(word) or (len(word) == 1 and reads_converted and not word.isalpha()):
        kind = "neither"
    elif reads_as_it_is:
        kind = "either" if reads_converted else "unicode"
    elif reads_converted:
        kind = "either" if len(word) == 1 else "tcvn3"
    else:
        kind = _kind_of_unread(word)
    return kind


def _capitals_restored(word: str) -> str:
    """ "NƯớC" -> "NƯỚC": .Vn fonts have no accented capitals, so capital words were set in a second font."""
    plain = [letter for letter in word if letter.isascii() or letter in "ĂÂĐÊÔƠƯ"]
    if len(plain) > 1 and all(letter.isupper() for letter in plain):
        return word.upper()
    return word


def _words(text: str) -> list[str]:
    return [match[0] for match in _WORD.finditer(text) if match[0] != "\u2212"]


def _kinds_of(texts: Iterable[str]) -> dict[_WordKind, set[str]]:
    kinds: dict[_WordKind, set[str]] = {}
    for text in texts:
        if not text.isascii():
            for word in _words(unicodedata.normalize("NFC", text)):
                kinds.setdefault(_kind(word), set()).add(word)
    return kinds


def _certain_words(kinds: dict[_WordKind, set[str]]) -> set[str]:
    converted = {convert(word).lower() for word in kinds.get("tcvn3", ())}
    return converted | {word.lower() for word in kinds.get("unicode", ())}


class Decoder:
    """Decides for texts that stand together (one sheet, one page), of which no font is known.

    Raises EncodingError where the texts are in VNI or VISCII.
    """

    def __init__(self, texts: Iterable[str], further: Iterable[str] = ()) -> None:
        """`texts` decide; words that are certain in `further` texts (other sheets) help with uncertain ones."""
        kinds = _kinds_of(texts)
        tcvn3, plain = kinds.get("tcvn3", set()), kinds.get("unicode", set())
        self._tcvn3, self._unicode = bool(tcvn3), bool(plain)
        # The words that are certain, in Unicode: what the uncertain ones are compared with.
        self._certain = _certain_words(kinds) | _certain_words(_kinds_of(further))
        for encoding, decode in _REFUSED.items():
            words = kinds.get(encoding, set())
            if len(words) >= _FEWEST_REFUSED_WORDS and len(words) > max(len(tcvn3), len(plain)):
                shown = ", ".join(f"'{word}' for '{decode(word)}'" for word in sorted(words)[:3])
                raise EncodingError(f"the Vietnamese text is stored in {encoding.upper()} ({shown})")

    def decode(self, text: str) -> Decoded:
        """Return a text in Unicode; spaces stay as they are."""
        if text.isascii():
            return Decoded(text, "ascii")
        text = unicodedata.normalize("NFC", text)
        kinds = [_kind(word) for word in _words(text)]
        if "tcvn3" in kinds and "unicode" not in kinds:
            return Decoded(_WORD.sub(_whole, text), "tcvn3")
        if "tcvn3" in kinds:
            return self._mixed(text, "mixed")
        if "unicode" in kinds or "either" not in kinds or not self._tcvn3:
            return Decoded(text, "unicode")
        if not self._unicode:
            return Decoded(_WORD.sub(_whole, text), "tcvn3")
        return self._mixed(text, "unicode")

    def _mixed(self, text: str, encoding: EncodingOfText) -> Decoded:
        """Decide word by word; a word that reads either way stays and is named when nothing decides."""
        words = [match[0] for match in _WORD.finditer(text)]
        kinds = [_kind(word) for word in words]
        decided: list[_WordKind] = [
            self._by_words(word) if kind == "either" else kind
            for word, kind in zip(words, kinds, strict=True)
        ]
        decided = [_by_neighbours(decided, at) for at in range(len(decided))]
        doubts = tuple(word for word, kind in zip(words, decided, strict=True) if kind == "either")
        kind_of = iter(decided)
        converted = _WORD.sub(
            lambda match: _whole(match) if next(kind_of) == "tcvn3" else match[0],
            text,
        )
        if encoding == "unicode" and converted != text:
            encoding = "tcvn3" if "unicode" not in decided else "mixed"
        return Decoded(converted, encoding, doubts)

    def _by_words(self, word: str) -> _WordKind:
        """Decide by the words that are certain elsewhere, then by the school spelling."""
        as_it_is, converted = word.lower(), convert(word).lower()
        readings = (as_it_is in self._certain, converted in self._certain)
        if readings[0] == readings[1]:
            readings = (keeps_school_spelling(as_it_is), keeps_school_spelling(converted))
        if readings[0] == readings[1]:
            return "either"
        return "unicode" if readings[0] else "tcvn3"


# A Vietnamese letter of Unicode, and a sign in a word that only a .Vn font draws as a letter.
_LETTER_OF_UNICODE = re.compile("[\u0102\u0103\u0110\u0111\u0128\u0129\u0168-\u01b0\u1ea0-\u1ef9]")
_SIGN_IN_A_WORD = re.compile(r"[a-zA-Z][¡-¿\u00ad]|[¡-¿\u00ad][a-zA-Z]")
_FEWEST_SIGNS = 2


def in_unicode(text: str) -> str:
    """Return the text of a whole file in Unicode, where no font is known.

    Text with Vietnamese letters of Unicode stays, as does what other languages write: TCVN3 needs signs inside
    words. Raises EncodingError for VNI and VISCII.
    """
    if text.isascii() or _LETTER_OF_UNICODE.search(text):
        return text
    decoder = Decoder([text])
    if len(set(_SIGN_IN_A_WORD.findall(text))) < _FEWEST_SIGNS:
        return text
    return decoder.decode(text).text


def _by_neighbours(kinds: list[_WordKind], at: int) -> _WordKind:
    """Return the kind of a word; an uncertain one between two certain ones of a kind is of that kind."""
    if kinds[at] != "either":
        return kinds[at]
    before = next((kind for kind in reversed(kinds[:at]) if kind in ("unicode", "tcvn3")), None)
    after = next((kind for kind in kinds[at + 1 :] if kind in ("unicode", "tcvn3")), None)
    agreed = before if before == after else None
    return agreed or "either"


def _whole(match: re.Match[str]) -> str:
    """Convert a word of a text that is TCVN3; a sign that stands alone and is no letter stays."""
    word = match[0]
    if len(word) == 1 and not word.isalpha() and word not in _ALONE:
        return word
    return word if _MICRO.fullmatch(word) else _capitals_restored(convert(word))
