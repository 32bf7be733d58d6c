"""The colours of the pages, each for the light and the dark theme, and how far two colours stand apart.

One accent; states use blue, amber, vermillion and grey, which stay apart for readers who do not see red or
green, and never stand alone: every state also has a shape and a word.
"""

from __future__ import annotations

from typing import Literal, NamedTuple

Theme = Literal["light", "dark"]


class Colour(NamedTuple):
    """One colour in both themes, as #rrggbb."""

    light: str
    dark: str

    def of(self, theme: Theme) -> str:
        """The colour of one theme."""
        return self.light if theme == "light" else self.dark


BACKGROUND = Colour("#ffffff", "#10151b")
SURFACE = Colour("#f3f5f8", "#1b222b")
INK = Colour("#17202a", "#eef1f4")
QUIET = Colour("#525d69", "#aab4bf")
LINE = Colour("#d5dbe2", "#36414d")
ACCENT = Colour("#0b5a9d", "#7db9f2")
BLUE = Colour("#0b5a9d", "#7db9f2")
AMBER = Colour("#875200", "#f0b94d")
VERMILLION = Colour("#b0380a", "#ff9b75")
GREY = Colour("#525d69", "#aab4bf")

COLOURS: dict[str, Colour] = {
    "background": BACKGROUND,
    "surface": SURFACE,
    "ink": INK,
    "quiet": QUIET,
    "line": LINE,
    "accent": ACCENT,
    "blue": BLUE,
    "amber": AMBER,
    "vermillion": VERMILLION,
    "grey": GREY,
}

# Not reached before the target year is no fault, so it is written in ink, not in a colour of alarm.
STATE_COLOURS: dict[str, str] = {
    "reached": "blue",
    "in_band": "blue",
    "above_range": "blue",
    "on_track": "blue",
    "lost": "vermillion",
    "not_reached": "ink",
    "slightly_behind": "amber",
    "behind": "vermillion",
    "moving_away": "vermillion",
    "not_assessed": "grey",
    # What an aspiration falls short of.
    "aspiration": "ink",
    "done": "blue",
    "done_late": "blue",
    "overdue": "vermillion",
    "due": "amber",
    "not_due": "ink",
    "no_report": "grey",
    "not_public": "grey",
    "withdrawn": "grey",
}


def contrast(first: str, second: str) -> float:
    """Contrast of two #rrggbb colours by WCAG 2, from 1 (equal) to 21 (black on white)."""

    def luminance(colour: str) -> float:
        parts = [int(colour[start : start + 2], 16) / 255 for start in (1, 3, 5)]
        red, green, blue = (p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue

    bright, dim = sorted((luminance(first), luminance(second)), reverse=True)
    return (bright + 0.05) / (dim + 0.05)
