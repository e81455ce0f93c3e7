"""Vetting and training: outcome and dates, never content."""

from __future__ import annotations

from datetime import date

from django.db import transaction
from django.utils.translation import gettext as _

from salam.core.actors import Actor, Scope, require
from salam.core.errors import InvalidInput
from salam.core.events import record_event
from salam.core.verbs import Verb
from salam.people.actions.locking import locked_person
from salam.people.enums import CredentialKind, VettingTier
from salam.people.models import Credential, Person, TrainingRecord
from salam.people.queries import canonical_person_id


def record_vetting(
    *,
    actor: Actor,
    person_id: int,
    tier: VettingTier,
    issued_on: date,
    expires_on: date,
) -> Credential:
    """Record that a person has been vetted to a tier, by somebody else; writes an Event.

    Raises InvalidInput, PermissionRefused.
    """
    if tier == VettingTier.NONE:
        raise InvalidInput(_("سطح صلاحیت را انتخاب کنید."))
    if expires_on <= issued_on:
        raise InvalidInput(_("پایان اعتبار باید پس از صدور باشد."))
    with transaction.atomic():
        person = _locked_within_reach(actor, person_id)
        verifier_id = actor.person_id and canonical_person_id(person_id=actor.person_id)
        if verifier_id == person.pk:
            raise InvalidInput(_("کسی نمی‌تواند صلاحیت خودش را تأیید کند."))
        credential = Credential.objects.create(
            person=person,
            kind=CredentialKind.VETTING,
            tier=tier,
            issued_on=issued_on,
            expires_on=expires_on,
            verified_by_id=verifier_id,
        )
        record_event(
            kind="people.vetting_recorded",
            subject_type="people.Credential",
            subject_id=credential.pk,
            actor_id=actor.person_id,
            payload={"person_id": person.pk, "tier": int(tier)},
        )
    return credential


def record_training(
    *,
    actor: Actor,
    person_id: int,
    course_code: str,
    duration_minutes: int,
    completed_on: date,
) -> TrainingRecord:
    """Record a completed course; the same course on the same day is recorded once.

    Writes an Event for a new record. Raises InvalidInput, PermissionRefused.
    """
    if duration_minutes <= 0:
        raise InvalidInput(_("مدت دوره باید بیشتر از صفر باشد."))
    with transaction.atomic():
        person = _locked_within_reach(actor, person_id)
        record, created = TrainingRecord.objects.get_or_create(
            person=person,
            course_code=course_code,
            completed_on=completed_on,
            defaults={"duration_minutes": duration_minutes},
        )
        if created:
            record_event(
                kind="people.training_recorded",
                subject_type="people.TrainingRecord",
                subject_id=record.pk,
                actor_id=actor.person_id,
                payload={"person_id": person.pk, "minutes": duration_minutes},
            )
    return record


def _locked_within_reach(actor: Actor, person_id: int) -> Person:
    person = locked_person(person_id=person_id)
    path = person.home_place.path if person.home_place else None
    require(actor, Verb.CREDENTIAL_RECORD, Scope(place_path=path, person_id=person.pk))
    return person
