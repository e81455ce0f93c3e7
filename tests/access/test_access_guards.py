"""What the database itself refuses, past every action."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from functools import partial

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction

from salam.access.enums import Role
from salam.access.models import ContactGrant, Disclosure, Grant
from salam.organizations.enums import OrganizationKind
from salam.organizations.models import Organization
from salam.people.vault.enums import VaultKind
from tests.cast import DAY, NOW, Cast, make_cast, make_contact_grant, make_grant, make_person


@pytest.fixture
def cast(db: None) -> Cast:
    return make_cast()


def refused_by(change: Callable[[], object]) -> str:
    with pytest.raises(DatabaseError) as caught, transaction.atomic():
        change()
    return str(caught.value)


def run_sql(statement: str, *values: int | datetime) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)


@pytest.mark.parametrize(
    "role",
    [role for role in Role if role not in {Role.AGENCY_READER, Role.AGENCY_REPORTER}],
)
def test_agency_holds_no_role_but_those_of_counts(cast: Cast, role: Role) -> None:
    agency, place = cast.offices.agency, cast.places.here

    for scope in (place, None):
        refusal = refused_by(partial(make_grant, make_person(), role, agency, scope))
        assert "grant_" in refusal
    refusal = refused_by(
        lambda: Grant.objects.filter(person=cast.agency_reader).update(role=role),
    )
    assert "grant_" in refusal


def test_grant_cannot_lie_about_its_office(cast: Cast) -> None:
    refusal = refused_by(
        lambda: run_sql(
            "INSERT INTO access_grant "
            "(person_id, role, office_id, office_kind, place_id, valid_from) "
            "VALUES (%s, 'facilitator', %s, 'headquarters', %s, %s)",
            cast.outsider.pk,
            cast.offices.agency.pk,
            cast.places.here.pk,
            NOW,
        ),
    )

    assert "grant_office_has_this_kind" in refusal


def test_office_with_grants_cannot_turn_into_an_agency(cast: Cast) -> None:
    refusal = refused_by(
        lambda: Organization.objects.filter(pk=cast.offices.centre.pk).update(
            kind=OrganizationKind.AGENCY,
        ),
    )

    assert "grant_office_has_this_kind" in refusal


def test_role_fits_the_kind_of_its_office(cast: Cast) -> None:
    person, offices, places = make_person(), cast.offices, cast.places

    for change in (
        lambda: make_grant(person, Role.NATIONAL_HQ, offices.intermediary, places.country),
        lambda: make_grant(person, Role.INTERMEDIARY_OFFICER, offices.national),
        lambda: make_grant(person, Role.CENTRE_MANAGER, offices.intermediary, places.here),
    ):
        assert "grant_role_fits_office" in refused_by(change)


def test_officer_sees_the_own_intermediary_and_no_place(cast: Cast) -> None:
    offices = cast.offices

    refusal = refused_by(
        lambda: make_grant(
            make_person(), Role.INTERMEDIARY_OFFICER, offices.intermediary, cast.places.country
        ),
    )
    assert "grant_own_office_or_place" in refusal
    refusal = refused_by(
        lambda: Grant.objects.filter(person=cast.officer).update(
            organization=offices.other_intermediary,
        ),
    )
    assert "grant_own_office_or_place" in refusal
    refusal = refused_by(
        lambda: make_grant(make_person(), Role.FACILITATOR, offices.centre),
    )
    assert "grant_own_office_or_place" in refusal


def test_open_grant_stands_once(cast: Cast) -> None:
    refusal = refused_by(
        lambda: make_grant(
            cast.facilitator_here, Role.FACILITATOR, cast.offices.centre, cast.places.here
        ),
    )

    assert "grant_open_once" in refusal


@pytest.mark.parametrize("name", ["agency", "national", "provincial", "centre"])
def test_contact_is_granted_to_intermediaries_only(cast: Cast, name: str) -> None:
    office = getattr(cast.offices, name)

    assert "contact_grant_organization_has_this_kind" in refused_by(
        lambda: make_contact_grant(office, cast.volunteer),
    )
    grant = ContactGrant(
        organization=office,
        organization_kind=office.kind,
        person=cast.volunteer,
        purpose="arrange_service",
        origin="assignment:1",
        valid_from=NOW,
        valid_until=NOW + DAY,
    )
    assert "contact_grant_to_intermediary_only" in refused_by(grant.save)


def test_intermediary_with_contact_cannot_turn_into_an_agency(cast: Cast) -> None:
    Grant.objects.filter(office=cast.offices.intermediary).delete()
    make_contact_grant(cast.offices.intermediary, cast.volunteer)

    refusal = refused_by(
        lambda: run_sql(
            "UPDATE organizations_organization SET kind = 'agency' WHERE id = %s",
            cast.offices.intermediary.pk,
        ),
    )

    assert "contact_grant_organization_has_this_kind" in refusal


def test_contact_grant_ends_after_it_begins(cast: Cast) -> None:
    grant = make_contact_grant(cast.offices.intermediary, cast.volunteer)

    with pytest.raises(IntegrityError, match="contact_grant_from_before_until"):
        ContactGrant.objects.filter(pk=grant.pk).update(valid_until=grant.valid_from)


def test_log_of_looks_is_never_altered(cast: Cast) -> None:
    grant = make_contact_grant(cast.offices.intermediary, cast.volunteer)
    disclosure = Disclosure.objects.create(
        contact_grant=grant,
        person=cast.volunteer,
        viewer=cast.officer,
        organization=cast.offices.intermediary,
        field=VaultKind.PHONE,
        purpose=grant.purpose,
        occurred_at=NOW,
    )

    run_sql("SET CONSTRAINTS ALL IMMEDIATE")  # else TRUNCATE stumbles over keys not yet checked
    for statement in (
        "UPDATE access_disclosure SET purpose = 'other'",
        "DELETE FROM access_disclosure",
        "TRUNCATE access_disclosure",
        "TRUNCATE people_person CASCADE",
    ):
        assert "pgtrigger: Cannot" in refused_by(partial(run_sql, statement))
    assert "pgtrigger: Cannot" in refused_by(disclosure.delete)
    assert "pgtrigger: Cannot" in refused_by(disclosure.save)
    assert Disclosure.objects.count() == 1
