"""Who has waited longest, by what the tables say."""

from __future__ import annotations

from datetime import timedelta

import numpy as np
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from salam.engine import Weights
from salam.matching.queries.volunteers import read_volunteers
from salam.matching.queries.waiting import waiting_points_of
from salam.people.models import VolunteerProfile
from salam.service.models import Offer, Session
from tests.cast import NOW
from tests.service.worlds import AGREED, ServiceWorld

pytestmark = pytest.mark.django_db
TODAY = NOW.date()
# A point a week, so that points are weeks.
BY_THE_WEEK = Weights(waiting_weeks=(0.0, 100.0), waiting_points=(0.0, 100.0))


@pytest.fixture
def world() -> ServiceWorld:
    return ServiceWorld()


def weeks(*person_ids: int) -> list[int]:
    everybody = read_volunteers(on=TODAY)
    points = waiting_points_of(volunteers=everybody, on=TODAY, weights=BY_THE_WEEK)
    assert points.dtype == np.int32
    return [points.tolist()[everybody.person_id.tolist().index(one)] for one in person_ids]


def register_before(person_id: int, *, weeks_ago: int) -> None:
    VolunteerProfile.objects.filter(person_id=person_id).update(
        registered_at=NOW - timedelta(weeks=weeks_ago)
    )


def test_waiting_begins_with_registration_and_ends_with_being_asked(world) -> None:
    asked, never, newcomer = world.person_id, world.volunteer(), world.volunteer()
    for person_id, weeks_ago in ((asked, 40), (never, 30), (newcomer, 0)):
        register_before(person_id, weeks_ago=weeks_ago)
    assert weeks(asked, never, newcomer) == [40, 30, 0]

    world.offer()
    Offer.objects.update(opened_at=NOW - timedelta(weeks=10))
    assert weeks(newcomer, asked, never) == [0, 10, 30]


def test_whoever_served_waits_since_then(world) -> None:
    register_before(world.person_id, weeks_ago=50)
    session = world.reported()
    Offer.objects.update(opened_at=NOW - timedelta(weeks=20))
    Session.objects.filter(pk=session.pk).update(happens_on=TODAY - timedelta(weeks=3))
    assert weeks(world.person_id) == [3]

    # A date that was not held calls nobody.
    Session.objects.filter(pk=session.pk).update(status="cancelled", reported_minutes=None)
    assert weeks(world.person_id) == [20]
    Session.objects.filter(pk=session.pk).update(
        status="served", happens_on=TODAY + timedelta(weeks=1)
    )
    assert weeks(world.person_id) == [0]


def test_it_costs_one_query_however_many_wait(world) -> None:
    for _ in range(4):
        world.volunteer(consents=AGREED)
    everybody = read_volunteers(on=TODAY)
    assert len(everybody) >= 4
    with CaptureQueriesContext(connection) as queries:
        waiting_points_of(volunteers=everybody, on=TODAY)
    assert len(queries) == 1
