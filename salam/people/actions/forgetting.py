"""What the room people holds on a person, and how it forgets."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from django.db import transaction
from django.db.models import Value
from django.db.models.functions import Greatest

from salam.core.actors import Actor, Scope, require
from salam.core.events import record_event
from salam.core.personal_data import personal_data_handlers
from salam.core.verbs import Verb
from salam.people.actions.locking import PersonNotFound
from salam.people.enums import Gender, PlaceOfService, VolunteerStatus
from salam.people.models import (
    Consent,
    Credential,
    Facilitator,
    Person,
    TrainingRecord,
    VolunteerProfile,
)
from salam.people.queries import held_on_person, records_of_person
from salam.people.vault.actions import erase_entries


def forget_person(*, actor: Actor, person_id: int, now: datetime) -> None:
    """Erase a person's identity in every room, in one transaction. People may ask for themselves.

    Duplicates that were merged into the person are forgotten with it. Each room's handler runs,
    highest room first; the rows stay as empty shells, so that hours and the audit log keep pointing
    at somebody who is nobody. Writes an Event; somebody forgotten already stays so. Raises
    PermissionRefused.
    """
    with transaction.atomic():
        records = _locked_records(person_id)
        keys = {record.pk for record in records}
        if actor.person_id is None or actor.person_id not in keys:
            require(actor, Verb.PERSON_MERGE, Scope(person_id=person_id))
        if not records:
            raise PersonNotFound
        waiting = [record.pk for record in records if record.forgotten_at is None]
        for handler in reversed(personal_data_handlers()):
            for record_id in waiting:
                handler.forget(record_id, now)
        for record_id in waiting:
            record_event(
                kind="people.person_forgotten",
                subject_type="people.Person",
                subject_id=record_id,
                actor_id=actor.person_id,
            )


def export_for(person_id: int) -> Mapping[str, object]:
    """What this room holds, with the vault shut: a person's own page shows contact data."""
    return held_on_person(person_id=person_id)


def forget(person_id: int, now: datetime) -> None:
    """Empty one record and its profile, close consents, erase contact data."""
    erase_entries(person_id=person_id)
    Consent.objects.filter(person_id=person_id, withdrawn_at__isnull=True).update(
        withdrawn_at=Greatest("given_at", Value(now)),
    )
    Credential.objects.filter(person_id=person_id).delete()
    TrainingRecord.objects.filter(person_id=person_id).delete()
    Facilitator.objects.filter(person_id=person_id).delete()
    VolunteerProfile.objects.filter(person_id=person_id).update(
        status=VolunteerStatus.WITHDRAWN,
        skill_bits=0,
        area_bits=0,
        half_day_bits=0,
        weekly_half_days=0,
        radius_m=0,
        place_of_service=PlaceOfService.EITHER,
        campaign_code="",
        province_code="",
    )
    Person.objects.filter(pk=person_id).update(
        given_name="",
        family_name="",
        birth_date=None,
        gender=Gender.UNSTATED,
        home_place=None,
        province_code="",
        forgotten_at=now,
    )


def _locked_records(person_id: int) -> list[Person]:
    """All records of a person, locked.

    While we waited for a lock, a merge may have brought another record in: it must not stay whole.
    """
    while True:
        with transaction.atomic():
            records = list(
                Person.objects.select_for_update(no_key=True)
                .filter(pk__in=records_of_person(person_id=person_id))
                .order_by("pk"),
            )
            if [record.pk for record in records] == records_of_person(person_id=person_id):
                return records
            # Let go of the locks, so that the next try takes them by ascending ids, too.
            transaction.set_rollback(True)
