"""The charts of the pages as pictures for print: SVG for the PDF, and the same SVG as PNG for Word.

Both are set by typst with the letters of the report, so no letter is taken from whatever font a machine has.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

import typst

from reports.charts import target_chart
from reports.paper.fonts import Face
from reports.paper.model import Picture
from reports.statements import chart_summary
from reports.target_facts import TargetFacts
from reports.words import Words
from store.xml_letters import without_them

# Points on paper: the width between the margins, and a height at which two charts fit on a page with their words.
WIDTH, HEIGHT = 560, 175
_PIXELS_PER_INCH = 200
_PAGES = b"""
#set page(width: float(sys.inputs.width) * 1pt, height: float(sys.inputs.height) * 1pt, margin: 0pt)
#for drawing in json(bytes(sys.inputs.drawings)) { page(image(bytes(drawing), format: "svg", width: 100%)) }
"""


def pictures(every: Sequence[TargetFacts], words: Words, face: Face) -> Mapping[tuple[str, str], Picture]:
    """The charts of targets by (plan version, target id); a target with fewer than two figures to draw has none: its
    sentence says all of it.
    """
    drawings = {
        (facts.plan_version, facts.target_id): (drawing, chart_summary(facts, words))
        for facts in every
        if len(facts.comparable_points()) > 1 and (drawing := _drawing(facts, words, face)) is not None
    }
    if not drawings:
        return {}
    pages = typst.compile(
        _PAGES,
        format="png",
        ppi=_PIXELS_PER_INCH,
        font_paths=face.fonts(),
        ignore_system_fonts=True,
        sys_inputs={
            "width": str(WIDTH),
            "height": str(HEIGHT),
            "drawings": json.dumps([drawing for drawing, _ in drawings.values()]),
        },
    )
    images = pages if isinstance(pages, list) else [pages]
    return {
        key: Picture(drawing, image, WIDTH, HEIGHT, alt)
        for (key, (drawing, alt)), image in zip(drawings.items(), images, strict=True)
    }


def _drawing(facts: TargetFacts, words: Words, face: Face) -> str | None:
    """The chart as SVG of a fixed size, on white, in the letters of the report."""
    import vl_convert

    chart = target_chart(facts, words, "light")
    if chart is None:
        return None
    # What the charts are made of is checked by their own tests; checking each again costs more than drawing it.
    specification = chart.to_dict(validate=False)
    config = specification.setdefault("config", {})
    config["font"] = face.family
    config["background"] = "white"
    specification |= {
        "width": WIDTH,
        "height": HEIGHT,
        "autosize": {"type": "fit", "contains": "padding"},
        "padding": 4,
    }
    return without_them(vl_convert.vegalite_to_svg(specification))
