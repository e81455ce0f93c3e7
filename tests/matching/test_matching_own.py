"""Why me: what somebody who was asked reads, and that it is so."""

from __future__ import annotations

import pytest

from salam.access.queries import actor_for
from salam.core.actors import Actor
from salam.matching.actions import release_run
from salam.matching.enums import RunStatus
from salam.matching.models import Run
from salam.matching.queries import why_me
from salam.people.models import VolunteerProfile
from salam.service.models import Offer
from tests.cast import NOW
from tests.matching.test_matching_release import planned, proposed
from tests.matching.worlds import OPERATOR, SUNDAY_MORNING, World

pytestmark = pytest.mark.django_db


def asked_person(person_id: int) -> Actor:
    return actor_for(person_id=person_id, at=NOW)


def test_somebody_who_was_asked_reads_why_and_what_would_keep_it_away() -> None:
    world = World()
    home = world.neighbourhood_north(0.02)
    person_id = world.volunteer(home_place_id=home.pk)
    other = world.volunteer()
    VolunteerProfile.objects.filter(person_id=other).update(half_day_bits=0)
    world.need()
    release_run(actor=OPERATOR, run_id=planned(), now=NOW)
    offer = Offer.objects.get()

    told = " ".join(why_me(actor=asked_person(person_id), offer_id=offer.public_id))

    assert "هر چه برای این نیاز لازم است دارید" in told
    assert "اگر شنبه صبح را از وقت‌های آزادتان بردارید" in told
    assert "کمتر از ۲٫۱ کیلومتر" in told  # 0.02 degrees of latitude are 2.2 km
    assert "تنها" not in told
    assert why_me(actor=asked_person(other), offer_id=offer.public_id) == []


def test_the_reason_stays_when_a_newer_plan_replaces_the_one_it_stands_in() -> None:
    world = World()
    person_id = world.volunteer()
    world.need()
    release_run(actor=OPERATOR, run_id=planned(), now=NOW)
    offer = Offer.objects.get()
    told = why_me(actor=asked_person(person_id), offer_id=offer.public_id)
    Run.objects.update(status=RunStatus.SUPERSEDED)

    assert why_me(actor=asked_person(person_id), offer_id=offer.public_id) == told != []
    # An offer of another origin has no such reason to tell.
    Offer.objects.update(origin="by hand")
    assert why_me(actor=asked_person(person_id), offer_id=offer.public_id) == []


@pytest.mark.parametrize("changes", [{"half_day_bits": 1 << SUNDAY_MORNING}, {"radius_m": 2_099}])
def test_what_is_told_keeps_such_offers_away(changes: dict[str, int]) -> None:
    world = World()
    home = world.neighbourhood_north(0.02)
    person_id = world.volunteer(home_place_id=home.pk)
    world.need()
    assert proposed(planned())

    VolunteerProfile.objects.filter(person_id=person_id).update(**changes)

    assert proposed(planned()) == set()
