"""Brokered contact: who sees a number or national ID, how long, and the trace that it leaves."""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta
from typing import Final

from django.db import connection, transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from salam.access.enums import OPENABLE_FIELDS
from salam.access.models import ContactGrant, Disclosure
from salam.access.queries import actor_for, live_contact_grants
from salam.core.actors import Actor, Scope, require
from salam.core.dates import local_day
from salam.core.errors import InvalidInput, PermissionRefused
from salam.core.events import record_event
from salam.core.verbs import Verb
from salam.organizations.models import Organization
from salam.organizations.queries import is_usable_intermediary
from salam.people.actions.locking import locked_person
from salam.people.enums import ConsentPurpose
from salam.people.models import Person
from salam.people.queries import (
    canonical_person_id,
    lacks_guardian,
    last_word_by_purpose,
    records_of_person,
)
from salam.people.vault.enums import VaultKind
from salam.people.vault.queries import VaultEntryMissing, open_entry

# A placement that lasts longer is agreed anew: nobody's number stays open because someone forgot to
# close it.
CONTACT_GRANT_MAX: Final = timedelta(days=184)

# Purposes and origins go into Events and onto the owner's page: codes, never what somebody typed.
_CODE: Final = re.compile(r"[a-z][a-z0-9_.:-]*")
_PURPOSE_LENGTH_MAX: Final = 40
_ORIGIN_LENGTH_MAX: Final = 64


def give_contact_grant(
    *,
    organization_id: int,
    person_id: int,
    purpose: str,
    origin: str,
    now: datetime,
    valid_until: datetime,
) -> ContactGrant:
    """Let an intermediary see a volunteer's contact data for a while; writes an Event.

    For the room service, inside the transaction in which the volunteer accepts: there is no actor
    to ask, and no role carries the verb. A second grant of the same origin replaces the first.
    Raises InvalidInput, and PermissionRefused also for a minor whom no guardian stands for.
    """
    _check_code(purpose, _PURPOSE_LENGTH_MAX)
    _check_code(origin, _ORIGIN_LENGTH_MAX)
    if not now < valid_until <= now + CONTACT_GRANT_MAX:
        raise InvalidInput(_("اجازهٔ تماس باید پایانی داشته باشد، حداکثر شش ماه دیگر."))
    with transaction.atomic():
        person = locked_person(person_id=person_id)
        organization = _locked_intermediary(organization_id)
        if lacks_guardian(person_id=person.pk, on=local_day(now)):
            raise PermissionRefused
        ContactGrant.objects.filter(
            organization=organization,
            person=person,
            origin=origin,
            withdrawn_at__isnull=True,
        ).update(withdrawn_at=now)
        grant = ContactGrant.objects.create(
            organization=organization,
            person=person,
            purpose=purpose,
            origin=origin,
            valid_from=now,
            valid_until=valid_until,
        )
        record_event(
            kind="access.contact_granted",
            subject_type="access.ContactGrant",
            subject_id=grant.pk,
            actor_id=None,
            payload={
                "person_id": person.pk,
                "organization_id": organization.pk,
                "purpose": purpose,
                "origin": origin,
            },
        )
    return grant


def withdraw_contact_grants(*, origin: str, now: datetime) -> int:
    """End all contact grants of one origin at once; returns how many.

    Writes an Event when there were any.
    """
    with transaction.atomic():
        grants = ContactGrant.objects.select_for_update().filter(
            origin=origin,
            withdrawn_at__isnull=True,
        )
        keys = list(grants.order_by("id").values_list("id", flat=True))
        ContactGrant.objects.filter(pk__in=keys).update(withdrawn_at=now)
        for key in keys:
            record_event(
                kind="access.contact_withdrawn",
                subject_type="access.ContactGrant",
                subject_id=key,
                actor_id=None,
                payload={"origin": origin},
            )
    return len(keys)


def open_contact(
    *,
    actor: Actor,
    contact_grant_id: int,
    field: VaultKind,
    purpose: str,
    now: datetime,
) -> str:
    """Show one contact field of one volunteer to an officer of the intermediary that may call them.

    The look is on record before the value leaves: Disclosure and Event commit first (``durable``:
    no outer transaction can take them back). Grant, consent, organisation and the viewer's role are
    all read now, under lock, not when the page was opened. Whatever is missing, over, suspended or
    not theirs looks the same: PermissionRefused.
    """
    with transaction.atomic(durable=True):
        grant = _locked_contact_grant(contact_grant_id, now)
        viewer_id = _require_viewer(actor, grant.organization_id, now)
        if field not in OPENABLE_FIELDS or purpose != grant.purpose:
            raise PermissionRefused
        value = _opened(grant.person_id, field)
        if value is None:
            raise PermissionRefused
        disclosure = Disclosure.objects.create(
            contact_grant=grant,
            person_id=grant.person_id,
            viewer_id=viewer_id,
            organization_id=grant.organization_id,
            field=field,
            purpose=purpose,
            occurred_at=now,
        )
        record_event(
            kind="access.contact_opened",
            subject_type="access.Disclosure",
            subject_id=disclosure.pk,
            actor_id=viewer_id,
            payload={
                "contact_grant_id": grant.pk,
                "person_id": grant.person_id,
                "organization_id": grant.organization_id,
                "field": field.value,
                "purpose": purpose,
            },
        )
    return value


def contact_for_delivery(
    *,
    person_id: int,
    purpose: str,
    day: date,
    reaches_people: bool = True,
) -> str | None:
    """A person's phone number, for a message that the system itself sends; None when there is none.

    For the room messaging alone, which hands it to a gateway and never to a page. Counted by day
    and purpose, never listed by person. None also for people made up for a demo, whose numbers may
    belong to somebody, unless ``reaches_people`` is False: a gateway that only writes a file.
    """
    _check_code(purpose, _PURPOSE_LENGTH_MAX)
    records = records_of_person(person_id=person_id)
    if reaches_people and Person.objects.filter(pk__in=records, is_generated=True).exists():
        return None
    with transaction.atomic():
        phone = _opened(person_id, VaultKind.PHONE)
        if phone is not None:
            _count_delivery(purpose, day)
    return phone


def count_delivery(*, purpose: str, day: date) -> None:
    """Count one delivery to a number that came from its owner a moment ago, not from the vault.

    For the room messaging alone. Raises RuntimeError inside a transaction (``durable``): what is
    counted is about to leave, whatever becomes of the caller.
    """
    _check_code(purpose, _PURPOSE_LENGTH_MAX)
    with transaction.atomic(durable=True):
        _count_delivery(purpose, day)


def _check_code(text: str, length_max: int) -> None:
    if len(text) > length_max or not _CODE.fullmatch(text):
        raise InvalidInput(_("هدف تماس باید یکی از کدهای سامانه باشد."))


def _locked_intermediary(organization_id: int) -> Organization:
    organization = (
        Organization.objects.select_for_update(no_key=True).filter(pk=organization_id).first()
    )
    if organization is None or not is_usable_intermediary(organization=organization):
        raise PermissionRefused
    return organization


def _locked_contact_grant(contact_grant_id: int, now: datetime) -> ContactGrant:
    """A live grant whose organisation cannot be suspended until we are done."""
    grant = (
        live_contact_grants(at=now)
        .select_for_update(of=("self", "organization"), no_key=True)
        .select_related("organization")
        .filter(pk=contact_grant_id, person__forgotten_at__isnull=True)
        .first()
    )
    if grant is None or _took_consent_back(grant.person_id):
        raise PermissionRefused
    if lacks_guardian(person_id=grant.person_id, on=local_day(now)):
        raise PermissionRefused
    return grant


def _took_consent_back(person_id: int) -> bool:
    """Whether the person withdrew consent to being called and has not given it again.

    Without any row the acceptance of the offer itself is the consent: that is when the grant was
    given.
    """
    agreed = last_word_by_purpose(person_ids=records_of_person(person_id=person_id))
    return not agreed.get(ConsentPurpose.CONTACT, True)


def _require_viewer(actor: Actor, organization_id: int, now: datetime) -> int:
    """The officer who looks, with the grants of this instant, whatever the actor was made with."""
    scope = Scope(organization_id=organization_id)
    require(actor, Verb.CONTACT_OPEN, scope)
    if actor.person_id is None:
        raise PermissionRefused
    viewer = actor_for(person_id=actor.person_id, at=now)
    require(viewer, Verb.CONTACT_OPEN, scope)
    if viewer.person_id is None:
        raise PermissionRefused
    return viewer.person_id


def _opened(person_id: int, field: VaultKind) -> str | None:
    """The value of the canonical record, else of a duplicate that was merged into it.

    None when forgotten.
    """
    canonical = canonical_person_id(person_id=person_id)
    if Person.objects.filter(Q(pk=canonical), forgotten_at__isnull=False).exists():
        return None
    duplicates = (key for key in records_of_person(person_id=canonical) if key != canonical)
    for record in (canonical, *duplicates):
        try:
            return open_entry(person_id=record, kind=field)
        except VaultEntryMissing:
            continue
    return None


def _count_delivery(purpose: str, day: date) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO access_deliverycount (day, purpose, delivered_count) VALUES (%s, %s, 1) "
            "ON CONFLICT (day, purpose) DO UPDATE "
            "SET delivered_count = access_deliverycount.delivered_count + 1",
            [day, purpose],
        )
