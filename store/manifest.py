"""The manifest of a release or candidate: what it is, what it was made from, and every file in it."""

from datetime import date, datetime
from pathlib import Path
from typing import Annotated

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, ValidationError

from store.digest import DIGEST_VERSION

MANIFEST_NAME = "manifest.json"
RELEASE_ID_PATTERN = r"^\d{4}-\d{2}-\d{2}-[0-9a-f]{8,64}$"
_DIGITS_OF_DIGEST_IN_ID = 8

Sha256 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]


class ReleaseError(Exception):
    """A release or candidate is missing, damaged or cannot be used as asked."""


class _Record(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class InputSnapshot(_Record):
    """A snapshot that went into a release; vintage_at has no zone (UTC, or midnight of a stated day)."""

    source_id: str
    route: str
    document: str
    snapshot_sha256: Sha256
    vintage_at: datetime


class FileEntry(_Record):
    """One file: size in bytes, sha256 for integrity; rows and key columns when it is a release table."""

    sha256: Sha256
    size_bytes: int = Field(ge=0)
    rows: int | None = Field(default=None, ge=0)
    key: tuple[str, ...] | None = None


class Manifest(_Record):
    """What `manifest.json` says. `files` is by path inside the release and leaves out the manifest itself."""

    release_id: Annotated[str, Field(pattern=RELEASE_ID_PATTERN)]
    content_digest: Sha256
    digest_version: int = DIGEST_VERSION
    inputs_hash: Sha256
    cut_off: date
    created_at: AwareDatetime
    previous_release_id: str | None
    plan_versions: tuple[str, ...]
    rule_set_version: str
    method_version: str
    code_version: str
    review_policy: str
    # The last step on any finding that was known when the release was built.
    decisions_up_to: int = Field(default=0, ge=0)
    # The last step of any office's statement that was known then.
    statements_up_to: int = Field(default=0, ge=0)
    input_snapshots: tuple[InputSnapshot, ...]
    files: dict[str, FileEntry]

    def tables(self) -> dict[str, FileEntry]:
        """The release tables among the files, by table name."""
        return {
            name.removesuffix(".parquet"): entry
            for name, entry in self.files.items()
            if entry.key is not None
        }

    def keys(self) -> dict[str, tuple[str, ...]]:
        """The key columns of each release table, as they were when the release was made."""
        return {table: entry.key or () for table, entry in self.tables().items()}


def release_id_for(cut_off: date, content_digest: str) -> str:
    """`<cut_off>-<first 8 digits of the content digest>`."""
    return f"{cut_off.isoformat()}-{content_digest[:_DIGITS_OF_DIGEST_IN_ID]}"


def manifest_bytes(manifest: Manifest) -> bytes:
    """The manifest as it stands on disk: indented UTF-8 JSON ended by a newline."""
    return (manifest.model_dump_json(indent=2) + "\n").encode("utf-8")


def read_manifest(directory: Path) -> Manifest:
    """The manifest of a release or candidate. Raises ReleaseError naming the file and every wrong key."""
    path = directory / MANIFEST_NAME
    try:
        data = path.read_bytes()
    except FileNotFoundError as error:
        raise ReleaseError(
            f"{path} is missing: {directory.name} was not finished; run `ppw run` to make a new candidate."
        ) from error
    try:
        return Manifest.model_validate_json(data)
    except ValidationError as error:
        wrong = "; ".join(
            f"{'.'.join(map(str, item['loc'])) or 'file'}: {item['msg']}" for item in error.errors()
        )
        raise ReleaseError(
            f"{path} cannot be read ({wrong}); restore {directory.name} from backup."
        ) from error
