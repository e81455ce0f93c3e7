"""What the actions of this room lock first: a person's record, or the way in."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from django.db import connection

from salam.core.errors import PermissionRefused
from salam.people.models import Person
from salam.people.queries import canonical_person_id

# Any constant does, as long as nobody else takes the same advisory lock.
_INTAKE_LOCK: Final = 7_300_211


class PersonNotFound(PermissionRefused):
    """Nobody has this number, or the person was forgotten. Outside it looks like a refusal."""


def locked_person(*, person_id: int) -> Person:
    """The record that a person lives on in, locked against other actions. Raises PersonNotFound."""
    person = (
        Person.objects.select_for_update(of=("self",), no_key=True)
        .select_related("home_place")
        .filter(
            pk=canonical_person_id(person_id=person_id),
            merged_into__isnull=True,
            forgotten_at__isnull=True,
        )
        .first()
    )
    if person is None:
        raise PersonNotFound
    return person


def lock_intake() -> None:
    """Until the transaction ends nobody else registers anybody: for many at once."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_INTAKE_LOCK])


def lock_intake_of(*, lookups: Iterable[bytes]) -> None:
    """Until the transaction ends nobody else registers the owner of these keyed hashes.

    A button pressed twice must not make two people. Others go on, but wait for a bulk intake, which
    takes a second or two.
    """
    keys = sorted(int.from_bytes(lookup[:8], signed=True) for lookup in lookups)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock_shared(%s)", [_INTAKE_LOCK])
        for key in keys:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [key])
