"""Whom a transfer belongs to when somebody asks to undo it."""

from __future__ import annotations

from collections.abc import Iterable

from salam.core.actors import Scope
from salam.organizations.permissions import scope_of
from salam.timebank.models import Entry


def scope_of_legs(*, entries: Iterable[Entry]) -> Scope:
    """The organisation that gave the hours, in its place; accounts must be loaded with both.

    Transfers between people, in pilots, lie with nobody but national headquarters.
    """
    payers = [
        entry.account.organization
        for entry in entries
        if entry.amount_minutes < 0 and entry.account.organization is not None
    ]
    return scope_of(organization=payers[0]) if len(payers) == 1 else Scope()
