"""The fixed cast: a small tree of places, its offices, and twelve people who may or may not act.

Rows are made directly, without the actions under test. Everything happens at ``NOW``.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import count

from salam.access.enums import Role
from salam.access.models import ContactGrant, Grant
from salam.core.text import fold, sort_key
from salam.needs.actions import NewLine, NewNeed
from salam.needs.enums import Urgency
from salam.organizations.enums import GroupKind, OrganizationKind, OrganizationStatus
from salam.organizations.models import CommunityGroup, Intermediary, Organization
from salam.people.actions import load_catalogue
from salam.people.models import Person
from salam.places.enums import PlaceKind, PointSource
from salam.places.models import Place

NOW = datetime(2026, 11, 22, 8, 30, tzinfo=UTC)
DAY = timedelta(days=1)
_numbers = count(1)


@dataclass(frozen=True)
class Tree:
    """ir ─ 23 ─ 2301 ─ (city 1001 ─ here, next_door), and 10 ─ 1001 … elsewhere."""

    country: Place
    province: Place
    county: Place
    city: Place
    here: Place
    next_door: Place
    other_province: Place
    elsewhere: Place


@dataclass(frozen=True)
class Offices:
    national: Organization
    provincial: Organization
    centre: Organization
    suspended_centre: Organization
    agency: Organization
    intermediary: Organization
    other_intermediary: Organization


@dataclass(frozen=True)
class Cast:
    """Who acts. "Here" is one neighbourhood; "elsewhere" lies in another province."""

    places: Tree
    offices: Offices
    volunteer: Person
    facilitator_here: Person
    facilitator_elsewhere: Person
    coordinator_above: Person
    national: Person
    officer: Person
    other_officer: Person
    centre_manager: Person
    agency_reader: Person
    outsider: Person
    expired: Person
    of_suspended_office: Person


def make_cast() -> Cast:
    """All places, offices, people and grants of the cast, in the database of the test."""
    places = make_tree()
    offices = make_offices(places)
    return Cast(
        places=places,
        offices=offices,
        volunteer=make_person(home=places.here),
        facilitator_here=_holding(Role.FACILITATOR, offices.centre, places.here),
        facilitator_elsewhere=_holding(Role.FACILITATOR, offices.national, places.elsewhere),
        coordinator_above=_holding(Role.PROVINCIAL_HQ, offices.provincial, places.province),
        national=_holding(Role.NATIONAL_HQ, offices.national, places.country),
        officer=_holding(Role.INTERMEDIARY_OFFICER, offices.intermediary),
        other_officer=_holding(Role.INTERMEDIARY_OFFICER, offices.other_intermediary),
        centre_manager=_holding(Role.CENTRE_MANAGER, offices.centre, places.here),
        agency_reader=_holding(Role.AGENCY_READER, offices.agency, places.province),
        outsider=make_person(home=places.elsewhere),
        expired=_holding(
            Role.FACILITATOR,
            offices.centre,
            places.here,
            valid_from=NOW - 30 * DAY,
            valid_until=NOW,
        ),
        of_suspended_office=_holding(
            Role.CENTRE_MANAGER,
            offices.suspended_centre,
            places.here,
        ),
    )


def make_tree() -> Tree:
    country = make_place(kind=PlaceKind.COUNTRY, code="ir", name="ایران")
    province = make_place(kind=PlaceKind.PROVINCE, code="23", name="تهران", parent=country)
    county = make_place(kind=PlaceKind.COUNTY, code="2301", name="تهران", parent=province)
    city = make_place(kind=PlaceKind.CITY, code="231001", name="ری", parent=county)
    # Its code begins like that of the first province: a grant over "ir.2" must not reach "ir.23".
    other_province = make_place(kind=PlaceKind.PROVINCE, code="2", name="کرمان", parent=country)
    other_city = make_place(kind=PlaceKind.CITY, code="021001", name="بم", parent=other_province)
    return Tree(
        country=country,
        province=province,
        county=county,
        city=city,
        here=make_place(kind=PlaceKind.NEIGHBOURHOOD, code="231001n1", name="جوانمرد", parent=city),
        next_door=make_place(
            kind=PlaceKind.NEIGHBOURHOOD, code="231001n10", name="فیروزآبادی", parent=city
        ),
        other_province=other_province,
        elsewhere=make_place(
            kind=PlaceKind.NEIGHBOURHOOD, code="021001n1", name="نارنج", parent=other_city
        ),
    )


def make_offices(places: Tree) -> Offices:
    return Offices(
        national=make_organization(OrganizationKind.HEADQUARTERS, places.country, "ستاد"),
        provincial=make_organization(OrganizationKind.HEADQUARTERS, places.province, "استان"),
        centre=make_organization(OrganizationKind.CENTRE, places.here, "مرکز جوانمرد"),
        suspended_centre=make_organization(
            OrganizationKind.CENTRE,
            places.here,
            "مرکز فیروزه",
            status=OrganizationStatus.SUSPENDED,
        ),
        agency=make_organization(OrganizationKind.AGENCY, places.country, "دستگاه همکار"),
        intermediary=make_intermediary(places.city, "مؤسسهٔ مهر").organization,
        other_intermediary=make_intermediary(places.elsewhere, "مؤسسهٔ باران").organization,
    )


def make_place(
    *,
    kind: PlaceKind,
    code: str,
    name: str,
    parent: Place | None = None,
) -> Place:
    return Place.objects.create(
        code=code,
        kind=kind,
        parent=parent,
        path=code if parent is None else f"{parent.path}.{code}",
        province_code=_province_code(kind, code, parent),
        name=name,
        name_folded=fold(name),
        sort_key=sort_key(name),
        latitude=35.6,
        longitude=51.4,
        point_source=PointSource.GIVEN,
        h3_cell=617_700_169_958_293_503,
    )


def make_organization(
    kind: OrganizationKind,
    place: Place,
    name: str,
    *,
    status: OrganizationStatus = OrganizationStatus.ACTIVE,
) -> Organization:
    return Organization.objects.create(
        kind=kind,
        name=name,
        name_folded=fold(name),
        sort_key=sort_key(name),
        place=place,
        province_code=place.province_code,
        status=status,
        created_at=NOW - 90 * DAY,
    )


def make_intermediary(place: Place, name: str, *, seats_weekly: int = 20) -> Intermediary:
    organization = make_organization(OrganizationKind.INTERMEDIARY, place, name)
    return Intermediary.objects.create(organization=organization, seats_weekly=seats_weekly)


def make_group(place: Place, kind: GroupKind, name: str = "گروه همیاران") -> CommunityGroup:
    organization = make_organization(OrganizationKind.GROUP, place, name)
    return CommunityGroup.objects.create(organization=organization, kind=kind)


def make_person(*, home: Place | None = None, merged_into: Person | None = None) -> Person:
    return Person.objects.create(
        given_name="ناشناس",
        family_name=f"شمارهٔ {next(_numbers)}",
        home_place=home,
        province_code=home.province_code if home else "",
        merged_into=merged_into,
        created_at=NOW - 60 * DAY,
    )


def make_grant(
    person: Person,
    role: Role,
    office: Organization,
    place: Place | None = None,
    *,
    valid_from: datetime = NOW - 30 * DAY,
    valid_until: datetime | None = None,
) -> Grant:
    """A grant over the place, or over the office itself when no place is named."""
    return Grant.objects.create(
        person=person,
        role=role,
        office=office,
        office_kind=office.kind,
        place=place,
        organization=office if place is None else None,
        valid_from=valid_from,
        valid_until=valid_until,
    )


def make_contact_grant(organization: Organization, person: Person) -> ContactGrant:
    return ContactGrant.objects.create(
        organization=organization,
        person=person,
        purpose="arrange_service",
        origin=f"assignment:{next(_numbers)}",
        valid_from=NOW - DAY,
        valid_until=NOW + 30 * DAY,
    )


def new_need(place: Place, intermediary: Intermediary, **changes: object) -> NewNeed:
    """A need that passes every check; ``changes`` replace fields. Loads the catalogue of skills."""
    load_catalogue(actor=_Everyone())
    values: dict[str, object] = {
        "title": "همراهی با سالمندان محله",
        "what": "سالمندان تنها هفته‌ای یک نیم‌روز هم‌صحبت می‌خواهند.",
        "why": "پارسال سرای محله بسته شد.",
        "place_id": place.pk,
        "urgency": Urgency.SOON,
        "people_served": 12,
        "intermediary_id": intermediary.pk,
        "lines": (NewLine(half_day=0, skill_bits=1 << 2, headcount=2),),
    }
    return NewNeed(**(values | changes))  # type: ignore[arg-type]


@dataclass(frozen=True)
class _Everyone:
    """An actor who may do everything, to set the stage."""

    person_id: int | None = None

    def can(self, verb: object, scope: object) -> bool:
        del verb, scope
        return True


def _holding(
    role: Role,
    office: Organization,
    place: Place | None = None,
    *,
    valid_from: datetime = NOW - 30 * DAY,
    valid_until: datetime | None = None,
) -> Person:
    person = make_person(home=place or office.place)
    make_grant(person, role, office, place, valid_from=valid_from, valid_until=valid_until)
    return person


def _province_code(kind: PlaceKind, code: str, parent: Place | None) -> str:
    if kind == PlaceKind.PROVINCE:
        return code
    return parent.province_code if parent is not None else ""
