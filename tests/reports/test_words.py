"""The catalogue of words: both languages whole, nothing missing, nothing left over."""

from __future__ import annotations

import ast
import re
import string
from itertools import pairwise
from pathlib import Path

import pytest

from reports.numbers import Language
from reports.words import FAMILIES, LANGUAGES, WordMissing, Words, catalogue

REPORTS = Path(__file__).resolve().parents[2] / "reports"


def _texts() -> set[str]:
    """Every whole text in the code of the pages; parts of f-strings are no whole texts."""
    found: set[str] = set()
    for path in REPORTS.rglob("*.py"):
        nodes = list(ast.walk(ast.parse(path.read_text(encoding="utf-8"))))
        parts = {id(part) for node in nodes if isinstance(node, ast.JoinedStr) for part in node.values}
        found |= {
            node.value
            for node in nodes
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in parts
        }
    return found


def _patterns() -> list[re.Pattern[str]]:
    """The f-strings of the code that look like keys, as patterns."""
    patterns = []
    for path in REPORTS.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.JoinedStr):
                parts = [
                    re.escape(part.value)
                    if isinstance(part, ast.Constant) and isinstance(part.value, str)
                    else "[A-Za-z_Đ0-9]+"
                    for part in node.values
                ]
                if "." in "".join(parts) and re.fullmatch(r"[\w\\.\[\]+Đ-]+", "".join(parts)):
                    patterns.append(re.compile("".join(parts)))
    return patterns


def _holes(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


def test_both_languages_have_the_same_keys() -> None:
    first, second = (set(catalogue(language)) for language in LANGUAGES)
    assert first == second


def test_no_words_are_empty_and_all_are_nfc() -> None:
    import unicodedata

    for language in LANGUAGES:
        for key, text in catalogue(language).items():
            assert text.strip(), f"{language}: {key} is empty"
            assert unicodedata.is_normalized("NFC", text), f"{language}: {key} is not NFC"


def test_every_code_of_a_family_has_words_and_no_other_word_stands_there() -> None:
    for family, codes in FAMILIES.items():
        stems = {key.split(".")[1] for key in catalogue("vi") if key.startswith(f"{family}.")}
        assert stems == set(codes), family


def test_every_word_is_used() -> None:
    texts, patterns = _texts(), _patterns()
    unused = []
    for key in catalogue("vi"):
        stem = key.rpartition(".")[0] if key.rpartition(".")[2] in {"one", "many"} else key
        literal = key in texts or stem in texts
        family = key.split(".")[0] in FAMILIES
        if not (literal or family or any(p.fullmatch(key) or p.fullmatch(stem) for p in patterns)):
            unused.append(key)
    assert unused == []


def test_every_key_in_the_code_has_words() -> None:
    keys = set(catalogue("vi"))
    stems = {key.rpartition(".")[0] for key in keys if key.rpartition(".")[2] in {"one", "many"}}
    prefixes = {key.split(".")[0] for key in keys if "." in key}
    asked = {
        text
        for text in _texts()
        if re.fullmatch(r"[a-z_]+\.[a-z_0-9]+", text)
        and text.split(".")[0] in prefixes
        and not text.endswith((".py", ".css", ".json", ".yml", ".log"))
    }
    assert asked - keys - stems == set()
    assert len(asked) > 100


def test_counted_words_have_both_forms() -> None:
    keys = set(catalogue("en"))
    for key in keys:
        stem, _, form = key.rpartition(".")
        if form == "one":
            assert f"{stem}.many" in keys
        if form == "many":
            assert f"{stem}.one" in keys


def test_the_languages_are_filled_with_things_the_other_knows() -> None:
    for key, text in catalogue("vi").items():
        assert _holes(text) == _holes(catalogue("en")[key]), key


def test_a_missing_key_names_the_file_and_the_key() -> None:
    with pytest.raises(WordMissing, match=r"level\.unheard.*reports/words/en\.yml"):
        Words("en")("level.unheard")


def test_a_code_the_catalogue_does_not_know_is_shown_as_it_stands() -> None:
    words = Words("vi")
    assert words.of("level", "unheard_of") == "unheard_of"
    assert words.of("level", None) == "–"


def test_a_list_reads_as_a_sentence() -> None:
    words = Words("vi")
    assert words.listed([]) == ""
    assert words.listed(["a"]) == "a"
    assert words.listed(["a", "b", "c"]) == "a, b và c"


def test_pick_falls_back_to_the_other_language_and_then_to_a_dash() -> None:
    row = {"name_vi": "tên", "name_en": None}
    assert Words("en").pick(row, "name") == "tên"
    assert Words("en").pick({}, "name") == "–"


@pytest.mark.parametrize("language", LANGUAGES)
def test_state_words_are_different_from_each_other(language: Language) -> None:
    """A level must not be read as a pace: only `not assessed` is the same in both."""
    words = catalogue(language)
    for family in ("level", "pace", "maturity", "confidence", "reason"):
        said = sorted(words[f"{family}.{code}"] for code in FAMILIES[family])
        assert all(first != second for first, second in pairwise(said))
    levels = {words[f"level.{code}"] for code in FAMILIES["level"] if code != "not_assessed"}
    paces = {words[f"pace.{code}"] for code in FAMILIES["pace"]}
    assert not levels & paces


def test_the_glossary_of_the_pages_is_that_of_the_documents() -> None:
    rows = (REPORTS.parent / "docs" / "glossary.md").read_text(encoding="utf-8").splitlines()
    known = {}
    for row in rows:
        cells = [cell.strip() for cell in row.strip("|").split("|")]
        if len(cells) == 3:
            for word in cells[0].split(", "):
                known[word] = cells[2]
    for code in FAMILIES["glossary"]:
        english, vietnamese = Words("en").of("glossary", code), Words("vi").of("glossary", code)
        assert vietnamese in known[english], code
