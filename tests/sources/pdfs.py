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
