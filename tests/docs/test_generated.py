"""The generated documents are those the code would write now."""

import pytest

from store.settings import Settings

pytestmark = pytest.mark.integration


def test_generated_documents_are_fresh() -> None:
    from docs.generate import stale

    assert stale(Settings()) == [], "run `make docs` and commit what it writes"
