"""Steps that several tests of the room take."""

from __future__ import annotations

from salam.needs.actions import NewLine
from salam.needs.models import NeedLine
from salam.organizations.enums import OrganizationStatus
from salam.organizations.models import Organization
from salam.people.actions import withdraw_consent
from salam.people.enums import ConsentPurpose
from salam.service.actions import (
    NewOffer,
    OfferingOutcome,
    open_offers,
)
from tests.cast import NOW
from tests.matching.worlds import (
    OPERATOR,
    SATURDAY_MORNING,
    STORYTELLING,
)
from tests.service.worlds import ServiceWorld


def ask(world: ServiceWorld, *wanted: tuple[int, NeedLine]) -> OfferingOutcome:
    """Offers to these people on these lines, in one release over the whole city."""
    return open_offers(
        actor=OPERATOR,
        offers=[
            NewOffer(person_id=person_id, need_line_id=line.pk, origin="proposal:7")
            for person_id, line in wanted
        ],
        within_path=world.cast.places.city.path,
        now=NOW,
    )


def new_line(world: ServiceWorld, half_day: int = SATURDAY_MORNING, headcount: int = 1) -> NeedLine:
    need_id = world.need(
        NewLine(half_day=half_day, skill_bits=STORYTELLING, headcount=headcount),
    )
    return NeedLine.objects.get(need_id=need_id)


def withdraw(world: ServiceWorld, purpose: ConsentPurpose) -> None:
    withdraw_consent(
        actor=world.volunteer_actor, person_id=world.person_id, purpose=purpose, now=NOW
    )


def set_status(world: ServiceWorld, status: OrganizationStatus) -> None:
    Organization.objects.filter(pk=world.cast.offices.intermediary.pk).update(status=status)
