"""Draws docs/rooms.md from the code: ``make docs``. A test keeps it up to date."""

from __future__ import annotations

import inspect
import os
import tomllib
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Final

import django
from django.apps import apps

from salam.core.verbs import Verb

CHECKOUT: Final = Path(__file__).resolve().parents[1]
PAGE: Final = CHECKOUT / "docs" / "rooms.md"
_CONTRACT: Final = "Rooms flow one way"
_HEAD: Final = """\
# The rooms

Drawn from the code by `make docs`; do not edit. A room imports only from rooms of lower layers,
never from one beside it. How they work together is told in [architecture.md](architecture.md).
"""


def layers() -> list[list[str]]:
    """Names of rooms by layer, highest first, with those that are not built yet."""
    with (CHECKOUT / "pyproject.toml").open("rb") as file:
        contracts = tomllib.load(file)["tool"]["importlinter"]["contracts"]
    contract = next(one for one in contracts if one["name"] == _CONTRACT)
    return [[room.strip(" ()") for room in layer.split("|")] for layer in contract["layers"]]


def page() -> str:
    """The whole page."""
    parts = [_HEAD, _table_of_layers()]
    parts += [_section(room) for layer in layers() for room in layer if _is_built(room)]
    return "\n".join(parts)


def _table_of_layers() -> str:
    rows = (
        f"| {number} | {' · '.join(_named(room) for room in layer)} |"
        for number, layer in enumerate(layers(), start=1)
    )
    return "\n".join(("| layer | rooms |", "| ---: | --- |", *rows, ""))


def _named(room: str) -> str:
    return f"[{room}](#{room})" if _is_built(room) else f"*{room}* (to come)"


def _is_built(room: str) -> bool:
    return (CHECKOUT / "salam" / room).is_dir()


def _section(room: str) -> str:
    lines = [f"## {room}", ""]
    if said := _first_paragraph(import_module(f"salam.{room}")):
        lines += [said, ""]
    if models := [*_models_of(room)]:
        lines += ["| model | is |", "| --- | --- |", *models, ""]
    if verbs := [*_verbs_of(room)]:
        lines += [f"Verbs: {', '.join(verbs)}.", ""]
    return "\n".join(lines)


def _models_of(room: str) -> Iterator[str]:
    for model in sorted(apps.get_models(), key=lambda one: one.__name__):
        if model.__module__.startswith(f"salam.{room}."):
            # Django writes the fields where nobody wrote a sentence.
            is_said = not (model.__doc__ or "").startswith(f"{model.__name__}(")
            yield f"| `{model.__name__}` | {_first_paragraph(model) if is_said else '?'} |"


def _verbs_of(room: str) -> Iterator[str]:
    return (f"`{verb}`" for verb in sorted(Verb) if verb.startswith(f"{room}:"))


def _first_paragraph(thing: object) -> str:
    text = inspect.cleandoc(thing.__doc__ or "")
    return " ".join(text.split("\n\n")[0].split())


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "salam.config.settings")
    django.setup()
    PAGE.write_text(page(), encoding="utf-8")
    print(f"{PAGE.relative_to(CHECKOUT)} is drawn.")
