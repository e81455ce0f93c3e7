"""Giving roles and taking them back."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from salam.access.enums import HEADQUARTERS_ROLES, ROLE_OFFICES, ROLE_PLACES, Role
from salam.access.models import Grant
from salam.access.permissions import may_hold_together
from salam.access.queries import standing_grants
from salam.core.actors import Actor, Scope, require
from salam.core.errors import InvalidInput, PermissionRefused
from salam.core.events import record_event
from salam.core.verbs import Verb
from salam.organizations.models import Organization
from salam.organizations.permissions import scope_of
from salam.organizations.queries import is_usable
from salam.people.actions.locking import locked_person
from salam.people.queries import records_of_person
from salam.places.models import Place


@dataclass(frozen=True)
class _Over:
    """What a grant is over: a place or an organisation, loaded."""

    place: Place | None
    organization: Organization | None


class GrantNotPossible(InvalidInput):
    """The giver may give, but not this role to this person for this office."""

    code = "grant_not_possible"


def give_grant(
    *,
    actor: Actor,
    person_id: int,
    role: Role,
    office_id: int,
    now: datetime,
    place_id: int | None = None,
    organization_id: int | None = None,
    valid_until: datetime | None = None,
) -> Grant:
    """Give a person a role for an office, over a place or over the office itself; writes an Event.

    The giver's own grants must cover the scope, and the whole country for a role at headquarters.
    Nobody gives to themselves. Raises GrantNotPossible, PermissionRefused.
    """
    over = _loaded(place_id, organization_id)
    _require_giver(actor, role, over)
    _check_scope(role, over)
    with transaction.atomic():
        # The person's row is the lock: two roles that exclude each other cannot be given at the
        # same time.
        person = locked_person(person_id=person_id)
        office = _locked_office(office_id)
        if actor.person_id in records_of_person(person_id=person.pk):
            raise GrantNotPossible(_("کسی نمی‌تواند به خودش دسترسی بدهد."))
        _check_office(role, office, over)
        if valid_until is not None and valid_until <= now:
            raise GrantNotPossible(_("پایان دسترسی باید پس از اکنون باشد."))
        grant = Grant(
            person=person,
            role=role,
            office=office,
            office_kind=office.kind,
            place=over.place,
            organization=over.organization,
            valid_from=now,
            valid_until=valid_until,
            granted_by_id=actor.person_id,
        )
        _check_against_held(grant)
        grant.save(force_insert=True)
        _record(actor, "access.grant_given", grant)
    return grant


def revoke_grant(*, actor: Actor, grant_id: int, now: datetime) -> Grant:
    """End a grant at once; writes an Event. A grant that is revoked already is returned as it is.

    Who could give it may revoke it. Raises PermissionRefused, also when there is no such grant.
    """
    with transaction.atomic():
        grant = Grant.objects.select_for_update(of=("self",)).filter(pk=grant_id).first()
        if grant is None:
            raise PermissionRefused
        over = _loaded(grant.place_id, grant.organization_id)
        _require_giver(actor, Role(grant.role), over)
        if grant.revoked_at is None:
            grant.revoked_at = now
            grant.save(update_fields=["revoked_at"])
            _record(actor, "access.grant_revoked", grant)
    return grant


def _loaded(place_id: int | None, organization_id: int | None) -> _Over:
    place = organization = None
    if place_id is not None:
        place = Place.objects.filter(pk=place_id).first()
        if place is None:
            raise PermissionRefused
    if organization_id is not None:
        organization = (
            Organization.objects.select_related("place").filter(pk=organization_id).first()
        )
        if organization is None:
            raise PermissionRefused
    return _Over(place, organization)


def _require_giver(actor: Actor, role: Role, over: _Over) -> None:
    if role in HEADQUARTERS_ROLES or over == _Over(None, None):
        require(actor, Verb.GRANT_GIVE, Scope())
    if over.place is not None:
        require(actor, Verb.GRANT_GIVE, Scope(place_path=over.place.path))
    if over.organization is not None:
        require(actor, Verb.GRANT_GIVE, scope_of(organization=over.organization))


def _check_scope(role: Role, over: _Over) -> None:
    if role not in ROLE_PLACES:
        if over.organization is None or over.place is not None:
            raise GrantNotPossible(_("برای این نقش یک سازمان انتخاب کنید، نه یک جا."))
    elif over.place is None or over.organization is not None:
        raise GrantNotPossible(_("برای این نقش یک جا انتخاب کنید، نه یک سازمان."))
    elif over.place.kind not in ROLE_PLACES[role]:
        raise GrantNotPossible(_("این نقش در چنین جایی داده نمی‌شود."))


def _locked_office(office_id: int) -> Organization:
    office = Organization.objects.select_for_update(no_key=True).filter(pk=office_id).first()
    if office is None:
        raise PermissionRefused
    return office


def _check_office(role: Role, office: Organization, over: _Over) -> None:
    if office.kind not in ROLE_OFFICES[role]:
        raise GrantNotPossible(_("این نقش برای چنین دفتری نیست."))
    if not is_usable(organization=office):
        raise GrantNotPossible(_("این دفتر اکنون فعال نیست."))
    if over.organization is not None and over.organization.pk != office.pk:
        raise GrantNotPossible(_("این نقش فقط برای سازمان خود فرد داده می‌شود."))


def _check_against_held(wanted: Grant) -> None:
    # A suspended office may come back, so what it gave counts here.
    held = list(
        standing_grants(at=wanted.valid_from).filter(
            person_id__in=records_of_person(person_id=wanted.person_id),
        ),
    )
    if not may_hold_together(roles={Role(one.role) for one in (*held, wanted)}):
        raise GrantNotPossible(_("این نقش با نقش دیگری که این فرد دارد جمع نمی‌شود."))
    if any(_says_the_same(one, wanted) for one in held):
        raise GrantNotPossible(_("این فرد همین دسترسی را دارد."))


def _says_the_same(one: Grant, other: Grant) -> bool:
    columns = ("role", "office_id", "place_id", "organization_id")
    return all(getattr(one, name) == getattr(other, name) for name in columns)


def _record(actor: Actor, kind: str, grant: Grant) -> None:
    record_event(
        kind=kind,
        subject_type="access.Grant",
        subject_id=grant.pk,
        actor_id=actor.person_id,
        payload={
            "person_id": grant.person_id,
            "role": grant.role,
            "office_id": grant.office_id,
            "place_id": grant.place_id,
            "organization_id": grant.organization_id,
        },
    )
