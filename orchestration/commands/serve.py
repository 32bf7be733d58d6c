"""`ppw serve`: the pages and the Dagster UI on loopback."""

import click

PORT = click.IntRange(1, 65535)


@click.command()
@click.option("--port", type=PORT, default=8501, show_default=True, help="Port of the pages.")
@click.option(
    "--dagster-port",
    type=PORT,
    default=3000,
    show_default=True,
    help="Port of the Dagster UI.",
)
@click.option("--pages-only", is_flag=True, help="Only the pages: what a machine for readers runs.")
def command(port: int, dagster_port: int, pages_only: bool) -> None:
    """Serve the pages and the Dagster UI on 127.0.0.1 until Ctrl-C."""
    from orchestration.servers import serve
    from store.settings import load_settings

    if port == dagster_port and not pages_only:
        raise click.UsageError("--port and --dagster-port are the same; give each server its own")
    raise SystemExit(serve(load_settings(), port, None if pages_only else dagster_port))
