"""TCVN3: decided by font or by the words, character by character; Unicode text is never converted."""

import unicodedata
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sources.adapters.workbook_file import open_workbook
from sources.text.syllables import is_syllable
from sources.text.tcvn3 import (
    TCVN3,
    Decoder,
    EncodingError,
    decode_by_font,
    font_encoding,
    is_capital_font,
)

_TO_TCVN3 = str.maketrans({letter: sign for sign, letter in TCVN3.items()})

_NAMES = """Cao Bằng Hà Giang Bắc Kạn Tuyên Quang Lào Cai Yên Bái Thái Nguyên Lạng Sơn Phú Thọ Điện Biên Sơn La Hoà Bình
nước tỷ đồng nghìn người diện tích năng suất sản lượng lúa ngô khoai chỉ số phát triển so với cùng kỳ năm trước tổng
sổ số số bộ lóa lúa tè cái thép tròn trong đó nông nghiệp lâm thuỷ sản quý lý ở ô tô xã phường
thị trấn cả vùng đất ước tính giảm tăng khu vực kinh tế đầu tư trực tiếp nước ngoài kỹ thuật"""
words = st.lists(st.sampled_from(_NAMES.split()), min_size=1, max_size=8).map(" ".join)


def encoded(text: str) -> str:
    """Return small Vietnamese letters as a .Vn font stored them."""
    return text.translate(_TO_TCVN3)


@given(words)
def test_what_a_font_stored_comes_back(text: str) -> None:
    assert decode_by_font(encoded(text), ".VnTime") == text


@given(st.lists(words, min_size=1, max_size=6))
def test_words_decide_where_no_font_is_known(texts: list[str]) -> None:
    texts = ["Tỉnh Cao Bằng", *texts]
    stored = [encoded(text) for text in texts]
    decoder = Decoder(stored)
    assert [decoder.decode(text).text for text in stored] == texts


@given(st.lists(words, min_size=1, max_size=6))
def test_unicode_is_left_alone_and_decoding_twice_is_decoding_once(texts: list[str]) -> None:
    decoder = Decoder(texts)
    assert [decoder.decode(text).text for text in texts] == texts


@given(st.text(alphabet=st.characters(min_codepoint=0x100, exclude_categories=["M"])))
def test_letters_above_latin_1_stay(text: str) -> None:
    text = unicodedata.normalize("NFC", text.replace("−", "").replace("μ", ""))
    assert decode_by_font(text, ".VnTime") == text
    assert Decoder([text]).decode(text).text == text


def test_a_cell_with_both_is_converted_word_by_word() -> None:
    cell = "1. Tæng s¶n phÈm trong n\u00adíc 6 th¸ng đầu n¨m 2009"
    decoded = Decoder([cell, "đầu tư"]).decode(cell)
    assert (decoded.text, decoded.encoding) == ("1. Tổng sản phẩm trong nước 6 tháng đầu năm 2009", "mixed")


def test_a_word_that_reads_both_ways_follows_its_neighbours_or_is_named() -> None:
    assert Decoder(["Lóa", "Cao B»ng"]).decode("Lóa").text == "Lúa"
    assert Decoder(["Lóa", "Cao Bằng"]).decode("Lóa").text == "Lóa"
    decoder = Decoder(["sè", "Cao B»ng", "Cao Bằng", "đồng"])
    assert decoder.decode("Bé") == decoder.decode(decoder.decode("Bé").text)
    assert decoder.decode("Bé").doubts == ("Bé",)
    assert Decoder(["Bé", "Cao B»ng", "đồng"], further=["Bộ trưởng"]).decode("Bé").text == "Bộ"


def test_signs_that_are_no_letters_stay() -> None:
    for text in [
        "Điều 5 § 2",
        "Bụi PM10 (µg/m3)",
        "Excel® 2010",
        "Côte d'Ivoire",
        "café",
        "España",
        "10 × 5 ± 1",
    ]:
        assert Decoder([text]).decode(text).text == text


@pytest.mark.parametrize(
    ("stored", "font", "text"),
    [
        ("C¶ N¦íC", ".VnTimeH", "CẢ NƯỚC"),
        ("tØnh", "ABCDEF+.VnArialH,Bold", "TỈNH"),
        ("H−ng Yªn, Trung du vμ miÒn nói", "BGZSUT+.VnArialNarrow", "Hưng Yên, Trung du và miền núi"),
        ("−9,5", ".VnArial", "−9,5"),
        ("Quảng Hòa", "Times New Roman", "Quảng Hòa"),
        ("đầu n¨m", ".VnTime", "đầu năm"),
    ],
)
def test_the_font_decides(stored: str, font: str, text: str) -> None:
    assert decode_by_font(stored, font) == text


@pytest.mark.parametrize(
    ("font", "encoding", "capitals"),
    [
        (".VnTime", "tcvn3", False),
        ("AAAAAJ+VnTime", "tcvn3", False),
        (".VnArialNarrowH,Bold", "tcvn3", True),
        ("VNI-Times", "vni", False),
        ("Arial", "unicode", False),
        ("Vinhan", "unicode", False),
    ],
)
def test_what_a_font_is_named(font: str, encoding: str, capitals: bool) -> None:
    assert (font_encoding(font), is_capital_font(font)) == (encoding, capitals)


def test_capitals_without_a_font() -> None:
    assert Decoder(["C¶ N¦íC"]).decode("C¶ N¦íC").text == "Cả NƯỚC"


@pytest.mark.parametrize(
    ("texts", "name"),
    [
        (["Tænh Cao Baèng", "tyû ñoàng", "Dieän tích"], "VNI"),
        (["di®n tích cüa tïnh", "ti«n", "ði«u"], "VISCII"),
    ],
)
def test_other_encodings_are_refused_by_name(texts: list[str], name: str) -> None:
    with pytest.raises(EncodingError, match=name):
        Decoder(texts)


def test_a_font_of_vni_is_refused() -> None:
    with pytest.raises(EncodingError, match="VNI"):
        decode_by_font("Cao Baèng", "VNI-Times")


@pytest.mark.parametrize("word", ["Nguyễn", "QUỐC", "giêng", "oắc", "khuỷu", "Đắk", "ở", "nghiêng"])
def test_a_syllable(word: str) -> None:
    assert is_syllable(word)


@pytest.mark.parametrize("word", ["thỏt", "Brunây", "NéiX", "xyz", "Ngh×n", "Néii", ""])
def test_no_syllable(word: str) -> None:
    assert not is_syllable(word)


def test_the_cells_of_a_workbook_with_both(shared_data: Path) -> None:
    data = (shared_data / "nso_monthly" / "2009-06-29-Bieu0609-1.xls").read_bytes()
    texts = [
        value
        for sheet in open_workbook(data)
        for row in sheet.rows
        for value in row
        if isinstance(value, str)
    ]
    joined = " ".join(texts)
    assert not set(joined) & set("¸¶·¹¨¾»¼½©®ªÞßåæ\u00ad")
    assert "1. Tổng sản phẩm trong nước 6 tháng đầu năm 2009" in joined


@pytest.mark.parametrize("file", ["2014-12-29-Tong-hop-bieu-2.xls", "2024-06-29-02.Bieu-T6.2024.xlsx"])
def test_clean_workbooks_are_not_touched(shared_data: Path, file: str) -> None:
    for sheet in open_workbook((shared_data / "nso_monthly" / file).read_bytes()):
        texts = [value for row in sheet.rows for value in row if isinstance(value, str)]
        decoder = Decoder(texts)
        assert {decoder.decode(text).encoding for text in texts} <= {"ascii", "unicode"}
