"""Letters that no XML file can hold, and so no Word file, workbook or drawing (XML 1.0, production 2, Char)."""

import re

# C0 controls but tab, line feed and carriage return; surrogates that stand alone; U+FFFE and U+FFFF.
NOT_IN_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


def without_them(text: str) -> str:
    """A text without the letters that XML cannot hold."""
    return NOT_IN_XML.sub("", text)
