"""Numbers for delivery go through one door: of all rooms only messaging is handed them.

The linter of contracts sees modules; here single names count, by the rules of tests/test_tidy.py.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import Final

from tests.test_tidy import House, house_of, our_house, python_of

DOOR: Final = "contact_for_delivery"
INNOCENT: Final = {
    "salam/access/actions/__init__.py": f"from salam.access.actions.contacts import {DOOR}\n",
    "salam/messaging/actions.py": f"from salam.access.actions import {DOOR}\n",
    "salam/web/views.py": "from salam.access.actions import open_contact\n",
}
PLANTED: Final = {
    "salam/service/actions.py": f"from salam.access.actions import {DOOR}\n",
    "salam/commands/call.py": f"from salam.access import actions\nactions.{DOOR}()\n",
    "salam/web/views.py": f"def view():\n    from salam.access.actions import {DOOR} as door\n",
}


def who_asks_for_numbers(house: House) -> Iterator[str]:
    """Files outside access and messaging that name the door."""
    for source in python_of(house, within="salam/"):
        if source.room in {"access", "messaging"}:
            continue
        for node in source.nodes:
            names = {one.name for one in node.names} if isinstance(node, ast.ImportFrom) else set()
            if isinstance(node, ast.Attribute):
                names = {node.attr}
            if DOOR in names:
                yield str(source.path)


def test_only_messaging_is_handed_numbers() -> None:
    assert {*who_asks_for_numbers(our_house())} == set()


def test_whoever_else_asks_is_noticed() -> None:
    assert {*who_asks_for_numbers(house_of({**INNOCENT, **PLANTED}))} == {*PLANTED}
