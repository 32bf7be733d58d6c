"""`ppw`, the command line. Each command imports what it needs when it runs: `ppw --help` answers at once."""

import importlib

import click

# Command name -> module under orchestration.commands that defines it as `command`.
COMMANDS = {
    "run": "run",
    "serve": "serve",
    "source": "source",
    "target": "target",
    "explain": "explain",
    "query": "query",
    "release": "release",
    "doctor": "doctor",
}


class LazyGroup(click.Group):
    """Loads a command's module when it is called or described."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def invoke(self, ctx: click.Context) -> object:
        """Run the command; the project's own errors become one message and an exit code instead of a traceback."""
        from orchestration.output import CommandFailed
        from store.landing import LandingError
        from store.manifest import ReleaseError
        from store.settings import SettingsError
        from store.state import StateError
        from store.warehouse import WarehouseError

        try:
            return super().invoke(ctx)
        except SettingsError as error:
            raise click.UsageError(str(error)) from error
        except (LandingError, ReleaseError, StateError, WarehouseError, OSError) as error:
            raise CommandFailed(f"{error}\n`ppw doctor` examines the installation") from error

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        module = importlib.import_module(f"orchestration.commands.{COMMANDS[cmd_name]}")
        command: click.Command = module.command
        return command


@click.group(
    cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110}
)
@click.version_option(package_name="provincial-plan-warehouse", prog_name="ppw")
def main() -> None:
    """Provincial plan warehouse: published figures against the targets of the provincial plan.

    Exit codes: 0 good; 1 something failed or was quarantined; 2 wrong usage.
    """


if __name__ == "__main__":
    main()
