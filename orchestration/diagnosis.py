"""The examinations of `ppw doctor`, each small, each naming what to do when it is bad."""

import shutil
import sys
import tempfile
from collections.abc import Callable
from dataclasses import asdict, dataclass
from importlib.metadata import PackageNotFoundError, version

from orchestration.manifest import is_stale
from sources.registry import load_records
from store.landing import contains, put
from store.releases import current_release_id, release_dir, verify
from store.settings import Settings
from store.state import migrate, reading
from store.warehouse import WarehouseBusy, warehouse_lock

_DISTRIBUTIONS = (
    "dagster",
    "dagster-dbt",
    "dbt-core",
    "dbt-duckdb",
    "duckdb",
    "great-expectations",
    "polars",
    "streamlit",
)
_NEEDED_BYTES = 500_000_000


@dataclass(frozen=True)
class Examination:
    """What was looked at, what was found, and the mend when it is bad."""

    name: str
    good: bool
    finding: str
    mend: str = ""

    def as_dict(self) -> dict[str, object]:
        return asdict(self)


def diagnose(settings: Settings) -> list[Examination]:
    """Every examination; one that breaks is itself a bad finding, and the others still run."""
    examinations: list[tuple[str, Callable[[Settings], Examination]]] = [
        ("python", _python),
        ("packages", _packages),
        ("home", _home),
        ("disk", _disk),
        ("landing", _landing),
        ("state database", _state),
        ("source records", _records),
        ("dbt manifest", _manifest),
        ("warehouse lock", _lock),
        ("current release", _release),
        ("report font", _report_font),
    ]
    results = []
    for name, examine in examinations:
        try:
            results.append(examine(settings))
        except Exception as error:  # the doctor reports, whatever broke
            results.append(
                Examination(
                    name,
                    False,
                    f"{type(error).__name__}: {error}",
                    "read the message; then `ppw doctor` again",
                )
            )
    return results


def _python(settings: Settings) -> Examination:
    found = ".".join(map(str, sys.version_info[:3]))
    good = (3, 11) <= sys.version_info[:2] <= (3, 13)
    return Examination(
        "python", good, found, "make the environment again with Python 3.11, 3.12 or 3.13: make clean run"
    )


def _packages(settings: Settings) -> Examination:
    found, absent = [], []
    for name in _DISTRIBUTIONS:
        try:
            found.append(f"{name} {version(name)}")
        except PackageNotFoundError:
            absent.append(name)
    finding = f"missing: {', '.join(absent)}" if absent else ", ".join(found)
    return Examination(
        "packages", not absent, finding, "make run installs them from requirements/product.txt"
    )


def _home(settings: Settings) -> Examination:
    settings.home.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile(dir=settings.home):
        pass
    return Examination("home", True, str(settings.home))


def _disk(settings: Settings) -> Examination:
    free = shutil.disk_usage(settings.home).free
    return Examination(
        "disk", free > _NEEDED_BYTES, f"{free / 1e9:.1f} GB free", "free at least 0.5 GB where PPW_HOME lies"
    )


def _landing(settings: Settings) -> Examination:
    # The snapshot of nothing: proves that bytes can be stored, and storing it again changes nothing.
    good = contains(settings, put(settings, b""))
    return Examination(
        "landing", good, settings.landing_location, "let the user of ppw write there, or set PPW_LANDING_URL"
    )


def _state(settings: Settings) -> Examination:
    migrate(settings)
    with reading(settings):
        pass
    return Examination("state database", True, settings.state_location.split("@")[-1])


def _records(settings: Settings) -> Examination:
    loaded = load_records(settings.specs_dir)
    if loaded.problems:
        return Examination(
            "source records", False, "; ".join(map(str, loaded.problems)), "mend the file each message names"
        )
    return Examination("source records", True, f"{len(loaded.records)} records in {settings.specs_dir}")


def _manifest(settings: Settings) -> Examination:
    stale = is_stale(settings)
    return Examination(
        "dbt manifest",
        not stale,
        "missing or older than the project" if stale else "fresh",
        "ppw run parses it again",
    )


def _lock(settings: Settings) -> Examination:
    try:
        with warehouse_lock(settings):
            return Examination("warehouse lock", True, "free")
    except WarehouseBusy as error:
        return Examination("warehouse lock", True, str(error))


def _release(settings: Settings) -> Examination:
    release_id = current_release_id(settings)
    if release_id is None:
        return Examination("current release", False, "none", "ppw run makes the first release")
    verify(release_dir(settings, release_id))
    return Examination("current release", True, f"{release_id}, whole")


def _report_font(settings: Settings) -> Examination:
    # Imported here: setting the alphabet needs typst, which nothing else examined does.
    from reports.paper.fonts import print_face

    # Typst's own serif is complete too, so a report can always be set.
    return Examination("report font", True, print_face().said())
