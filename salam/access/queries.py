"""Who may do what, what is granted, and who looked at whose contact data."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from allauth.mfa import app_settings as second_factor_settings
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from django.db import connection
from django.db.models import Exists, OuterRef, Q, QuerySet

from salam.access.enums import Role
from salam.access.models import ContactGrant, Disclosure, Grant, Login
from salam.access.permissions import GrantedActor, HeldRole
from salam.core.actors import Actor, Scope
from salam.core.verbs import Verb
from salam.organizations.enums import OrganizationKind, OrganizationStatus
from salam.people.models import Person
from salam.people.queries import canonical_person_id, records_of_person
from salam.people.vault.enums import VaultKind
from salam.people.vault.queries import current_cipher, lookups_of, owners_of

# Offices whose people keep their roles: a licence that lapsed stops brokered contact but not, say,
# its renewal.
_WORKING_STATUSES: Final = (OrganizationStatus.ACTIVE, OrganizationStatus.LAPSED)

# Asked by every request of somebody logged in; the ORM takes six times as long to put it together.
_ACTOR_SQL: Final = """
    SELECT canonical.id, live.role, live.path, live.organization_id
    FROM people_person AS canonical
    LEFT JOIN LATERAL (
        SELECT held.id, held.role, place.path::text AS path, held.organization_id
        FROM people_person AS record
        JOIN access_grant AS held ON held.person_id = record.id
        JOIN organizations_organization AS office ON office.id = held.office_id
        LEFT JOIN places_place AS place ON place.id = held.place_id
        WHERE (record.id = canonical.id OR record.merged_into_id = canonical.id)
          AND held.valid_from <= %(at)s
          AND (held.valid_until IS NULL OR held.valid_until > %(at)s)
          AND (held.revoked_at IS NULL OR held.revoked_at > %(at)s)
          AND office.status = ANY(%(statuses)s)
    ) AS live ON TRUE
    WHERE canonical.id = (
            SELECT COALESCE(merged_into_id, id) FROM people_person WHERE id = %(person_id)s
          )
      AND canonical.merged_into_id IS NULL
      AND canonical.forgotten_at IS NULL
    ORDER BY live.id
"""


@dataclass(frozen=True, kw_only=True)
class Reach:
    """Everywhere an actor may do one verb, for filters on lists."""

    is_everywhere: bool = False
    place_paths: tuple[str, ...] = ()
    organization_ids: tuple[int, ...] = ()


@dataclass(frozen=True)
class PersonAtPhone:
    """Somebody who registered with a phone, as far as whoever holds the phone may see."""

    person_id: int
    given_name: str = field(repr=False)
    has_pin: bool
    is_locked: bool
    """A PIN or a second factor stands between the phone and the person's page."""


@dataclass(frozen=True)
class SeenDisclosure:
    """One look at one's own contact data, as its owner sees it."""

    organization_name: str
    field: VaultKind
    purpose: str
    occurred_at: datetime


def actor_for(*, person_id: int, at: datetime) -> GrantedActor:
    """The person as an actor, with the grants that are live at that instant, in one query.

    A merged record acts as the person it was merged into, who also holds what its duplicates were
    granted. Somebody unknown or forgotten is nobody: no person, no grants.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            _ACTOR_SQL,
            {"person_id": person_id, "at": at, "statuses": list(_WORKING_STATUSES)},
        )
        rows = cursor.fetchall()
    if not rows:
        return GrantedActor(person_id=None)
    return GrantedActor(
        person_id=rows[0][0],
        held=tuple(
            HeldRole(role=Role(role), place_path=path, organization_id=organization_id)
            for _, role, path, organization_id in rows
            if role is not None
        ),
    )


def can(*, actor: Actor, verb: Verb, scope: Scope) -> bool:
    """The single question: may this actor do this to that?"""
    return actor.can(verb, scope)


def reach_of(*, actor: Actor, verb: Verb) -> Reach:
    """Where an actor may do a verb: everywhere, or over these places and organisations."""
    if actor.can(verb, Scope()):
        return Reach(is_everywhere=True)
    if not isinstance(actor, GrantedActor):
        return Reach()
    held = actor.carrying(verb=verb)
    return Reach(
        place_paths=tuple(one.place_path for one in held if one.place_path is not None),
        organization_ids=tuple(
            one.organization_id for one in held if one.organization_id is not None
        ),
    )


def standing_grants(*, at: datetime) -> QuerySet[Grant]:
    """Grants that have begun, are not over and not revoked, whether or not their office works."""
    return Grant.objects.filter(
        Q(valid_until__isnull=True) | Q(valid_until__gt=at),
        Q(revoked_at__isnull=True) | Q(revoked_at__gt=at),
        valid_from__lte=at,
    )


def grants_of(*, person_id: int) -> QuerySet[Grant]:
    """All grants that a person holds or held, newest first, with what they are over loaded."""
    return (
        Grant.objects.filter(person_id__in=records_of_person(person_id=person_id))
        .select_related("office", "place", "organization")
        .order_by("-valid_from", "-id")
    )


def live_contact_grant(
    *,
    organization_id: int,
    person_id: int,
    at: datetime,
) -> ContactGrant | None:
    """The grant by which an organisation may see a person's contact data now, the longest one."""
    return (
        live_contact_grants(at=at)
        .filter(
            organization_id=organization_id,
            person_id__in=records_of_person(person_id=person_id),
        )
        .order_by("-valid_until", "id")
        .first()
    )


def live_contact_grants(*, at: datetime) -> QuerySet[ContactGrant]:
    """Contact grants in force at an instant, of intermediaries that are active now."""
    return ContactGrant.objects.filter(
        Q(withdrawn_at__isnull=True) | Q(withdrawn_at__gt=at),
        valid_from__lte=at,
        valid_until__gt=at,
        organization__kind=OrganizationKind.INTERMEDIARY,
        organization__status=OrganizationStatus.ACTIVE,
    )


def disclosures_of(*, person_id: int, limit: int = 200) -> list[SeenDisclosure]:
    """Who looked at a person's contact data, newest first.

    The organisation answers for the look, so it is named and not its clerk.
    """
    rows = (
        Disclosure.objects.filter(person_id__in=records_of_person(person_id=person_id))
        .order_by("-occurred_at", "-id")
        .values_list("organization__name", "field", "purpose", "occurred_at")[:limit]
    )
    return [
        SeenDisclosure(name, VaultKind(field), purpose, occurred_at)
        for name, field, purpose, occurred_at in rows
    ]


def people_at_phone(*, phone: str) -> list[PersonAtPhone]:
    """Who registered with a phone (E.164), in the order of registration.

    Only for somebody who has just proved to hold the phone. Merged records are one person,
    forgotten ones are nobody. Raises VaultKeyMissing.
    """
    owners = owners_of(lookups=[phone_digest(phone=phone)])
    people = _canonical_people(owners)
    logins = {person.pk: login_of(person_id=person.pk) for person in people}
    return [_at_phone(person, logins[person.pk]) for person in people]


def phone_is_shared(*, person_id: int) -> bool:
    """Whether somebody else registered with a phone of this person."""
    digests = phone_digests_of(person_id=person_id)
    return len(_canonical_people(owners_of(lookups=digests))) > 1 if digests else False


def phone_digest(*, phone: str) -> bytes:
    """The vault's keyed hash of a phone (E.164). Raises VaultKeyMissing."""
    return current_cipher().lookup(kind=VaultKind.PHONE, value=phone)


def phone_digests_of(*, person_id: int) -> list[bytes]:
    """The keyed hashes of all phones of a person's records; none of them is opened."""
    held = lookups_of(person_ids=records_of_person(person_id=person_id))
    return [lookup for _, kind, lookup in held if kind == VaultKind.PHONE]


def login_of(*, person_id: int) -> Login | None:
    """The login by which a person comes in; None before the first time.

    Merging may bring two together. The one with a second factor goes first, so that a merge never
    opens a door that was locked; then the one of the record that was kept.
    """
    canonical = canonical_person_id(person_id=person_id)
    logins = Login.objects.filter(person_id__in=records_of_person(person_id=person_id)).annotate(
        has_second_factor=Exists(Authenticator.objects.filter(user=OuterRef("pk"))),
    )
    return min(
        logins,
        key=lambda login: (not login.has_second_factor, login.person_id != canonical, login.pk),
        default=None,
    )


def authenticator_code(*, secret: str, at: datetime) -> str:
    """What an authenticator app with this secret shows at an instant (RFC 6238, six digits)."""
    counter = int(at.timestamp()) // second_factor_settings.TOTP_PERIOD
    return str(format_hotp_value(hotp_value(secret, counter)))


def _at_phone(person: Person, login: Login | None) -> PersonAtPhone:
    has_pin = login is not None and login.has_pin
    has_factor = login is not None and Authenticator.objects.filter(user=login).exists()
    return PersonAtPhone(
        person.pk,
        person.given_name,
        has_pin=has_pin,
        is_locked=has_pin or has_factor,
    )


def _canonical_people(records: Collection[int]) -> list[Person]:
    merged = Person.objects.filter(pk__in=records, merged_into__isnull=False)
    return list(
        Person.objects.filter(
            Q(pk__in=records) | Q(pk__in=merged.values("merged_into")),
            merged_into__isnull=True,
            forgotten_at__isnull=True,
        ).order_by("pk"),
    )


def held_on_person(*, person_id: int) -> Mapping[str, object]:
    """What the room holds on a person, for the person's own export.

    Of others' data nothing is in it.
    """
    records = records_of_person(person_id=person_id)
    looks = Disclosure.objects.order_by("occurred_at", "id")
    return {
        "roles": list(
            Grant.objects.filter(person_id__in=records)
            .order_by("valid_from", "id")
            .values("role", "office__name", "valid_from", "valid_until", "revoked_at"),
        ),
        "contact_grants": list(
            ContactGrant.objects.filter(person_id__in=records)
            .order_by("valid_from", "id")
            .values("organization__name", "purpose", "valid_from", "valid_until", "withdrawn_at"),
        ),
        "looks_at_my_contact": list(
            looks.filter(person_id__in=records).values(
                "organization__name", "field", "purpose", "occurred_at"
            ),
        ),
        "looks_i_took": list(
            looks.filter(viewer_id__in=records).values(
                "organization__name", "field", "purpose", "occurred_at"
            ),
        ),
        "logins": [
            {
                "created_at": login.created_at,
                "last_login": login.last_login,
                "has_pin": login.has_pin,
                "second_factors": list(
                    Authenticator.objects.filter(user_id=login.pk)
                    .order_by("id")
                    .values("type", "created_at", "last_used_at"),
                ),
            }
            for login in Login.objects.filter(person_id__in=records).order_by("id")
        ],
    }
