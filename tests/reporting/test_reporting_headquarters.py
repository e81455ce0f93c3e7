"""What headquarters is told of a place and its parts, and what an agency's reader is not."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from salam.access.queries import actor_for
from salam.core.actors import Actor
from salam.core.errors import PermissionRefused
from salam.matching.actions import release_run, run_matching
from salam.people.models import Person
from salam.reporting.queries import HqOverview, HqRow, hours_of, hq_overview, own_places
from tests.cast import NOW
from tests.matching.worlds import OPERATOR
from tests.service.worlds import ServiceWorld

pytestmark = pytest.mark.django_db
# The session of the flow happens within a week after NOW.
LATER = (NOW + timedelta(days=7)).date()


@pytest.fixture
def world() -> ServiceWorld:
    return ServiceWorld()


def acting(person: Person) -> Actor:
    return actor_for(person_id=person.pk, at=NOW)


def overview(actor: Actor, code: str) -> HqOverview:
    return hq_overview(actor=actor, place_code=code, on=LATER)


def counts(row: HqRow) -> tuple[int | None, ...]:
    return (
        row.volunteers,
        row.needs,
        row.asked,
        row.proposed,
        row.invited,
        row.accepted,
        row.active,
        row.minutes,
    )


def test_every_level_adds_up_from_the_country_to_the_neighbourhood(world) -> None:
    run_matching(actor=OPERATOR, now=NOW, stopwatch=lambda: 0.0)
    world.confirmed(duration_minutes=150)
    national = acting(world.cast.national)
    expected = (1, 1, 1, 1, 1, 1, 1, 150)

    levels = [overview(national, code) for code in ("ir", "23", "2301", "231001")]
    assert [counts(one.total) for one in levels] == [expected] * 4
    assert [[row.code for row in one.filled_rows] for one in levels] == [
        ["23"],
        ["2301"],
        ["231001"],
        ["231001n1"],
    ]
    assert [counts(one.filled_rows[0]) for one in levels] == [expected] * 4
    last = overview(national, "231001n1")
    assert (counts(last.total), last.filled_rows[0].is_place) == (expected, False)
    assert counts(overview(national, "2").total) == (0,) * 8
    assert [place.code for place in last.above] == ["ir", "23", "2301", "231001"]
    assert levels[0].total.accepted_percent == 100
    assert levels[0].total.hours == 2.5


def test_hours_stand_in_the_week_of_their_session(world) -> None:
    hours = world.confirmed(duration_minutes=90)
    seen = overview(acting(world.cast.national), "ir")

    found = [week for week in seen.weeks if week and week.minutes]
    assert [(week.minutes, week.serving) for week in found] == [(90, 1)]
    day = hours.session.happens_on
    assert found[0].starts_on <= day < found[0].starts_on + timedelta(days=7)
    assert found[0].starts_on.strftime("%A") == "Saturday"
    assert len(seen.weeks) == 12


def test_a_line_counts_once_with_what_the_newest_live_run_proposed(world) -> None:
    first = run_matching(actor=OPERATOR, now=NOW, stopwatch=lambda: 0.0)
    release_run(actor=OPERATOR, run_id=first.run_id or 0, now=NOW)
    world.volunteer()
    run_matching(actor=OPERATOR, now=NOW, stopwatch=lambda: 0.0)

    assert overview(acting(world.cast.national), "ir").total.proposed == 1


def test_what_waits_is_counted_for_who_may_act_on_it(world) -> None:
    run_matching(actor=OPERATOR, now=NOW, stopwatch=lambda: 0.0)
    world.offer()
    cast = world.cast

    of_country = overview(acting(cast.national), "ir").waiting
    assert of_country is not None
    assert (of_country.unanswered, of_country.to_confirm, of_country.to_review) == (1, 0, 1)
    of_province = overview(acting(cast.coordinator_above), "23").waiting
    assert of_province is not None
    assert (of_province.unanswered, of_province.to_review) == (1, 0)
    of_here = overview(acting(cast.facilitator_here), "231001n1").waiting
    assert of_here is not None
    assert (of_here.unanswered, of_here.to_review) == (1, None)
    assert overview(acting(cast.agency_reader), "23").waiting is None


def test_an_agency_sees_small_counts_nowhere_and_headquarters_sees_them(world) -> None:
    for _ in range(6):
        world.volunteer(home_place_id=world.cast.places.next_door.pk)
    agency, staff = acting(world.cast.agency_reader), acting(world.cast.coordinator_above)

    for code in ("23", "2301", "231001", "231001n1"):
        seen = overview(agency, code)
        assert seen.is_suppressed
        numbers = [number for row in (seen.total, *seen.rows) for number in counts(row)]
        assert not [number for number in numbers if number is not None and 0 < number < 5], code
    city = overview(agency, "231001")
    volunteers = {row.code: row.volunteers for row in city.rows}
    # One is small; the other, with the published sum, would tell it.
    assert volunteers["231001n1"] is None
    assert volunteers["231001n10"] is None
    assert {row.code: row.volunteers for row in overview(staff, "231001").rows} == {
        "231001n1": 1,
        "231001n10": 6,
    }


def test_what_is_hidden_above_is_hidden_below(world) -> None:
    """Seven volunteers in one province and three in the other: the three would tell the seven."""
    for _ in range(6):
        world.volunteer()
    for _ in range(3):
        world.volunteer(
            home_place_id=world.cast.places.elsewhere.pk,
            home_province_code=world.cast.places.elsewhere.province_code,
        )
    agency = acting(world.cast.agency_reader)

    for code in ("23", "2301", "231001", "231001n1"):
        seen = overview(agency, code)
        assert [row.volunteers for row in (seen.total, *seen.rows) if row.volunteers] == []
        assert seen.total.volunteers is None


def test_nobody_sees_above_or_beside_the_own_place(world) -> None:
    cast = world.cast
    for person, refused in {
        cast.coordinator_above: ("ir", "2", "021001n1", "nowhere"),
        cast.facilitator_here: ("ir", "23", "231001", "231001n10"),
        cast.officer: ("ir", "231001n1"),
        cast.outsider: ("ir",),
    }.items():
        for code in refused:
            with pytest.raises(PermissionRefused):
                overview(acting(person), code)
    assert [place.code for place in own_places(actor=acting(cast.national))] == ["ir"]
    assert [place.code for place in own_places(actor=acting(cast.centre_manager))] == ["231001n1"]
    assert overview(acting(cast.facilitator_here), "231001n1").above == []
    with pytest.raises(PermissionRefused):
        own_places(actor=acting(cast.officer))


def test_the_cost_does_not_grow_and_rows_are_grouped_by_the_database(world) -> None:
    national = acting(world.cast.national)
    with CaptureQueriesContext(connection) as few:
        overview(national, "ir")
    for _ in range(5):
        world.volunteer()
        world.need(place=world.cast.places.next_door)
    run_matching(actor=OPERATOR, now=NOW, stopwatch=lambda: 0.0)
    with CaptureQueriesContext(connection) as many:
        overview(national, "ir")

    assert len(many) == len(few) <= 17
    counted = [query["sql"] for query in many if "subpath" in query["sql"]]
    assert len(counted) == 7
    assert all("GROUP BY" in statement for statement in counted)


def test_hours_are_said_to_a_tenth() -> None:
    assert [hours_of(minutes=minutes) for minutes in (0, 60, 90, 100, 59)] == [0, 1, 1.5, 1.7, 1]
