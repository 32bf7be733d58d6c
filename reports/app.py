"""The pages for leadership: `streamlit run reports/app.py`, over the current release of `PPW_HOME`, which is
only read.

Streamlit puts this file's folder first on the import path, so no module beside it may carry a name of the
standard library (a test holds that).
"""

from __future__ import annotations

import streamlit as st

from reports.frame import DESK_PATHS, PATHS, asked_language
from reports.words import Words


def main() -> None:
    """Registers the pages under their addresses and runs the one asked for; each looks in `guards` first."""
    words = Words(asked_language())
    st.set_page_config(layout="wide", initial_sidebar_state="collapsed")
    pages = [
        st.Page(
            f"views/{name}.py",
            title=words("head.page_title", page=words(f"{name}.title")),
            url_path=path or None,
            default=not path,
        )
        for name, path in PATHS.items()
    ]
    pages += [
        st.Page(
            f"views/desk/{name}.py",
            title=words("head.page_title", page=words(f"{name}.title")),
            url_path=path,
        )
        for name, path in DESK_PATHS.items()
    ]
    st.navigation(pages, position="hidden").run()


main()
