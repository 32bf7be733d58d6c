"""What offices are called in English: as the records of the sources they publish name them."""

from __future__ import annotations

import re

from reports.per_release import per_release
from reports.release_data import Release
from reports.words import Words

# An indicator's record names the statistics offices together; so are their sources.
STATISTICS_OFFICE = "Cơ quan thống kê"
_SHORT_FORM = re.compile(r" \([^()]*\)$")


@per_release
def english_names(release: Release) -> dict[str, str]:
    """Vietnamese name -> English name; an office that no record names in English is not in it."""
    names = {STATISTICS_OFFICE: Words("en").of("publisher_kind", "statistics_office")}
    for source in release.rows("dim_source"):
        vietnamese, english = source.get("publisher_vi"), source.get("publisher_en")
        if vietnamese and english:
            # A record may add the short form that an indicator's record leaves out.
            names.setdefault(_SHORT_FORM.sub("", str(vietnamese)), _SHORT_FORM.sub("", str(english)))
            names[str(vietnamese)] = str(english)
    return names
