"""`python -m benchmarks.load.million FOLDER`: a home with a release of the synthetic million, FOLDER/home, to keep."""

from __future__ import annotations

import shutil
from pathlib import Path

import click

from benchmarks import synthetic
from benchmarks.main_job import run_main_job
from store.settings import load_settings


@click.command(help=__doc__)
@click.argument("folder", type=click.Path(path_type=Path, exists=False, file_okay=False))
def main(folder: Path) -> None:
    """Land the five issues of the made sources and run the main job."""
    if folder.exists():
        raise click.ClickException(f"{folder} exists already; name a folder to be made")
    folder.mkdir(parents=True)
    settings = load_settings()
    synthetic.prepare(folder, settings.dbt_project_dir / "seeds")
    settings = synthetic.settings_of(settings, folder.resolve())
    synthetic.land_issues(settings, folder, range(1, synthetic.ISSUES + 1))
    shutil.rmtree(settings.warehouse_dir, ignore_errors=True)
    timing = run_main_job("full build", settings, expects_release=True)
    click.echo(
        f"{settings.home}: {timing.seconds:.0f} s, {timing.cpu_seconds:.0f} CPU s, {timing.peak_gigabytes:.1f} GB"
    )


if __name__ == "__main__":
    main()
