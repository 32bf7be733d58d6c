"""What bytes are, before anything reads them."""

_HTML_STARTS = (b"<!doctype html", b"<html", b"<head", b"<body", b"<title", b"<script")


def is_html(data: bytes) -> bool:
    """Say whether the bytes are a web page; servers send one where a login or an error is in the way."""
    start = data[:2048].removeprefix(b"\xef\xbb\xbf").lstrip().lower()
    if start.startswith(b"<?xml") or start.startswith(b"<!--"):
        return b"<html" in start
    return start.startswith(_HTML_STARTS)
