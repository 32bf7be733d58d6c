"""The server beside the pages: what it does when the release in force cannot be read."""

from __future__ import annotations

import logging
from pathlib import Path

import pytest

from reports import server
from reports.release_data import Release, ReleaseUnreadable
from store.settings import Settings
from tests.reports.make_release import publish_synthetic


def test_a_release_that_cannot_be_read_is_said_once_and_not_tried_until_another_comes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    settings, tried = Settings(home=tmp_path), []

    def unreadable(release: Release) -> None:
        tried.append(release.release_id)
        raise ReleaseUnreadable("synthetic")

    monkeypatch.setattr(server, "warm", unreadable)
    release_id = publish_synthetic(settings)
    seen = None
    with caplog.at_level(logging.ERROR):
        for _ in range(3):
            seen = server._warm_current(settings, seen)
    assert tried == [release_id]
    assert len(caplog.records) == 1
    assert release_id in caplog.text
    # Another comes into force, and the pointer breaks: each is said once as well.
    monkeypatch.setattr(server, "current_release_id", lambda settings: "2026-12-01-00000000")
    for _ in range(2):
        seen = server._warm_current(settings, seen)
    assert len(tried) == 2
    monkeypatch.undo()
    (settings.releases_dir / "current").write_text("nonsense", encoding="utf-8")
    with caplog.at_level(logging.ERROR):
        for _ in range(2):
            seen = server._warm_current(settings, seen)
    assert len(caplog.records) == 3
