"""What each room holds on a person and how it forgets.

Registered at start-up, asked by the room people. A test walks all tables and fails for one with a
key to a person that no handler names.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

ExportFor = Callable[[int], Mapping[str, object]]
Forget = Callable[[int, datetime], None]


@dataclass(frozen=True)
class PersonalData:
    """One room's promise about the tables it names ("people.Consent")."""

    room: str
    tables: Sequence[str]
    export_for: ExportFor
    """Person id -> what this room holds on the person, in plain values that can be printed."""
    forget: Forget
    """Person id, instant -> erase or cut loose.

    Records that must stay (hours, audit) stay without the identity.
    """


_registered: dict[str, PersonalData] = {}


def register_personal_data(handler: PersonalData) -> None:
    """Called once per room, from its AppConfig.ready."""
    _registered[handler.room] = handler


def personal_data_handlers() -> Sequence[PersonalData]:
    """All handlers, highest room last registered: the order of INSTALLED_APPS."""
    return tuple(_registered.values())
