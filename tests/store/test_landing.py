"""Landing: bytes in, the same bytes out, or an error that names the file."""

import hashlib
import os
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from store.landing import DigestMismatch, LandingError, SnapshotMissing, contains, get, put, sweep_leftovers
from store.settings import Settings


def _file(settings: Settings, sha256: str) -> Path:
    return settings.home / "landing" / sha256[:2] / sha256


@given(data=st.binary(max_size=2000))
def test_what_is_put_is_got(tmp_path_factory: pytest.TempPathFactory, data: bytes) -> None:
    settings = Settings(home=tmp_path_factory.getbasetemp() / "landing_property")
    sha256 = put(settings, data)
    assert sha256 == hashlib.sha256(data).hexdigest()
    assert get(settings, sha256) == data


def test_putting_twice_keeps_the_file(settings: Settings) -> None:
    sha256 = put(settings, b"figures")
    before = _file(settings, sha256).stat()
    assert put(settings, b"figures") == sha256
    after = _file(settings, sha256).stat()
    assert (before.st_ino, before.st_mtime_ns) == (after.st_ino, after.st_mtime_ns)
    assert sorted(path.name for path in _file(settings, sha256).parent.iterdir()) == [sha256]


def test_damaged_bytes_are_refused_and_repaired_by_the_same_bytes(settings: Settings) -> None:
    sha256 = put(settings, b"figures")
    _file(settings, sha256).write_bytes(b"figurez")
    with pytest.raises(DigestMismatch, match=sha256):
        get(settings, sha256)
    put(settings, b"figures")
    assert get(settings, sha256) == b"figures"


def test_missing_snapshot_is_named(settings: Settings) -> None:
    sha256 = hashlib.sha256(b"never").hexdigest()
    assert not contains(settings, sha256)
    with pytest.raises(SnapshotMissing, match=f"{sha256[:2]}/{sha256}"):
        get(settings, sha256)


@pytest.mark.parametrize("name", ["", "../../etc/passwd", "A" * 64, "0" * 63])
def test_only_a_sha256_names_a_snapshot(settings: Settings, name: str) -> None:
    with pytest.raises(LandingError, match="64 lower-case"):
        get(settings, name)


def test_failed_rename_leaves_nothing_behind(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise OSError("no space left on device")

    with monkeypatch.context() as broken:
        broken.setattr(os, "replace", refuse)
        with pytest.raises(OSError, match="no space"):
            put(settings, b"figures")
    assert [path for path in (settings.home / "landing").rglob("*") if path.is_file()] == []
    assert get(settings, put(settings, b"figures")) == b"figures"


def test_other_file_systems_by_url(settings: Settings) -> None:
    remote = settings.model_copy(update={"landing_url": "memory://landing-of-test"})
    sha256 = put(remote, b"figures")
    assert put(remote, b"figures") == sha256
    assert get(remote, sha256) == b"figures"
    assert contains(remote, sha256)
    assert not contains(settings, sha256)


def test_unknown_url_names_the_setting(settings: Settings) -> None:
    with pytest.raises(LandingError, match="PPW_LANDING_URL"):
        put(settings.model_copy(update={"landing_url": "nothing://x"}), b"")


def test_only_old_leftovers_are_swept(settings: Settings) -> None:
    sha256 = put(settings, b"figures")
    old, young = (_file(settings, sha256).parent / f".part-{name}" for name in ("old", "young"))
    for leftover in (old, young):
        leftover.write_bytes(b"half")
    os.utime(old, (time.time() - 100_000,) * 2)
    assert sweep_leftovers(settings) == 1
    assert (old.exists(), young.exists(), contains(settings, sha256)) == (False, True, True)
