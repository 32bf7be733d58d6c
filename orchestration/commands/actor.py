"""Who acts at the command line: the option that every command of the gate takes."""

import getpass

import click

actor_option = click.option(
    "--actor", default=getpass.getuser, help="Who acts; the user of this machine when left out."
)
seen_option = click.option(
    "--seen",
    type=int,
    help="Number of the last step you saw (`sequence`): refused when there was one since; the last one when left out.",
)
