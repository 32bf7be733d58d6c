"""`ppw`, the command line. Each command imports what it needs when it runs: `ppw --help` answers at once."""

import importlib
import os
import sys
from typing import Any, NoReturn

import click

# Command name -> module under orchestration.commands that defines it as `command`.
COMMANDS = {
    "run": "run",
    "serve": "serve",
    "source": "source",
    "read": "read",
    "target": "target",
    "plan": "plan",
    "template": "template",
    "submission": "submission",
    "explain": "explain",
    "assess": "assess",
    "query": "query",
    "series": "series",
    "release": "release",
    "report": "report",
    "export": "export",
    "finding": "finding",
    "statement": "statement",
    "role": "role",
    "deputy": "deputy",
    "audit": "audit",
    "snapshot": "snapshot",
    "doctor": "doctor",
}


# What a shell reports of a program that a closed pipe ended (128 + SIGPIPE).
PIPE_CLOSED = 141


class LazyGroup(click.Group):
    """Loads a command's module when it is called or described."""

    def main(self, *args: Any, **options: Any) -> Any:
        """Run the command line; a reader that has seen enough (`ppw read FILE | head`) ends it without a word."""
        stdout = sys.stdout
        try:
            try:
                return super().main(*args, **options)
            finally:
                if sys.stdout is not stdout:
                    # click met the closed pipe first, printing a help text, and has put another stream there.
                    sys.exit(PIPE_CLOSED)
                sys.stdout.flush()
        except BrokenPipeError:
            _end_quietly()

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def invoke(self, ctx: click.Context) -> object:
        """Run the command; the project's own errors become one message and an exit code instead of a traceback."""
        from expectations.gate.states import NotAllowed
        from orchestration.output import CommandFailed
        from store.landing import LandingError
        from store.manifest import ReleaseError
        from store.review import Overtaken
        from store.settings import SettingsError
        from store.state import StateError
        from store.warehouse import WarehouseError

        try:
            return super().invoke(ctx)
        except BrokenPipeError:
            _end_quietly()
        except SettingsError as error:
            raise click.UsageError(str(error)) from error
        except (NotAllowed, Overtaken) as error:
            raise CommandFailed(str(error)) from error
        except (LandingError, ReleaseError, StateError, WarehouseError, OSError) as error:
            raise CommandFailed(f"{error}\n`ppw doctor` examines the installation") from error

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        module = importlib.import_module(f"orchestration.commands.{COMMANDS[cmd_name]}")
        command: click.Command = module.command
        return command


def _end_quietly() -> NoReturn:
    # Python flushes once more as it ends; what is left goes nowhere.
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    sys.exit(PIPE_CLOSED)


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
