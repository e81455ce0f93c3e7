"""Somebody of each role in the demo, with what is needed to log in as them.

All of them are generated people. Their second factor is made anew at every start, and kept in a
file of this installation alone, so that `salam logins` can say the codes of the moment.
"""

from __future__ import annotations

import json
import secrets
from base64 import b32encode
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Final

from django.conf import settings
from django.db.models import Count, Exists, OuterRef, QuerySet

from salam.access.actions import give_grant
from salam.access.actions.logins import give_login
from salam.access.enums import Role
from salam.access.queries import authenticator_code, people_at_phone
from salam.access.sealing import Purpose, seal_text
from salam.commands.demo.scales import Scale
from salam.core.actors import Actor
from salam.core.dates import local_day
from salam.matching.enums import RunStatus
from salam.matching.models import Proposal
from salam.organizations.actions import create_organization
from salam.organizations.enums import OrganizationKind
from salam.organizations.models import Organization
from salam.people.models import Person
from salam.people.queries import requires_guardian
from salam.places.enums import PlaceKind
from salam.places.models import Place
from salam.places.queries import ancestors_of, get_place
from salam.service.actions import NewOffer, OfferNotPossible, open_offer
from salam.service.enums import AssignmentStatus, SessionStatus
from salam.service.models import Assignment, Hours, Offer, Session

_FILE: Final = "demo_logins.json"


@dataclass(frozen=True)
class DemoLogin:
    """How to come in as somebody; who holds no role needs no second factor."""

    title: str
    phone: str
    address: str
    has_role: bool
    secret: str = ""

    def code(self, *, at: datetime) -> str:
        """What an authenticator app would show at an instant."""
        return authenticator_code(secret=self.secret, at=at) if self.secret else ""


def make_logins(*, actor: Actor, scale: Scale, now: datetime) -> list[DemoLogin]:
    """Give the roles to generated people unless that was done, and second factors anew."""
    made = kept_logins() or _appoint_all(actor=actor, scale=scale, now=now)
    renewed = [_with_new_secret(login, actor=actor, now=now) for login in made]
    path = _path()
    path.touch(mode=0o600)
    path.write_text(
        json.dumps([asdict(login) for login in renewed], ensure_ascii=False),
        encoding="utf-8",
    )
    return renewed


def kept_logins() -> list[DemoLogin]:
    """Those of the last start of a demo; none elsewhere."""
    path = _path()
    if not path.exists():
        return []
    return [DemoLogin(**row) for row in json.loads(path.read_text(encoding="utf-8"))]


def _appoint_all(*, actor: Actor, scale: Scale, now: datetime) -> list[DemoLogin]:
    broker = _busiest_broker()
    country, province = get_place(code="ir"), get_place(code=broker.province_code)
    national = _headquarters("ستاد کشوری سلام (ساختگی)", country, actor=actor, now=now)
    provincial = _headquarters(f"ستاد {province.name} (ساختگی)", province, actor=actor, now=now)
    posts: tuple[tuple[str, Role, Organization, Place | None, str], ...] = (
        ("ستاد کشوری", Role.NATIONAL_HQ, national, country, "/hq/"),
        ("ستاد استان", Role.PROVINCIAL_HQ, provincial, province, "/hq/"),
        ("تسهیلگر", Role.FACILITATOR, provincial, _county_of(broker.place), "/facilitator/"),
        ("کارشناس واسط", Role.INTERMEDIARY_OFFICER, broker, None, "/intermediary/"),
    )
    volunteer, phone = _volunteer_of(broker, scale, now)
    _ask(volunteer, actor=actor, now=now)
    made = [DemoLogin("داوطلب", phone, address="/me/", has_role=False)]
    staff = _unasked_adults(scale, now)
    for title, role, office, place, address in posts:
        person, phone = next(staff)
        give_grant(
            actor=actor,
            person_id=person.pk,
            role=role,
            office_id=office.pk,
            place_id=place.pk if place else None,
            organization_id=None if place else office.pk,
            now=now,
        )
        made.append(DemoLogin(title, phone, address=address, has_role=True))
    return made


def _with_new_secret(login: DemoLogin, *, actor: Actor, now: datetime) -> DemoLogin:
    if not login.has_role:
        return login
    secret = b32encode(secrets.token_bytes(20)).decode("ascii")
    for person in people_at_phone(phone=login.phone):
        give_login(
            actor=actor,
            person_id=person.person_id,
            sealed_secret=seal_text(Purpose.SECOND_FACTOR, secret),
            now=now,
        )
    return replace(login, secret=secret)


def _busiest_broker() -> Organization:
    """Where most sessions wait to be confirmed: there is something to do at once."""
    busiest = (
        Session.objects.filter(status=SessionStatus.SERVED)
        .values("assignment__organization_id")
        .annotate(count=Count("pk"))
        .order_by("-count", "assignment__organization_id")[0]
    )
    return Organization.objects.select_related("place").get(
        pk=busiest["assignment__organization_id"],
    )


def _headquarters(name: str, place: Place, *, actor: Actor, now: datetime) -> Organization:
    found = Organization.objects.filter(
        kind=OrganizationKind.HEADQUARTERS,
        place=place,
        is_generated=True,
    ).first()
    return found or create_organization(
        actor=actor,
        kind=OrganizationKind.HEADQUARTERS,
        name=name,
        place_id=place.pk,
        now=now,
        is_generated=True,
    )


def _county_of(place: Place) -> Place:
    return next(
        (above for above in ancestors_of(place=place) if above.kind == PlaceKind.COUNTY),
        place,
    )


def _volunteer_of(broker: Organization, scale: Scale, now: datetime) -> tuple[Person, str]:
    """Somebody with confirmed hours, at the same institution where there is one, asked for more by
    the newest run where somebody is.
    """
    served = Hours.objects.filter(reversed_at__isnull=True).values("session__assignment__person")
    newest = Proposal.objects.filter(run__status=RunStatus.PROPOSED).values("person")
    people = Person.objects.filter(pk__in=served).annotate(
        is_near=Exists(
            Assignment.objects.filter(
                person=OuterRef("pk"),
                organization=broker,
                status=AssignmentStatus.ACTIVE,
            ),
        ),
        is_proposed=Exists(newest.filter(person=OuterRef("pk"))),
    )
    return next(
        _adults_with_phones(people.order_by("-is_proposed", "-is_near", "pk"), scale, now),
    )


def _unasked_adults(scale: Scale, now: datetime) -> Iterator[tuple[Person, str]]:
    asked = Offer.objects.values("person")
    people = Person.objects.filter(is_generated=True).exclude(pk__in=asked).order_by("pk")
    return _adults_with_phones(people, scale, now)


def _adults_with_phones(
    people: QuerySet[Person],
    scale: Scale,
    now: datetime,
) -> Iterator[tuple[Person, str]]:
    """With the numbers that they were generated with, which go up with the rows."""
    for person in people:
        if requires_guardian(birth_date=person.birth_date, on=local_day(now)):
            continue
        before = Person.objects.filter(is_generated=True, pk__lt=person.pk).count()
        phone = f"+98999{scale.first_serial + before:07d}"
        if [one.person_id for one in people_at_phone(phone=phone)] == [person.pk]:
            yield person, phone


def _ask(person: Person, *, actor: Actor, now: datetime) -> None:
    """What the newest run proposes to this person, asked at once: an offer to answer."""
    proposals = Proposal.objects.filter(person=person, run__status=RunStatus.PROPOSED)
    for proposal in proposals.order_by("pk"):
        offer = NewOffer(
            person_id=person.pk,
            need_line_id=proposal.need_line_id,
            half_day=proposal.half_day,
            origin=f"proposal:{proposal.pk}",
            distance_100m=proposal.distance_100m,
        )
        with suppress(OfferNotPossible):
            open_offer(actor=actor, offer=offer, now=now)


def _path() -> Path:
    return Path(settings.SALAM_HOME) / _FILE
