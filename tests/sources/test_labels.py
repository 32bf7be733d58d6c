"""Label keys: the printings of one label meet, different names stay apart."""

import itertools
import unicodedata

import duckdb
import jinja2
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sources.text.labels import label_key, tidy_text
from store.settings import PROJECT_ROOT


@given(st.text())
def test_the_key_of_a_key_is_itself(text: str) -> None:
    assert label_key(label_key(text)) == label_key(text)
    assert tidy_text(tidy_text(text)) == tidy_text(text)


@given(st.text(), st.sampled_from(["NFC", "NFD"]))
def test_composition_does_not_change_the_key(text: str, form: str) -> None:
    assert label_key(unicodedata.normalize(form, text)) == label_key(text)  # type: ignore[arg-type]


@given(st.lists(st.text(alphabet="aàâăbcdđeêghiklmnoôơpqrstuưvxy", min_size=1), min_size=1))
def test_spaces_between_words_do_not_matter(words: list[str]) -> None:
    assert label_key("  " + "\u00a0 \n".join(words) + "\t") == label_key(" ".join(words))


@pytest.mark.parametrize(
    ("printed", "meant"),
    [
        (" WHOLE COUNTRY", "Whole country"),
        ("Thai  Nguyen", "Thai Nguyen"),
        ("Ðắk Lắk", "Đắk Lắk"),
        ("Ɖà Nẵng", "đà nẵng"),
        ("CẢ NƯỚC ", "Cả nước"),
        ("Cao\u200b Bằng", "Cao Bằng"),
    ],
)
def test_printings_of_one_label_meet(printed: str, meant: str) -> None:
    assert label_key(printed) == label_key(meant)


def test_accents_tell_places_apart() -> None:
    assert label_key("Cao Bằng") != label_key("Cao Bang")


@pytest.mark.parametrize(
    ("new", "old"),
    [
        ("Huyện Hoà An", "Huyện Hòa An"),
        ("thuỷ sản", "Thủy sản"),
        ("sức khoẻ", "sức khỏe"),
        ("HOÁ CHẤT", "hóa chất"),
    ],
)
def test_both_places_of_the_tone_meet(new: str, old: str) -> None:
    assert label_key(new) == label_key(old) == label_key(label_key(new))


@pytest.mark.parametrize(
    "text", ["quý iii", "hoàn thành", "suýt", "huỳnh", "quỳ châu", "khuỷu", "toàn tỉnh", "già"]
)
def test_a_tone_that_has_one_place_stays(text: str) -> None:
    assert label_key(text) == text


def test_the_place_of_the_tone_does_not_merge_other_names() -> None:
    names = ["Hòa An", "Hoá An", "Hoa An", "Hóa An ", "Thủy", "Thúy", "Thùy", "Quý", "Quy"]
    assert len({label_key(name) for name in names}) == len(names) - 1  # Hoá and Hóa are one


_SYLLABLES = """Hoà Hòa hoá KHOẺ khỏe Thuỷ thủy quý Qúy Quỳ uỷ ủy hoàn oà Ðắk Cao  Bằng 2024 (%)"""


def test_the_warehouse_computes_the_same_key() -> None:
    source = (PROJECT_ROOT / "dbt_project" / "macros" / "engine.sql").read_text(encoding="utf-8")
    body = source.partition("{% macro duckdb__label_key(text) -%}")[2].partition("{%- endmacro %}")[0]
    between = [" ", "  ", "-", ", ", ""]
    texts = [
        "".join(parts)
        for parts in itertools.product(_SYLLABLES.split(), between, _SYLLABLES.split(), [" hoà", "(%)"])
    ]
    sql = f"select text, {jinja2.Template(body).render(text='text')} from (select unnest($texts) as text)"
    assert dict(duckdb.execute(sql, {"texts": texts}).fetchall()) == {text: label_key(text) for text in texts}
