"""`ppw doctor`: checks the installation."""

import click

from orchestration.output import emit_json


@click.command()
@click.option("--json", "as_json", is_flag=True)
def command(as_json: bool) -> None:
    """Check the installation: versions, stores, records, release; each fault with its mend."""
    from orchestration.diagnosis import diagnose
    from store.settings import load_settings

    examinations = diagnose(load_settings())
    if as_json:
        emit_json([examination.as_dict() for examination in examinations])
    else:
        for examination in examinations:
            click.echo(f"{'ok ' if examination.good else 'BAD'}  {examination.name}: {examination.finding}")
            if not examination.good:
                click.echo(f"     mend: {examination.mend}")
    raise SystemExit(0 if all(examination.good for examination in examinations) else 1)
