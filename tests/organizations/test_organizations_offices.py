"""Offices that others take orders from: only the whole country makes, names or closes them."""

from __future__ import annotations

import pytest

from salam.access.permissions import GrantedActor
from salam.access.queries import actor_for
from salam.core.errors import PermissionRefused
from salam.organizations.actions import create_organization, rename, set_status
from salam.organizations.enums import OrganizationKind, OrganizationStatus
from salam.people.models import Person
from tests.cast import NOW, Cast, make_cast


@pytest.fixture
def cast(db: None) -> Cast:
    return make_cast()


def acting(person: Person) -> GrantedActor:
    return actor_for(person_id=person.pk, at=NOW)


@pytest.mark.parametrize("kind", [OrganizationKind.HEADQUARTERS, OrganizationKind.DEPUTY_OFFICE])
def test_headquarters_are_made_by_the_whole_country(cast: Cast, kind: OrganizationKind) -> None:
    with pytest.raises(PermissionRefused):
        create_organization(
            actor=acting(cast.coordinator_above),
            kind=kind,
            name="ستاد تازه",
            place_id=cast.places.here.pk,
            now=NOW,
        )
    made = create_organization(
        actor=acting(cast.national),
        kind=kind,
        name="ستاد تازه",
        place_id=cast.places.here.pk,
        now=NOW,
    )
    assert made.kind == kind
    with pytest.raises(PermissionRefused):
        set_status(
            actor=acting(cast.coordinator_above),
            organization_id=made.pk,
            status=OrganizationStatus.CLOSED,
            now=NOW,
        )
    with pytest.raises(PermissionRefused):
        rename(actor=acting(cast.coordinator_above), organization_id=made.pk, name="نام دیگر")
