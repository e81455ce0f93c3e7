"""Reading the register of organisations."""

from __future__ import annotations

import pytest
from pytest_django.fixtures import DjangoAssertNumQueries

from salam.access.queries import actor_for
from salam.core.errors import PermissionRefused
from salam.core.verbs import Verb
from salam.organizations.enums import OrganizationKind, OrganizationStatus
from salam.organizations.queries import (
    get_organization_for,
    group_standing,
    is_usable,
    is_usable_intermediary,
    list_organizations,
)
from tests.cast import NOW, Cast, make_cast, make_organization


@pytest.fixture
def cast(db: None) -> Cast:
    return make_cast()


def test_one_organisation_for_those_who_may(cast: Cast) -> None:
    officer = actor_for(person_id=cast.officer.pk, at=NOW)

    found = get_organization_for(
        actor=officer,
        organization_id=cast.offices.intermediary.pk,
        verb=Verb.ORGANIZATION_EDIT,
    )

    assert found == cast.offices.intermediary
    for organization_id in (cast.offices.other_intermediary.pk, 0):
        with pytest.raises(PermissionRefused):
            get_organization_for(
                actor=officer,
                organization_id=organization_id,
                verb=Verb.ORGANIZATION_EDIT,
            )


def test_list_by_kind_place_and_text_in_persian_order(cast: Cast) -> None:
    offices = cast.offices

    assert list(list_organizations(kind=OrganizationKind.CENTRE)) == [
        offices.centre,
        offices.suspended_centre,
    ]
    assert list(list_organizations(kind=OrganizationKind.INTERMEDIARY)) == [
        offices.other_intermediary,
        offices.intermediary,
    ]
    assert set(list_organizations(within_path=cast.places.city.path)) == {
        offices.centre,
        offices.suspended_centre,
        offices.intermediary,
    }
    assert list(list_organizations(text="مركز  فيروز")) == [offices.suspended_centre]
    assert not list_organizations(text="%").filter(pk=0).exists()
    assert not list_organizations(text="نیست").exists()


@pytest.mark.parametrize("extra", [0, 3])
def test_list_has_a_fixed_number_of_queries(
    cast: Cast,
    extra: int,
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    for number in range(extra):
        make_organization(OrganizationKind.HUB, cast.places.here, f"کانون {number}")

    with django_assert_num_queries(1):
        assert all(row.place.name for row in list_organizations())


@pytest.mark.parametrize("status", OrganizationStatus)
def test_only_active_bodies_are_usable(cast: Cast, status: OrganizationStatus) -> None:
    cast.offices.intermediary.status = status
    cast.offices.agency.status = status
    is_active = status == OrganizationStatus.ACTIVE

    assert is_usable(organization=cast.offices.intermediary) is is_active
    assert is_usable_intermediary(organization=cast.offices.intermediary) is is_active
    assert not is_usable_intermediary(organization=cast.offices.agency)


def test_standing_of_what_is_no_group_is_not_found(cast: Cast) -> None:
    with pytest.raises(PermissionRefused):
        group_standing(organization_id=cast.offices.centre.pk)
