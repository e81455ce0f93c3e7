"""What the actions here load and lock: people first, by ascending id, then what is moved."""

from __future__ import annotations

from collections.abc import Collection
from typing import TypeVar
from uuid import UUID

from salam.core.errors import PermissionRefused
from salam.people.models import Person
from salam.service.models import Assignment, Offer, Session

Row = TypeVar("Row", Offer, Assignment)


def locked_offer(*, public_id: UUID) -> Offer:
    """An offer with its line, need and organisation. Raises PermissionRefused."""
    offers = Offer.objects.filter(public_id=public_id)
    _lock_people(set(offers.values_list("person_id", flat=True)))
    offer = (
        offers.select_for_update(of=("self",))
        .select_related("need_line__need__place", "organization")
        .first()
    )
    return _found(offer)


def locked_assignment(*, public_id: UUID) -> Assignment:
    """An assignment with its offer, place and organisations. Raises PermissionRefused."""
    assignments = Assignment.objects.filter(public_id=public_id)
    _lock_people(set(assignments.values_list("person_id", flat=True)))
    assignment = (
        assignments.select_for_update(of=("self",))
        .select_related("offer__need_line__need__place", "organization", "host")
        .first()
    )
    return _found(assignment)


def locked_sessions(*, public_ids: Collection[UUID]) -> list[Session]:
    """Sessions with their assignments, by id, all of them locked.

    Raises PermissionRefused when one is missing.
    """
    sessions = Session.objects.filter(public_id__in=public_ids)
    _lock_people(set(sessions.values_list("assignment__person_id", flat=True)))
    locked = list(
        sessions.select_for_update(of=("self", "assignment"))
        .select_related("assignment__offer__need_line__need__place", "assignment__host")
        .order_by("pk"),
    )
    if len(locked) != len(set(public_ids)):
        raise PermissionRefused
    return locked


def locked_session(*, public_id: UUID) -> Session:
    """One session as of :func:`locked_sessions`."""
    return locked_sessions(public_ids=[public_id])[0]


def _lock_people(person_ids: Collection[int]) -> None:
    """Withdrawing, forgetting and merging begin at the person's record, and so does every move."""
    people = Person.objects.select_for_update(no_key=True).filter(pk__in=person_ids)
    list(people.order_by("pk").values_list("pk", flat=True))


def _found(row: Row | None) -> Row:
    if row is None:
        raise PermissionRefused
    return row
