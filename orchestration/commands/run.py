"""`ppw run`: retrieve, build, check, publish."""

import logging
import os
import sys
from datetime import datetime

import click

from orchestration.output import emit_json


@click.command()
@click.option(
    "--source", "source_ids", multiple=True, metavar="ID", help="Retrieve only this source; may be repeated."
)
@click.option("--live", is_flag=True, help="Pull the live routes instead of the recorded snapshots.")
@click.option("--cut-off", type=click.DateTime(["%Y-%m-%d"]), help="Judge what is known up to this day.")
@click.option("--english", is_flag=True, help="The scorecard in English.")
@click.option("--json", "as_json", is_flag=True, help="The result as one JSON document.")
def command(
    source_ids: tuple[str, ...], live: bool, cut_off: datetime | None, english: bool, as_json: bool
) -> None:
    """Run the main job; it ends with the scorecard of the release in force.

    Exit code 1 when a source failed or was quarantined, even if a release was made.
    """
    # The pages' modules are used for their words; outside a server Streamlit would warn about its cache.
    os.environ.setdefault("STREAMLIT_LOGGER_LEVEL", "error")
    from orchestration.run import WrongArgument, run
    from orchestration.scorecard import print_scorecard, scorecard
    from store.settings import load_settings

    _show_progress(quiet=as_json)
    settings = load_settings()
    try:
        result = run(settings, source_ids=source_ids, live=live, cut_off=cut_off.date() if cut_off else None)
    except WrongArgument as error:
        raise click.UsageError(str(error)) from error
    card = scorecard(settings, "en" if english else "vi") if result.release_id else None
    if as_json:
        emit_json({**result.as_dict(), "scorecard": card})
    else:
        result.print_summary()
        if card is not None:
            print_scorecard(card)
    raise SystemExit(result.exit_code)


def _show_progress(quiet: bool) -> None:
    """Stage lines go to standard error, so that standard output is the result alone."""
    logger = logging.getLogger("ppw")
    logger.handlers = [] if quiet else [logging.StreamHandler(sys.stderr)]
    logger.setLevel(logging.WARNING if quiet else logging.INFO)
    logger.propagate = False
