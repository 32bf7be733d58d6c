"""Labels as publishers print them, and the key under which two printings of one label meet.

A record names a label in the publisher's words. Publishers print the same label with other spaces,
other letter cases, half-decomposed accents, and with the Icelandic Ð in place of the Vietnamese Đ;
`label_key` is what all those printings share, and nothing more: accents stay, because they tell places apart.
"""

import unicodedata

# Ð (U+00D0) and Ɖ (U+0189) look like Đ (U+0110) in every font; so do their small letters.
_LOOKALIKES = str.maketrans({"Ð": "Đ", "ð": "đ", "Ɖ": "Đ", "ɖ": "đ"})
# Marks without width that word processors leave inside labels; they are never part of a name.
_INVISIBLE = str.maketrans(dict.fromkeys("\u00ad\u200b\u200c\u200d\u2060\ufeff"))


def tidy_text(text: str) -> str:
    """Return `text` in NFC with one space between words, the Vietnamese Đ, and no marks without width."""
    composed = unicodedata.normalize("NFC", text.translate(_INVISIBLE))
    return " ".join(composed.translate(_LOOKALIKES).split())


def label_key(text: str) -> str:
    """Return the key of a label: tidy text, letter case folded. Equal keys mean the same label."""
    return unicodedata.normalize("NFC", tidy_text(tidy_text(text).casefold()))
