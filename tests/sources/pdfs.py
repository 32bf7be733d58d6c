"""PDF files made in tests: words at places, in fonts of a given name."""

from collections.abc import Sequence

# x, y from the bottom, size, font name, text as Latin-1
Placed = tuple[float, float, float, str, str]


def pdf(pages: Sequence[Sequence[Placed]]) -> bytes:
    """Return a PDF whose fonts are named as given and encoded as Windows does."""
    fonts = sorted({font for page in pages for _, _, _, font, _ in page})
    objects = ["<< /Type /Catalog /Pages 2 0 R >>", ""]
    resources = ""
    for number, font in enumerate(fonts):
        objects.append(
            f"<< /Type /FontDescriptor /FontName /{font} /Flags 32 /FontBBox [0 -200 1000 800] "
            "/Ascent 800 /Descent -200 /CapHeight 700 /ItalicAngle 0 /StemV 80 >>"
        )
        resources += f"/F{number} {len(objects) + 1} 0 R "
        objects.append(
            f"<< /Type /Font /Subtype /TrueType /BaseFont /{font} /Encoding /WinAnsiEncoding "
            f"/FontDescriptor {len(objects)} 0 R /FirstChar 0 /LastChar 255 /Widths [{' '.join(['500'] * 256)}] >>"
        )
    kids = []
    for page in pages:
        stream = "".join(
            f"BT /F{fonts.index(font)} {size} Tf {x} {y} Td <{text.encode('cp1252').hex()}> Tj ET\n"
            for x, y, size, font, text in page
        )
        objects.append(f"<< /Length {len(stream)} >>\nstream\n{stream}endstream")
        kids.append(f"{len(objects) + 1} 0 R")
        objects.append(
            f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents {len(objects)} 0 R "
            f"/Resources << /Font << {resources}>> >> >>"
        )
    objects[1] = f"<< /Type /Pages /Kids [{' '.join(kids)}] /Count {len(kids)} >>"
    body, places = "%PDF-1.4\n", []
    for number, content in enumerate(objects, start=1):
        places.append(len(body))
        body += f"{number} 0 obj\n{content}\nendobj\n"
    table = "".join(f"{place:010d} 00000 n \n" for place in places)
    body += f"xref\n0 {len(objects) + 1}\n0000000000 65535 f \n{table}"
    body += f"trailer << /Size {len(objects) + 1} /Root 1 0 R >>\nstartxref\n{body.index('xref')}\n%%EOF\n"
    return body.encode("latin-1")


# --- tables, each word placed; every letter of a font that no library knows is half its size wide -------------

FONT = "Made"


def wide(text: str, size: float) -> float:
    return 0.5 * size * len(text)


def placed(x: float, y: float, text: str, align: str = "left", size: float = 9) -> Placed:
    """Return a text that begins, ends or is centred at x."""
    shift = {"left": 0.0, "right": 1.0, "centre": 0.5}[align] * wide(text, size)
    return (round(x - shift, 2), y, size, FONT, text)


def one_by_one(word: Placed, space: float) -> list[Placed]:
    """Return a text as letters placed one by one, without spaces: gaps of `space` of the size stand for them."""
    x, y, size, font, text = word
    letters: list[Placed] = []
    for letter in text:
        if letter != " ":
            letters.append((round(x, 2), y, size, font, letter))
        x += 0.5 * size if letter != " " else space * size
    return letters


def printed(
    rows: Sequence[tuple[str, Sequence[str]]],
    head: Sequence[Placed] = (),
    align: str = "right",
    top: float = 735,
    step: float = 14,
) -> list[Placed]:
    """Return rows with labels at 55 and figures at 330, 400, ...; `head` is what stands above them."""
    page = list(head)
    for line, (label, figures) in enumerate(rows):
        y = top - step * line
        if label:
            page.append(placed(55, y, label))
        page += [placed(330 + 70 * at, y, text, align) for at, text in enumerate(figures) if text]
    return page
