"""The command; see the package."""

from __future__ import annotations

import asyncio
import os
import tempfile
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import click
import pyarrow.parquet as pq

from benchmarks.load import page
from benchmarks.load.measure import Result, look_at_memory, run_step
from benchmarks.load.people import Crowd
from benchmarks.load.prepared import NotSynthetic, prepare_again
from benchmarks.load.server import RunningServer, serving
from store.manifest import ReleaseError
from store.releases import release_dir
from store.settings import Settings, load_settings

STEPS = (5, 10, 20, 40, 80, 120, 160, 200)
_DOCUMENT = Path(__file__).parents[2] / "docs" / "benchmarks.md"
_TAIL = 4000


async def measure(
    settings: Settings, server: RunningServer, people: int, seconds: float, *, find_knee: bool
) -> Result:
    """Measure a server that runs."""
    release = release_dir(settings)
    at_start = server.use().megabytes
    result = Result(
        release_id=release.name,
        observations=pq.read_metadata(release / "fct_observation.parquet").num_rows,
        cores=os.cpu_count() or 1,
        seconds_to_start=server.seconds_to_start,
        megabytes_at_start=at_start,
        open_pages=await look_at_memory(server),
    )
    crowd = Crowd(server.port)
    try:
        for number in STEPS if find_knee else (people,):
            step = await run_step(server, crowd, number, seconds)
            result.steps.append(step)
            click.echo(
                f"{number} people: first page p95 {step.first_page.p95:.3f} s, click p95 {step.clicks.p95:.3f} s, "
                f"{len(step.faults)} faults, server {step.server_cpu:.2f} cores, load {step.machine_load:.1f}",
                err=True,
            )
            if find_knee and number >= people and not step.holds:
                break
    finally:
        await crowd.leave()
    return result


@click.command(help=__doc__)
@click.option("--home", type=click.Path(path_type=Path, file_okay=False), help="Home whose release is shown.")
@click.option("--people", type=click.IntRange(1, 200), default=20, show_default=True)
@click.option(
    "--seconds", type=click.FloatRange(5, 900), default=120, show_default=True, help="Of each step."
)
@click.option("--knee", is_flag=True, help=f"Steps of {', '.join(map(str, STEPS))} people, until it breaks.")
@click.option(
    "--prepare", is_flag=True, help="First prepare the page data of a release of the benchmark anew."
)
@click.option("--write", "writes", is_flag=True, help="Put the result into docs/benchmarks.md.")
def main(*, home: Path | None, people: int, seconds: float, knee: bool, prepare: bool, writes: bool) -> None:
    """Start a page server, load it, print what was seen."""
    settings = load_settings()
    if home is not None:
        settings = settings.model_copy(update={"home": home.resolve()})
    try:
        release = release_dir(settings)
        if prepare:
            prepare_again(release)
    except (ReleaseError, NotSynthetic) as fault:
        raise click.ClickException(str(fault)) from fault
    with tempfile.TemporaryFile() as log:
        try:
            with serving(settings, log) as server:
                result = asyncio.run(measure(settings, server, people, seconds, find_knee=knee))
        except Exception:
            log.seek(max(0, log.seek(0, os.SEEK_END) - _TAIL))
            click.echo(log.read().decode(errors="replace"), err=True)
            raise
    text = page.section(result, datetime.now(ZoneInfo(settings.time_zone)).date())
    click.echo(text)
    if writes:
        page.write(_DOCUMENT, text)


if __name__ == "__main__":
    main()
