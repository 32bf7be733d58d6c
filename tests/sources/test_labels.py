"""Label keys: the printings of one label meet, different names stay apart."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sources.text.labels import label_key, tidy_text


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
