"""A group of commands that imports each one only when it is called."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from typing import Any

import click


class LazyGroup(click.Group):
    """Finds a command by name (targets: name → "module:attribute") and imports its module then."""

    def __init__(self, *arguments: Any, targets: Mapping[str, str], **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.targets = targets

    def list_commands(self, ctx: click.Context) -> list[str]:
        del ctx
        return sorted(self.targets)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        del ctx
        target = self.targets.get(cmd_name)
        if target is None:
            return None
        module, _, attribute = target.partition(":")
        command: click.Command = getattr(import_module(module), attribute)
        return command
