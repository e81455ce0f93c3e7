"""Who may open a case and make which move; nothing here reads more than one case."""

from __future__ import annotations

from salam.cases.enums import Desk
from salam.cases.models import Case
from salam.cases.processes import Move, Process
from salam.core.actors import Actor, Scope


def may_open(*, actor: Actor, process: Process, place_path: str) -> bool:
    """Whether somebody may open a case of a process over a place."""
    if process.open_verb is None:
        return actor.person_id is not None
    return actor.can(process.open_verb, Scope(place_path=place_path))


def may_move(*, actor: Actor, case: Case, move: Move) -> bool:
    """Whether a move is this actor's, wherever the case stands.

    The desk's: of whoever holds the verb where the desk sits, or above it. The opener's: of that
    person alone. The case's desk place must be loaded.
    """
    if move.is_openers:
        return actor.person_id is not None and actor.person_id == case.opened_by_id
    if move.verb is None:
        return False
    return actor.can(move.verb, Scope(place_path=case.desk_place.path))


def may_see(*, actor: Actor, case: Case, process: Process) -> bool:
    """Whether somebody opened a case or works at a desk that it ever comes to."""
    if actor.person_id is not None and actor.person_id == case.opened_by_id:
        return True
    verbs = {move.verb for move in process.moves if move.verb is not None}
    scope = Scope(place_path=case.place.path)
    return any(actor.can(verb, scope) for verb in verbs)


def desk_level(desk: Desk, place_path: str) -> str:
    """The path of the place at which a desk for a place sits."""
    labels = place_path.split(".")
    match desk:
        case Desk.COUNTRY:
            return labels[0]
        case Desk.PROVINCE:
            return ".".join(labels[:2])
        case _:
            return place_path
