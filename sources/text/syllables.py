"""Vietnamese syllables: does a word have the shape of one? The test by which old encodings are told apart."""

import re
import unicodedata
from functools import lru_cache

_TONES = {"\u0300", "\u0301", "\u0303", "\u0309", "\u0323"}
# A syllable that ends in one of these stops is pronounced with the sharp or the heavy tone only.
_STOPS = ("c", "ch", "p", "t", "k")
_STOP_TONES = {"\u0301", "\u0323"}

_ONSET_LETTERS = "b c ch d đ g gh gi h k kh l m n ng ngh nh p ph qu r s t th tr v x"
# Nucleus -> its endings; "-" is none. The endings in k are those of names from the highlands (Đắk Lắk).
_RHYMES = {
    "a": "- c ch i m n ng nh o p t u y k", "ă": "- c m n ng p t k", "â": "c m n ng p t u y",
    "e": "- c m n ng o p t", "ê": "- c ch m n nh p t u k", "i": "- a ch m n nh p t u k",
    "iê": "c m n ng p t u", "yê": "m n ng t u", "y": "- n nh t",
    "o": "- c i m n ng p t k", "oa": "- c ch i m n ng nh o p t y", "oă": "c m n ng t", "oe": "- n o t",
    "oo": "c ng", "ô": "- c i m n ng p t k", "ơ": "- i m n p t k", "u": "- a c i m n ng p t k",
    "uâ": "c n ng t y", "uê": "- ch nh", "uô": "c i m n ng t", "uơ": "-", "uy": "- a ch n nh p t u",
    "uyê": "n t", "ư": "- a c i m ng t u", "ươ": "c i m n ng p t u",
}  # fmt: skip
_ONSETS = sorted(_ONSET_LETTERS.split(), key=len, reverse=True)
_ENDED = [nucleus + end.strip("-") for nucleus, ends in _RHYMES.items() for end in ends.split()]
_SYLLABLE = re.compile(rf"(?:{'|'.join(_ONSETS)})?(?:{'|'.join(_ENDED)})")
# The school rule of spelling: k, gh, ngh before e, ê, i, y and c, g, ng before the others.
_AGAINST_SCHOOL = re.compile(r"(?:k(?!h)|ngh|gh)(?![eêiy])|(?:c(?!h)|ng(?!h)|g(?![ih]))(?=[eêiy])")


def _without_tones(word: str) -> tuple[str, list[str]]:
    """Return the word in small letters without its tone marks, and the marks."""
    parts = unicodedata.normalize("NFD", word.lower())
    plain = "".join(mark for mark in parts if mark not in _TONES)
    return unicodedata.normalize("NFC", plain), [mark for mark in parts if mark in _TONES]


def is_well_cased(word: str) -> bool:
    """Say whether a word is in small letters, in capitals, or in small letters after one capital."""
    return word.islower() or word.isupper() or (word[:1].isupper() and word[1:].islower())


def keeps_school_spelling(word: str) -> bool:
    """Say whether the first letters fit the vowel after them; names from the highlands break the rule ("Kạn")."""
    return _AGAINST_SCHOOL.match(_without_tones(word)[0]) is None


@lru_cache(maxsize=65_536)
def is_syllable(word: str) -> bool:
    """Say whether a word, in any letter case, is spelled as a Vietnamese syllable with at most one tone."""
    plain, tones = _without_tones(word)
    if len(tones) > 1 or not _SYLLABLE.fullmatch(plain):
        return False
    return not tones or not plain.endswith(_STOPS) or tones[0] in _STOP_TONES
