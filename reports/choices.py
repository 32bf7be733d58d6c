"""Choices of a reader that stand in the address, by code whatever the language: whoever is handed it sees the same."""

from __future__ import annotations

from collections.abc import Mapping

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

ALL = ""


def chosen(
    place: DeltaGenerator,
    parameter: str,
    label: str,
    options: Mapping[str, str],
    key: str,
    *,
    radio: bool = False,
) -> str:
    """One of `options` (code -> words), of at least one; the first is the default and leaves the address as it is.

    An address that asks for what is no option is answered with the default. `radio`: all options in sight.
    """
    codes = list(options)
    asked = st.query_params.get(parameter)
    index = codes.index(asked) if asked in codes else 0
    left_out = codes[0]
    if radio:
        code = place.radio(
            label,
            codes,
            index=index,
            format_func=options.__getitem__,
            key=key,
            horizontal=True,
            on_change=_keep,
            args=(parameter, key, left_out),
        )
    else:
        code = place.selectbox(
            label,
            codes,
            index=index,
            format_func=options.__getitem__,
            key=key,
            on_change=_keep,
            args=(parameter, key, left_out),
        )
    return left_out if code is None else str(code)


def written(place: DeltaGenerator, parameter: str, label: str, placeholder: str, key: str) -> str:
    """What the reader wrote in a field; nothing is left out of the address."""
    text = place.text_input(
        label,
        value=st.query_params.get(parameter, ""),
        placeholder=placeholder,
        key=key,
        on_change=_keep,
        args=(parameter, key, ""),
    )
    return (text or "").strip()


def keep(parameter: str, value: str, left_out: str) -> None:
    """Writes a choice into the address where it is not there yet; `left_out` is what needs no word."""
    if value == left_out:
        st.query_params.pop(parameter, None)
    elif st.query_params.get(parameter) != value:
        st.query_params[parameter] = value


def _keep(parameter: str, key: str, left_out: str) -> None:
    # Runs before the page is drawn anew, so that the links in its head keep the choice too.
    keep(parameter, str(st.session_state.get(key) or ""), left_out)
