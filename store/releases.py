"""Releases: candidates, verification, publication, the `current` pointer, rollback, comparison.

    releases/<release_id>/manifest.json, <table>.parquet, ...     immutable once there
    releases/candidates/<candidate_id>/                           the same layout, not published
    releases/current                                              one line: the release that readers see

A directory is a release only by a rename of a verified candidate, and `current` changes only by a rename, so
a process killed at any step leaves readers on a whole release. What it left undone (a release without its row
in the state database, a pointer move without its audit event) the next publication or rollback makes good.
"""

import os
import re
import secrets
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path

import duckdb
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
from filelock import FileLock, Timeout

from store.digest import DIGEST_VERSION, DigestError, content_digest, key_text, read_table
from store.files import (
    DISCARDED_PREFIX,
    discard_directory,
    fsync_directory,
    fsync_tree,
    make_directory,
    sha256_of_file,
    sweep_leftovers,
    write_durably,
)
from store.manifest import (
    MANIFEST_NAME,
    RELEASE_ID_PATTERN,
    FileEntry,
    InputSnapshot,
    Manifest,
    ReleaseError,
    manifest_bytes,
    read_manifest,
    release_id_for,
)
from store.release_diff import CHANGE_SCHEMA, ReleaseDiff, changes_between, table_changes
from store.release_tables import READING_ORDER, RELEASE_CHANGE_TABLE, RELEASE_TABLES
from store.settings import Settings
from store.state import (
    migrate,
    pointer_moves,
    reading,
    record_audit_event,
    record_release,
    recorded_releases,
    writing,
)
from store.warehouse import quoted

POINTER_NAME = "current"
_LOCK_TIMEOUT_SECONDS = 60.0
_PROBLEM_EXAMPLES = 3
# A multiple of DuckDB's 2 048: a series of a table of millions is then read from one or two groups.
_ROWS_IN_A_GROUP = 16_384


class NoRelease(ReleaseError):
    """Nothing has been published yet."""


class ReleaseMissing(ReleaseError, FileNotFoundError):
    """A release that is named is not there."""


class VerificationFailed(ReleaseError):
    """A release or candidate read back is not what it claims; `problems` has one sentence per fault."""

    def __init__(self, directory: Path, problems: Sequence[str]) -> None:
        self.directory = directory
        self.problems = tuple(problems)
        listed = "\n".join(f"  - {problem}" for problem in problems)
        super().__init__(
            f"{directory} does not hold what it should:\n{listed}\n"
            "A candidate: run `ppw run` again. A published release: restore it from backup, or roll back to "
            "another."
        )


class StaleCandidate(ReleaseError):
    """Another release was published, or rolled back to, after the candidate was sealed."""


@dataclass(frozen=True, slots=True)
class ReleaseListing:
    """A published release: where it is, what it says of itself, whether `current` names it."""

    release_id: str
    directory: Path
    manifest: Manifest
    is_current: bool


def new_candidate(settings: Settings, candidate_id: str | None = None) -> Path:
    """Make an empty candidate directory to write tables and papers into.

    Its id is made up from the time unless given.

    Tables go to `table_path(candidate, table)`, other files into subdirectories; then `seal_candidate`.
    """
    if candidate_id is None:
        candidate_id = f"{datetime.now(UTC):%Y%m%dT%H%M%S}-{secrets.token_hex(4)}"
    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}", candidate_id):
        raise ReleaseError(
            f"{candidate_id!r} cannot name a candidate: use letters, digits, dot, dash, underscore."
        )
    directory = settings.candidates_dir / candidate_id
    make_directory(settings.candidates_dir)
    try:
        directory.mkdir()
    except FileExistsError as error:
        raise ReleaseError(
            f"The candidate {directory} exists already; choose another id or remove it."
        ) from error
    return directory


def table_path(directory: Path, table: str) -> Path:
    """Where a table of a release or candidate lies."""
    return directory / f"{table}.parquet"


def table_paths(directory: Path) -> dict[str, Path]:
    """Every table of a release or candidate that has a manifest, by name: what `connect_reader` takes."""
    return {table: table_path(directory, table) for table in sorted(read_manifest(directory).tables())}


def export_table(connection: duckdb.DuckDBPyConnection, relation: str, candidate: Path, table: str) -> Path:
    """Write a relation (`marts.fct_actual`, or a query in brackets) as a table of a candidate, sorted by key or, where
    READING_ORDER says so, for those who read one series of it.

    Raises ReleaseError when the table is not one of RELEASE_TABLES or the relation cannot be read.
    """
    if table not in RELEASE_TABLES:
        raise ReleaseError(f"{table} is not a release table; add it with its key to store/release_tables.py.")
    path = table_path(candidate, table)
    columns = READING_ORDER.get(table, RELEASE_TABLES[table])
    order = ", ".join(f"{quoted(column)} NULLS FIRST" for column in columns)
    target = str(path).replace("'", "''")
    try:
        connection.execute(
            f"COPY (SELECT * FROM {relation} ORDER BY {order}) "
            f"TO '{target}' (FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE {_ROWS_IN_A_GROUP})"
        )
    except duckdb.Error as error:
        raise ReleaseError(f"{relation} cannot be written as release table {table}: {error}") from error
    return path


def seal_candidate(
    settings: Settings,
    candidate: Path,
    *,
    cut_off: date,
    created_at: datetime,
    inputs_hash: str,
    plan_versions: Sequence[str],
    rule_set_version: str,
    method_version: str,
    code_version: str,
    input_snapshots: Sequence[InputSnapshot],
    review_policy: str | None = None,
    decisions_up_to: int = 0,
    statements_up_to: int = 0,
    tables: Mapping[str, Sequence[str]] = RELEASE_TABLES,
    write_changes: bool = True,
) -> Manifest:
    """Finish a candidate: write `fct_release_change` against the current release, then the manifest.

    With `write_changes=False` the caller has written that table, in a shape of its own. `tables` gives key
    columns. All of it is durable on disk afterwards. Sealing again after files changed is allowed until
    publication. Raises VerificationFailed naming every table that is missing, unknown, unreadable, or has a
    key twice.
    """
    (candidate / MANIFEST_NAME).unlink(missing_ok=True)
    sweep_leftovers(candidate)
    previous_id = current_release_id(settings)
    previous = None if previous_id is None else read_manifest(settings.releases_dir / previous_id)
    keys = {table: tuple(key) for table, key in tables.items()}
    made_here = {RELEASE_CHANGE_TABLE} & set(keys) if write_changes else set()
    problems = _table_problems(
        candidate, {table: key for table, key in keys.items() if table not in made_here}
    )
    problems += _links_in(candidate)
    known = {f"{table}.parquet" for table in keys}
    problems += [
        f"{name} is not a release table; add it with its key to store/release_tables.py or keep it out"
        for name in _files_in(candidate)
        if name.endswith(".parquet") and "/" not in name and name not in known
    ]
    if problems:
        raise VerificationFailed(candidate, problems)

    facts = {
        "plan_versions": tuple(sorted(plan_versions)),
        "rule_set_version": rule_set_version,
        "method_version": method_version,
        "code_version": code_version,
        "cut_off": cut_off,
        "input_snapshots": tuple(
            sorted(input_snapshots, key=lambda row: (row.source_id, row.route, row.document, row.vintage_at))
        ),
    }
    if made_here:
        _write_release_changes(settings, candidate, previous, keys, _reasons(previous, facts))
    digest = content_digest(candidate, keys)
    manifest = Manifest.model_validate(
        {
            **facts,
            "release_id": release_id_for(cut_off, digest),
            "content_digest": digest,
            "inputs_hash": inputs_hash,
            "created_at": created_at,
            "previous_release_id": previous_id,
            "review_policy": review_policy or settings.review_policy,
            "decisions_up_to": decisions_up_to,
            "statements_up_to": statements_up_to,
            "files": {name: _file_entry(candidate, name, keys) for name in _files_in(candidate)},
        }
    )
    fsync_tree(candidate)
    write_durably(candidate / MANIFEST_NAME, manifest_bytes(manifest))
    return manifest


def list_files_again(candidate: Path) -> Manifest:
    """Bring the list of files in a sealed candidate's manifest up to date after papers were rendered into it.

    What is rendered may so say what the manifest does: release id, policy. Its tables stay as they were sealed.
    Durable on disk afterwards. ReleaseError when there is no readable manifest, VerificationFailed when a table is no
    longer the one that was sealed.
    """
    was = read_manifest(candidate)
    sweep_leftovers(candidate)
    files = {name: _file_entry(candidate, name, was.keys()) for name in _files_in(candidate)}
    changed = [
        f"{name}.parquet is no longer what was sealed"
        for name, entry in was.tables().items()
        if files.get(f"{name}.parquet") != entry
    ]
    if changed or _links_in(candidate):
        raise VerificationFailed(candidate, [*changed, *_links_in(candidate)])
    manifest = was.model_copy(update={"files": files})
    fsync_tree(candidate)
    write_durably(candidate / MANIFEST_NAME, manifest_bytes(manifest))
    return manifest


def verify(directory: Path) -> Manifest:
    """Read a release or candidate back and check it against its manifest; returns the manifest.

    Checked: the set of files; size and sha256 of each; row counts and unique keys of the tables; the content
    digest (when it was made by this version of the digest) and the release id. Raises VerificationFailed with
    all problems together, each naming its file, or ReleaseError when there is no readable manifest.
    """
    manifest = read_manifest(directory)
    found, expected = set(_files_in(directory)), set(manifest.files)
    problems = [f"{name} is missing" for name in sorted(expected - found)]
    problems += [f"{name} is not in the manifest" for name in sorted(found - expected)]
    problems += _links_in(directory)
    whole = not problems
    for name in sorted(found & expected):
        entry, path = manifest.files[name], directory / name
        size_bytes = path.stat().st_size
        if size_bytes != entry.size_bytes:
            problems.append(f"{name} has {size_bytes} bytes, the manifest says {entry.size_bytes}")
            whole = False
        elif sha256_of_file(path) != entry.sha256:
            problems.append(f"{name} has other bytes than the manifest says (sha256 differs)")
            whole = False
    if whole:
        problems += _table_problems(directory, manifest.keys())
        problems += [
            f"{table}.parquet has {rows} rows, the manifest says {entry.rows}"
            for table, entry in manifest.tables().items()
            if (rows := _row_count(table_path(directory, table))) != entry.rows
        ]
    if not problems and manifest.digest_version == DIGEST_VERSION:
        digest = content_digest(directory, manifest.keys())
        if digest != manifest.content_digest:
            problems.append(f"its content digest is {digest}, the manifest says {manifest.content_digest}")
        if manifest.release_id != release_id_for(manifest.cut_off, manifest.content_digest):
            problems.append(
                f"its release id {manifest.release_id} is not made from its cut-off and content digest"
            )
    if problems:
        raise VerificationFailed(directory, problems)
    return manifest


def equals_current(settings: Settings, candidate: Path) -> bool:
    """Whether a sealed candidate says exactly what the current release says."""
    current = current_release_id(settings)
    if current is None:
        return False
    return (
        read_manifest(settings.releases_dir / current).content_digest
        == read_manifest(candidate).content_digest
    )


def publish(
    settings: Settings,
    candidate: Path,
    *,
    actor: str = "ppw",
    at: datetime | None = None,
    manifest_sha256: str | None = None,
) -> str:
    """Verify a sealed candidate, make it a release and move `current` to it; returns the release id.

    `manifest_sha256`: of the manifest that was signed; another one is refused.

    A candidate that says what the current release says is dropped, and the current id returned: compare with
    `current_release_id` before, or ask `equals_current`. One that says what an older release says is dropped
    too, and `current` moves to that one. Raises VerificationFailed, StaleCandidate, ReleaseError; `current`
    then stays.
    """
    with _releases_lock(settings):
        migrate(settings)
        if candidate.resolve().parent != settings.candidates_dir.resolve():
            raise ReleaseError(
                f"{candidate} is not a candidate in {settings.candidates_dir}; make one by new_candidate."
            )
        manifest = verify(candidate)
        if manifest_sha256 is not None and sha256_of_file(candidate / MANIFEST_NAME) != manifest_sha256:
            raise VerificationFailed(candidate, [f"{MANIFEST_NAME} is not the one that was signed"])
        _reconcile(settings)
        current = current_release_id(settings)
        if (
            current is not None
            and read_manifest(settings.releases_dir / current).content_digest == manifest.content_digest
        ):
            discard_directory(candidate)
            with writing(settings) as connection:
                record_audit_event(
                    connection,
                    actor=actor,
                    action="candidate_dropped",
                    subject=candidate.name,
                    detail={"reason": "says what the current release says", "release_id": current},
                    at=at,
                )
            return current
        if manifest.previous_release_id != current:
            raise StaleCandidate(
                f"The candidate {candidate} was compared with "
                f"{manifest.previous_release_id or 'no release'}, but current is now "
                f"{current or 'no release'}; run `ppw run` again."
            )
        release_id = manifest.release_id
        target = settings.releases_dir / release_id
        if target.exists():
            published = verify(target)
            if published.content_digest != manifest.content_digest:
                raise ReleaseError(
                    f"{target} exists and its content differs although its id is the same; pass another "
                    "cut-off."
                )
            manifest = published
            discard_directory(candidate)
        else:
            fsync_tree(candidate)
            os.rename(candidate, target)
            fsync_directory(settings.candidates_dir)
            fsync_directory(settings.releases_dir)
        _put_in_force(settings, manifest, actor=actor, at=at, before=current, candidate=candidate.name)
        return release_id


def finish_publication(
    settings: Settings, release_id: str, *, actor: str = "ppw", at: datetime | None = None
) -> None:
    """Move `current` to a release that a killed publication had put in its place already, and no further.

    Nothing is done where `current` names it. Raises ReleaseMissing, VerificationFailed, and StaleCandidate when
    another release came in force meanwhile.
    """
    with _releases_lock(settings):
        migrate(settings)
        manifest = verify(release_dir(settings, release_id))
        _reconcile(settings)
        current = current_release_id(settings)
        if current == release_id:
            return
        if manifest.previous_release_id != current:
            raise StaleCandidate(
                f"{release_id} was compared with {manifest.previous_release_id or 'no release'}, but current is now "
                f"{current or 'no release'}; run `ppw run` again."
            )
        _put_in_force(settings, manifest, actor=actor, at=at, before=current, candidate=release_id)


def reconcile_records(settings: Settings) -> None:
    """Record what a killed process did to releases and `current` but did not come to record."""
    with _releases_lock(settings):
        migrate(settings)
        _reconcile(settings)


def current_release_id(settings: Settings) -> str | None:
    """The release that readers see, or None when nothing was ever published.

    Resolve it once per page or command and keep the id: `current` may move meanwhile, releases never do.
    Raises ReleaseMissing when `current` names something that is not a whole release.
    """
    named = _read_pointer(settings)
    if named is None:
        return None
    pointer = settings.releases_dir / POINTER_NAME
    if not re.fullmatch(RELEASE_ID_PATTERN, named):
        raise ReleaseMissing(
            f"{pointer} does not name a release but says {named[:80]!r}; {_mend_pointer(settings)}"
        )
    if not (settings.releases_dir / named / MANIFEST_NAME).is_file():
        raise ReleaseMissing(
            f"{pointer} names {named}, which is not in {settings.releases_dir}; {_mend_pointer(settings)}"
        )
    return named


def release_dir(settings: Settings, release_id: str | None = None) -> Path:
    """The directory of a release, of the current one unless an id is given.

    Raises NoRelease when nothing was published, ReleaseMissing when that release is not there.
    """
    if release_id is None:
        release_id = current_release_id(settings)
        if release_id is None:
            raise NoRelease(
                f"Nothing is published in {settings.releases_dir} yet; `ppw run` makes the first release."
            )
    directory = settings.releases_dir / release_id
    if not re.fullmatch(RELEASE_ID_PATTERN, release_id) or not (directory / MANIFEST_NAME).is_file():
        raise ReleaseMissing(
            f"There is no release {release_id!r} in {settings.releases_dir}; `ppw release list` shows those "
            "there are."
        )
    return directory


def list_releases(settings: Settings) -> list[ReleaseListing]:
    """All published releases, oldest first."""
    current = _read_pointer(settings)
    listings = [
        ReleaseListing(directory.name, directory, read_manifest(directory), directory.name == current)
        for directory in _release_directories(settings)
    ]
    return sorted(listings, key=lambda listing: (listing.manifest.created_at, listing.release_id))


def release_in_force_on(settings: Settings, day: date) -> str | None:
    """The release that `current` named at the end of a day, or None before the first.

    The day is one of the settings' time zone. Taken from the audit events of publications and rollbacks;
    nothing is computed again.
    """
    migrate(settings)
    with reading(settings) as connection:
        moves = pointer_moves(connection, settings.time_zone)
    in_force = [release_id for moved_on, release_id in moves if moved_on <= day]
    return in_force[-1] if in_force else None


def rollback(
    settings: Settings, release_id: str, actor: str, *, reason: str = "", at: datetime | None = None
) -> None:
    """Move `current` to another published release, which is verified first; recorded as an audit event.

    Works also when `current` names a missing release. Raises ReleaseMissing, VerificationFailed, or
    ReleaseError when that release is current already.
    """
    with _releases_lock(settings):
        migrate(settings)
        verify(release_dir(settings, release_id))
        _reconcile(settings)
        before = _read_pointer(settings)
        if before == release_id:
            raise ReleaseError(f"{release_id} is the current release already; nothing was changed.")
        _move_pointer(settings, release_id)
        with writing(settings) as connection:
            record_audit_event(
                connection,
                actor=actor,
                action="release_rolled_back",
                subject=release_id,
                detail={"from": before, "reason": reason},
                at=at,
            )


def diff(settings: Settings, release_a: str, release_b: str) -> ReleaseDiff:
    """What changed from release a to release b: rows added, removed and changed per table, by key."""
    return changes_between(release_dir(settings, release_a), release_dir(settings, release_b))


def prune_candidates(settings: Settings, keep: int = 0, but: Collection[str] = ()) -> list[str]:
    """Remove candidates but the `keep` newest and those named; returns the ids removed. Releases are never touched.

    Call it holding the warehouse lock: a candidate that is being written looks like any other.
    """
    if keep < 0:
        raise ValueError(f"keep is a number of candidates, not {keep}")
    if not settings.candidates_dir.is_dir():
        return []
    sweep_leftovers(settings.candidates_dir)
    candidates = [
        path
        for path in settings.candidates_dir.iterdir()
        if path.is_dir() and not path.name.startswith(DISCARDED_PREFIX) and path.name not in but
    ]
    candidates.sort(key=lambda path: (path.stat().st_mtime_ns, path.name), reverse=True)
    for candidate in candidates[keep:]:
        discard_directory(candidate)
    return sorted(candidate.name for candidate in candidates[keep:])


def _release_directories(settings: Settings) -> list[Path]:
    if not settings.releases_dir.is_dir():
        return []
    return sorted(
        path for path in settings.releases_dir.iterdir() if re.fullmatch(RELEASE_ID_PATTERN, path.name)
    )


def _files_in(directory: Path) -> list[str]:
    return sorted(
        path.relative_to(directory).as_posix()
        for path in directory.rglob("*")
        if (path.is_symlink() or not path.is_dir()) and path != directory / MANIFEST_NAME
    )


def _links_in(directory: Path) -> list[str]:
    return [
        f"{name} is a link; a release holds its own files only"
        for name in _files_in(directory)
        if (directory / name).is_symlink()
    ]


def _file_entry(directory: Path, name: str, keys: Mapping[str, tuple[str, ...]]) -> FileEntry:
    path = directory / name
    key = keys.get(name.removesuffix(".parquet")) if name.endswith(".parquet") else None
    return FileEntry(
        sha256=sha256_of_file(path),
        size_bytes=path.stat().st_size,
        rows=None if key is None else _row_count(path),
        key=key,
    )


def _row_count(path: Path) -> int:
    return int(pq.read_metadata(path).num_rows)


def _table_problems(directory: Path, keys: Mapping[str, Sequence[str]]) -> list[str]:
    problems = []
    for table, key in sorted(keys.items()):
        path = table_path(directory, table)
        try:
            frame = read_table(path)
        except DigestError as error:
            problems.append(str(error))
            continue
        missing = [column for column in key if column not in frame.columns]
        if missing:
            problems.append(
                f"{path.name} lacks the key column {', '.join(missing)}; it has {', '.join(frame.columns)}"
            )
            continue
        try:
            keys_of_rows = key_text(frame, key)
        except DigestError as error:
            problems.append(f"{path.name}: {error}")
            continue
        repeated = frame.filter(keys_of_rows.is_duplicated()).select(key).unique().sort(key)
        if repeated.height:
            examples = "; ".join(
                ", ".join(f"{column}={value}" for column, value in row.items())
                for row in repeated.head(_PROBLEM_EXAMPLES).iter_rows(named=True)
            )
            problems.append(f"{path.name} has {repeated.height} keys more than once, for example {examples}")
    return problems


def _reasons(previous: Manifest | None, facts: Mapping[str, object]) -> str:
    """Which inputs of the two releases differ: possible causes of a change, not one per row."""
    if previous is None:
        return ""
    codes = {
        "input_snapshots": "SNAPSHOTS",
        "plan_versions": "PLAN_VERSIONS",
        "rule_set_version": "RULE_SET",
        "method_version": "METHOD",
        "code_version": "CODE",
        "cut_off": "CUT_OFF",
    }
    return "|".join(code for field, code in codes.items() if getattr(previous, field) != facts[field])


def _write_release_changes(
    settings: Settings,
    candidate: Path,
    previous: Manifest | None,
    keys: dict[str, tuple[str, ...]],
    reasons: str,
) -> None:
    if previous is None:
        changes = pl.DataFrame(schema=CHANGE_SCHEMA)
    else:
        changes = table_changes(settings.releases_dir / previous.release_id, previous, candidate, keys)
    table: pa.Table = changes.with_columns(pl.lit(reasons, dtype=pl.String).alias("reason")).to_arrow()
    pq.write_table(table, table_path(candidate, RELEASE_CHANGE_TABLE), compression="zstd")


@contextmanager
def _releases_lock(settings: Settings) -> Iterator[None]:
    make_directory(settings.releases_dir)
    lock = FileLock(settings.releases_dir / ".lock", thread_local=False)
    try:
        lock.acquire(timeout=_LOCK_TIMEOUT_SECONDS)
    except Timeout as error:
        raise ReleaseError(
            f"Another process is publishing or rolling back in {settings.releases_dir}; try again when it is "
            "done."
        ) from error
    try:
        sweep_leftovers(settings.releases_dir)
        yield
    finally:
        lock.release()


def _read_pointer(settings: Settings) -> str | None:
    try:
        return (settings.releases_dir / POINTER_NAME).read_text(encoding="utf-8", errors="replace").strip()
    except FileNotFoundError:
        return None


def _move_pointer(settings: Settings, release_id: str) -> None:
    write_durably(settings.releases_dir / POINTER_NAME, f"{release_id}\n".encode())


def _mend_pointer(settings: Settings) -> str:
    whole = [path.name for path in _release_directories(settings) if (path / MANIFEST_NAME).is_file()]
    if whole:
        return f"restore it from backup, or run `ppw release rollback {whole[-1]}`."
    return "restore the releases from backup, or remove that file and run `ppw run`."


def _record(settings: Settings, manifest: Manifest) -> bool:
    with writing(settings) as connection:
        return record_release(
            connection,
            release_id=manifest.release_id,
            content_digest=manifest.content_digest,
            inputs_hash=manifest.inputs_hash,
            cut_off=manifest.cut_off,
            created_at=manifest.created_at,
        )


def _put_in_force(
    settings: Settings,
    manifest: Manifest,
    *,
    actor: str,
    at: datetime | None,
    before: str | None,
    candidate: str,
) -> None:
    _record(settings, manifest)
    _move_pointer(settings, manifest.release_id)
    with writing(settings) as connection:
        record_audit_event(
            connection,
            actor=actor,
            action="release_published",
            subject=manifest.release_id,
            detail={"from": before, "content_digest": manifest.content_digest, "candidate": candidate},
            at=at,
        )


def _reconcile(settings: Settings) -> None:
    """Record what a killed process did to the files but did not come to record."""
    with reading(settings) as connection:
        known = {row.release_id for row in recorded_releases(connection)}
        moves = pointer_moves(connection, settings.time_zone)
    on_disk = _release_directories(settings)
    for directory in on_disk:
        if directory.name not in known:
            _record(settings, read_manifest(directory))
    pointed = _read_pointer(settings)
    if pointed in {directory.name for directory in on_disk} and (not moves or moves[-1][1] != pointed):
        with writing(settings) as connection:
            record_audit_event(
                connection,
                actor="ppw",
                action="pointer_reconciled",
                subject=str(pointed),
                detail={"reason": "current named this release, but no audit event said so"},
            )
