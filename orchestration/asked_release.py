"""Which release a command reads: the current one, one named, the one in force on a day, or what was known on a day
worked out by today's method.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import click

from expectations.gate.clearance import FULL, OFFICE, PUBLIC, Clearance
from orchestration.release_query import resolve_release
from store.settings import Settings

CUTS: dict[str, Clearance] = {"public": PUBLIC, "internal": OFFICE, "full": FULL}


@dataclass(frozen=True)
class AskedRelease:
    """The directory to read, and a sentence on what it is where it is not simply the current release."""

    directory: Path
    remark: str | None = None
    as_of: date | None = None
    recomputed: bool = False

    def facts(self) -> dict[str, Any]:
        """What the answer is read from, for an answer that is one object. Something worked out again is no release."""
        return {
            "release_id": None if self.recomputed else self.directory.name,
            "as_of": self.as_of,
            "recomputed": self.recomputed,
        }

    def say(self) -> None:
        """Put the remark on standard error: standard output belongs to the answer."""
        if self.remark:
            click.secho(self.remark, err=True, fg="yellow")


def release_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command the options --release, --as-of and --recompute."""
    for option in (
        click.option(
            "--recompute",
            is_flag=True,
            help="With --as-of: not the release of that day, but today's method on what was known then.",
        ),
        click.option(
            "--as-of",
            type=click.DateTime(["%Y-%m-%d"]),
            help="The release in force at the end of this day.",
        ),
        click.option("--release", "release_id", help="This release instead of the current one."),
    ):
        command = option(command)
    return command


def access_option(command: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command the option --access: who the answer is for. Whoever sits at the machine sees everything."""
    option = click.option(
        "--access",
        type=click.Choice(list(CUTS)),
        default="full",
        show_default=True,
        help="Only what everybody (public) or the office and the leaders (internal) may see.",
    )
    return option(command)


def cut(asked: AskedRelease, access: str) -> AskedRelease:
    """The release as those with this access may see it: a copy that is gone when the command ends."""
    clearance = CUTS[access]
    if clearance == FULL:
        return asked
    # Imported here: polars takes a second that a plain question need not wait for.
    from reports.release_data import write_cut

    folder = TemporaryDirectory(prefix="ppw-cut-")
    click.get_current_context().call_on_close(folder.cleanup)
    return replace(asked, directory=write_cut(asked.directory, clearance, Path(folder.name)))


def asked_release(
    settings: Settings, release_id: str | None, as_of: datetime | None, recompute: bool
) -> AskedRelease:
    """The release a command was asked to read.

    Raises UsageError where the options exclude each other; ReleaseError saying what to do where there is none.
    """
    if release_id and as_of:
        raise click.UsageError("--release and --as-of name a release each; give one of them")
    if recompute and as_of is None:
        raise click.UsageError("--recompute works out what was known on a day; give the day with --as-of")
    if as_of is None:
        return AskedRelease(resolve_release(settings, release_id))
    day = as_of.date()
    if recompute:
        return AskedRelease(_recomputed(settings, day), _recompute_remark(day), day, recomputed=True)
    directory = resolve_release(settings, None, day)
    return AskedRelease(directory, f"Release in force on {day:%d/%m/%Y}: {directory.name}", day)


def _recomputed(settings: Settings, day: date) -> Path:
    # Imported here: Great Expectations and the rest of a build cost seconds that a plain question need not wait for.
    from orchestration.rebuild import recompute

    return recompute(settings, day)


def _recompute_remark(day: date) -> str:
    return (
        f"Tính lại theo phương pháp hiện nay trên số liệu đã nhận đến hết ngày {day:%d/%m/%Y}; "
        "không phải bản công bố.\n"
        f"Worked out by today's method on what was known on {day:%d/%m/%Y}; this is no release."
    )
