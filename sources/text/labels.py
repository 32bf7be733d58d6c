"""Labels as publishers print them, and the key under which two printings of one label meet.

A record names a label in the publisher's words. Publishers print the same label with other spaces,
other letter cases, half-decomposed accents, with the Icelandic Ð in place of the Vietnamese Đ, and with the tone of
oa, oe and uy on either letter (Hoà An, Hòa An); `label_key` is what all those printings share, and nothing more:
accents stay, because they tell places apart.
"""

import re
import unicodedata

# Keys are stored with cells; a change of the rule below makes them be computed again.
KEY_VERSION = "2"

# Ð (U+00D0) and Ɖ (U+0189) look like Đ (U+0110) in every font; so do their small letters.
_LOOKALIKES = str.maketrans({"Ð": "Đ", "ð": "đ", "Ɖ": "Đ", "ɖ": "đ"})
# Marks without width that word processors leave inside labels; they are never part of a name.
_INVISIBLE = str.maketrans(dict.fromkeys("\u00ad\u200b\u200c\u200d\u2060\ufeff"))


def tidy_text(text: str) -> str:
    """Return `text` in NFC with one space between words, the Vietnamese Đ, and no marks without width."""
    if text.isascii():
        return " ".join(text.split())
    composed = unicodedata.normalize("NFC", text.translate(_INVISIBLE))
    return " ".join(composed.translate(_LOOKALIKES).split())


# At the end of a word the tone of oa, oe, uy stands on the second letter (new style) or the first (old style).
# After q the u belongs to the consonant, so there the y alone can carry it: quý, never qúy.
_PLACES = "oà òa oá óa oả ỏa oã õa oạ ọa oè òe oé óe oẻ ỏe oẽ õe oẹ ọe uỳ ùy uý úy uỷ ủy uỹ ũy uỵ ụy"  # new old, ...
_NEW_STYLE = dict(zip(_PLACES.split()[::2], _PLACES.split()[1::2], strict=True))
_OPEN_END = re.compile(rf"(?<!q)(?:{'|'.join(_NEW_STYLE)})(?!\w)")
_AFTER_Q = {f"q{old}": f"q{new}" for new, old in _NEW_STYLE.items() if new.startswith("u")}
_MISPLACED = re.compile(rf"(?:{'|'.join(_AFTER_Q)})(?!\w)")


def old_tone_placement(small_letters: str) -> str:
    """Return a text in small letters (NFC) with the tone of final oa, oe, uy on the first letter: hoà -> hòa."""
    moved = _OPEN_END.sub(lambda match: _NEW_STYLE[match[0]], small_letters)
    return _MISPLACED.sub(lambda match: _AFTER_Q[match[0]], moved)


def label_key(text: str) -> str:
    """Return the key of a label: tidy text, letter case folded, tones at their old places. Equal keys mean the
    same label.
    """
    if text.isascii():
        return tidy_text(text.casefold())
    return old_tone_placement(unicodedata.normalize("NFC", tidy_text(tidy_text(text).casefold())))
