"""Who acts, as every room sees it.

Grants live in `access`, above the rooms that must ask for them. So each action takes an
:class:`Actor` and asks it; `access.queries.actor_for` makes the one that carries a person's grants
(docs/decisions/0005).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from salam.core.errors import PermissionRefused
from salam.core.verbs import Verb


@dataclass(frozen=True, kw_only=True)
class Scope:
    """What a verb is asked about: a place (its path), an organisation, a person.

    Any may be left out; an empty scope is the whole country.
    """

    place_path: str | None = None
    organization_id: int | None = None
    person_id: int | None = None


class Actor(Protocol):
    """Somebody who may or may not do things."""

    @property
    def person_id(self) -> int | None:
        """Whose name stands in the audit log; None for the operator at the console."""

    def can(self, verb: Verb, scope: Scope) -> bool:
        """Whether a live grant carries the verb over the scope. The default is no."""


@dataclass(frozen=True)
class ConsoleOperator:
    """Whoever runs `salam` on the server.

    They hold its files and database anyway, so nothing is refused. Only the command line makes
    one; a test keeps it so.
    """

    person_id: int | None = None

    def can(self, verb: Verb, scope: Scope) -> bool:
        del verb, scope
        return True


@dataclass(frozen=True)
class Stranger:
    """Nobody we know: a visitor of the public pages, or a person registering."""

    person_id: int | None = None

    def can(self, verb: Verb, scope: Scope) -> bool:
        del verb, scope
        return False


def require(actor: Actor, verb: Verb, scope: Scope) -> None:
    """Raise PermissionRefused, which outside looks like "not found", unless the actor may."""
    if not actor.can(verb, scope):
        raise PermissionRefused
