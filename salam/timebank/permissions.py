"""Whom a transfer belongs to when somebody asks to undo it."""

from __future__ import annotations

from collections.abc import Iterable

from salam.core.actors import Scope
from salam.organizations.permissions import scope_of
from salam.timebank.models import Entry


def scope_of_legs(*, entries: Iterable[Entry]) -> Scope:
    """The one organisation among the legs, in its place; accounts must be loaded with both.

    Transfers between people, in pilots, lie with nobody but national headquarters.
    """
    organizations = [
        entry.account.organization for entry in entries if entry.account.organization is not None
    ]
    return scope_of(organization=organizations[0]) if len(organizations) == 1 else Scope()
