"""`python -m benchmarks.defects`: put defects into real series at random and say which rules name them.

Needs a warehouse (`ppw run`). The folder of published files beside the project adds tables of all provinces; without
it the bench runs on the shipped figures alone. `--write` puts the figures into docs/quality.md.
"""

import tempfile
from pathlib import Path

import click

from benchmarks.defects.bench import run_body
from benchmarks.defects.bodies import provinces, shipped
from benchmarks.defects.page import figures, page_with
from expectations.rules import load_rules
from store.settings import PROJECT_ROOT, load_settings
from store.warehouse import WarehouseError, warehouse_lock

_PAGE = PROJECT_ROOT / "docs" / "quality.md"
_DATA = PROJECT_ROOT.parent / "shared" / "data"


@click.command()
@click.option("--seed", default=20_261_122, show_default=True, help="The same seed draws the same defects.")
@click.option(
    "--repeats",
    default=10,
    show_default=True,
    type=click.IntRange(1),
    help="Rounds for each body of figures.",
)
@click.option(
    "--data", default=_DATA, type=click.Path(path_type=Path), help="The folder of published files, if any."
)
@click.option("--write", is_flag=True, help="Put the figures into docs/quality.md.")
def main(seed: int, repeats: int, data: Path, write: bool) -> None:
    """Measure how often the rules name a defect, and how often they object to a right figure."""
    settings, rule_set = load_settings(), load_rules()
    try:
        with tempfile.TemporaryDirectory() as folder, warehouse_lock(settings):
            bodies = [shipped(settings, Path(folder))]
            if data.is_dir():
                bodies.append(provinces(settings, Path(folder), data))
            else:
                click.echo(f"{data} is not there: the tables of all provinces are left out.", err=True)
            results = []
            for body in bodies:
                checks_dir = Path(folder) / "checks" / body.name
                results.append(run_body(body, rule_set, checks_dir, seed=seed, repeats=repeats))
                click.echo(f"{body.name}: {len(results[-1].outcomes)} defects", err=True)
    except (FileNotFoundError, WarehouseError) as error:
        raise click.ClickException(str(error)) from error
    text = figures(results, seed=seed, repeats=repeats, rule_set_version=rule_set.version)
    click.echo(text)
    if write:
        _PAGE.write_text(page_with(_PAGE.read_text(encoding="utf-8"), text), encoding="utf-8")
        click.echo(f"wrote {_PAGE.relative_to(PROJECT_ROOT)}", err=True)


if __name__ == "__main__":
    main()
