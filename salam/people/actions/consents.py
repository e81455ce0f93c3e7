"""Giving and withdrawing consent."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from django.db import transaction
from django.db.models import Value
from django.db.models.functions import Greatest
from django.utils.translation import gettext as _

from salam.core.actors import Actor, Scope, require
from salam.core.dates import local_day
from salam.core.errors import DomainError
from salam.core.events import record_event
from salam.core.verbs import Verb
from salam.people.actions.locking import locked_person
from salam.people.enums import ConsentPurpose, RegistrationChannel, VolunteerStatus
from salam.people.models import Consent, Person, VolunteerProfile
from salam.people.queries import is_consent_complete, records_of_person

CONSENT_TEXT_VERSION: Final = "1405-09"


class GuardianMustConsent(DomainError):
    code = "guardian_must_consent"

    def __init__(self) -> None:
        super().__init__(
            _("رضایت سرپرست را خود نوجوان نمی‌دهد؛ سرپرست در یکی از مراکز آن را می‌دهد.")
        )


def give_consent(
    *,
    actor: Actor,
    person_id: int,
    purpose: ConsentPurpose,
    channel: RegistrationChannel,
    now: datetime,
) -> Consent:
    """Record an agreement to the current text; an invited volunteer may become active by it.

    People consent for themselves; a clerk with the right to register may write down what a person
    or a minor's guardian says. A live consent to the current text is returned as it is; one to an
    older text is closed and replaced. Writes an Event. Raises GuardianMustConsent,
    PermissionRefused.
    """
    with transaction.atomic():
        person = _locked_within_reach(actor, person_id)
        is_own = actor.person_id in {person_id, person.pk}
        if purpose is ConsentPurpose.GUARDIAN and is_own:
            raise GuardianMustConsent
        live = Consent.objects.filter(
            person=person,
            purpose=purpose,
            withdrawn_at__isnull=True,
        ).first()
        if live is not None and live.text_version == CONSENT_TEXT_VERSION:
            return live
        if live is not None:
            live.withdrawn_at = now
            live.save(update_fields=["withdrawn_at"])
        consent = Consent.objects.create(
            person=person,
            purpose=purpose,
            text_version=CONSENT_TEXT_VERSION,
            channel=channel,
            given_at=now,
            taken_by_id=None if is_own else actor.person_id,
        )
        settle_status(person=person, now=now)
        _record("people.consent_given", actor=actor, person=person, purpose=purpose)
    return consent


def withdraw_consent(
    *,
    actor: Actor,
    person_id: int,
    purpose: ConsentPurpose,
    now: datetime,
) -> bool:
    """End a live consent on all records of the person; returns False when there was none.

    Without the consents that matching needs, nothing is proposed any more. Writes an Event. Raises
    PermissionRefused.
    """
    with transaction.atomic():
        person = _locked_within_reach(actor, person_id)
        return close_consent(actor=actor, person=person, purpose=purpose, now=now)


def close_consent(*, actor: Actor, person: Person, purpose: ConsentPurpose, now: datetime) -> bool:
    """End a consent on all records of a locked person, and settle the status; writes an Event.

    Returns False when none was live.
    """
    ended = Consent.objects.filter(
        person_id__in=records_of_person(person_id=person.pk),
        purpose=purpose,
        withdrawn_at__isnull=True,
    ).update(withdrawn_at=Greatest("given_at", Value(now)))
    if ended:
        settle_status(person=person, now=now)
        _record("people.consent_withdrawn", actor=actor, person=person, purpose=purpose)
    return bool(ended)


def settle_status(*, person: Person, now: datetime) -> None:
    """Invited or active by what is consented to; who paused or withdrew stays so."""
    live = Consent.objects.filter(person=person, withdrawn_at__isnull=True)
    is_complete = is_consent_complete(
        birth_date=person.birth_date,
        given=set(live.values_list("purpose", flat=True)),
        on=local_day(now),
    )
    before, after = VolunteerStatus.ACTIVE, VolunteerStatus.INVITED
    if is_complete:
        before, after = after, before
    VolunteerProfile.objects.filter(person=person, status=before).update(status=after)


def _locked_within_reach(actor: Actor, person_id: int) -> Person:
    person = locked_person(person_id=person_id)
    if actor.person_id not in {person_id, person.pk}:
        path = person.home_place.path if person.home_place else None
        require(actor, Verb.VOLUNTEER_REGISTER, Scope(place_path=path, person_id=person.pk))
    return person


def _record(kind: str, *, actor: Actor, person: Person, purpose: ConsentPurpose) -> None:
    record_event(
        kind=kind,
        subject_type="people.Person",
        subject_id=person.pk,
        actor_id=actor.person_id,
        payload={"purpose": purpose.value},
    )
