"""What each role carries, and how far a grant reaches. Pure: no table is read here.

The default is no. A grant over a place carries to every place below it, over an organisation to
that one alone.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Final

from salam.access.enums import AGGREGATE_ROLES, STAFF_ROLES, Role
from salam.core.actors import Scope
from salam.core.verbs import AGGREGATE_VERBS, Verb

# Nobody holds these: a contact grant is written by the room service after the volunteer said yes,
# never by hand, not even by national headquarters (mission, rule 1).
INTERNAL_VERBS: Final = frozenset({Verb.CONTACT_GRANT})

# To see a person's contact data; held over one organisation, never over a place.
REVEAL_VERBS: Final = frozenset({Verb.CONTACT_OPEN})

# What is one for the whole country: the official list of places, the catalogue of skills, published
# figures, the lists of target places, the gateway of messages, the jobs of the workers.
_NATIONAL_VERBS: Final = frozenset(
    {
        Verb.BANK_OPEN,
        Verb.FIGURE_LOAD,
        Verb.JOB_RUN,
        Verb.MESSAGE_OPERATE,
        Verb.PLACE_IMPORT,
        Verb.SKILL_EDIT,
        Verb.TARGET_LIST_EDIT,
    },
)

# What the host of a service says about its own sessions, held over that one organisation: whoever
# approves a run does not also attest that its people came.
HOST_VERBS: Final = frozenset(
    {
        Verb.ASSIGNMENT_VIEW,
        Verb.HOURS_CONFIRM,
        Verb.HOURS_REVERSE,
        Verb.SESSION_PLAN,
        Verb.TRANSFER_POST,
        Verb.TRANSFER_REVERSE,
    },
)
_HEADQUARTERS_VERBS: Final = frozenset(Verb) - INTERNAL_VERBS - REVEAL_VERBS - HOST_VERBS

ROLE_VERBS: Final[Mapping[Role, frozenset[Verb]]] = {
    Role.NATIONAL_HQ: _HEADQUARTERS_VERBS,
    Role.PROVINCIAL_HQ: _HEADQUARTERS_VERBS - _NATIONAL_VERBS,
    # Takes needs from the street and sees what became of the place; people register by themselves
    # or at a centre.
    Role.FACILITATOR: frozenset({Verb.NEED_OPEN, Verb.NEED_CLOSE, Verb.AGGREGATE_VIEW}),
    # Why somebody was proposed for its own posts, whom it may call, the sessions and hours of those
    # who said yes, and its own entry in the register.
    Role.INTERMEDIARY_OFFICER: frozenset(
        HOST_VERBS
        | {
            Verb.ASSIGNMENT_END,
            Verb.CONTACT_OPEN,
            Verb.OFFER_WITHDRAW,
            Verb.ORGANIZATION_EDIT,
            Verb.PROPOSAL_EXPLAIN,
        },
    ),
    # The desk where people register in person, and the groups around it.
    Role.CENTRE_MANAGER: frozenset(
        {Verb.VOLUNTEER_REGISTER, Verb.GROUP_EDIT, Verb.AGGREGATE_VIEW},
    ),
    Role.GROUP_LEADER: frozenset({Verb.GROUP_EDIT}),
    Role.AGENCY_READER: AGGREGATE_VERBS,
    Role.AGENCY_REPORTER: AGGREGATE_VERBS,
}


@dataclass(frozen=True, kw_only=True)
class HeldRole:
    """The part of a live grant that decides: a role over a place or over an organisation."""

    role: Role
    place_path: str | None = None
    organization_id: int | None = None


@dataclass(frozen=True, kw_only=True)
class GrantedActor:
    """A person with the roles that were live at one instant.

    Made by ``access.queries.actor_for``.
    """

    person_id: int | None
    held: tuple[HeldRole, ...] = ()

    def can(self, verb: Verb, scope: Scope) -> bool:
        """Whether a role held carries the verb over the scope. The default is no."""
        return any(reaches(held=held, scope=scope) for held in self.carrying(verb=verb))

    def carrying(self, *, verb: Verb) -> tuple[HeldRole, ...]:
        """The roles held that carry a verb, after the roles that shut it off."""
        roles = {held.role for held in self.held}
        if shuts_off(roles=roles, verb=verb):
            return ()
        return tuple(held for held in self.held if verb in ROLE_VERBS[held.role])


def is_within(*, path: str, above: str) -> bool:
    """Whether a path is the other or lies below it, by labels: "ir.2" is not above "ir.23"."""
    return path == above or path.startswith(f"{above}.")


def reaches(*, held: HeldRole, scope: Scope) -> bool:
    """Whether a role's scope takes in what is asked about.

    A scope that names a place and an organisation is one thing seen twice (a centre in its city),
    so either is enough. The country's path has one label; whoever holds it reaches everything, also
    what has no place.
    """
    if held.place_path is not None:
        if "." not in held.place_path:
            return True
        return scope.place_path is not None and is_within(
            path=scope.place_path,
            above=held.place_path,
        )
    return held.organization_id is not None and held.organization_id == scope.organization_id


def shuts_off(*, roles: Collection[Role], verb: Verb) -> bool:
    """Whether one role takes away what another would carry.

    Someone of a partner agency sees counts only, and staff of the organisation reveal nobody,
    whatever else they hold: two records that were merged may bring such roles together.
    """
    if verb not in AGGREGATE_VERBS and any(role in AGGREGATE_ROLES for role in roles):
        return True
    return verb in REVEAL_VERBS and any(role in STAFF_ROLES for role in roles)


def may_hold_together(*, roles: Collection[Role]) -> bool:
    """Whether one person may hold these roles at once: none may shut off what another is for."""
    return not any(shuts_off(roles=roles, verb=verb) for role in roles for verb in ROLE_VERBS[role])
