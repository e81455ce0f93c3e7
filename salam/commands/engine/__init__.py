"""`salam engine`: the matching engine on instance files. No database, none of the site."""

from __future__ import annotations

import click

from salam.commands.lazy import LazyGroup

_COMMANDS = {
    "check": "salam.commands.engine.solving:check",
    "generate": "salam.commands.engine.generating:generate_command",
    "orlib": "salam.commands.engine.assignment:orlib",
    "solve": "salam.commands.engine.solving:solve_command",
}


@click.group(cls=LazyGroup, targets=_COMMANDS)
def engine() -> None:
    """Match volunteers and needs of an instance file (docs/instance-format.md)."""
