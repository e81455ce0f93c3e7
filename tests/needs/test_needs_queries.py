"""Reading needs, and the lines that matching works on."""

from __future__ import annotations

import pytest
from pytest_django.fixtures import DjangoAssertNumQueries

from salam.access.queries import actor_for
from salam.core.actors import ConsoleOperator, Stranger
from salam.core.errors import PermissionRefused
from salam.core.verbs import Verb
from salam.needs.actions import NewLine, close_need, open_needs
from salam.needs.enums import NeedStatus, Urgency
from salam.needs.queries import OpenLines, get_need_for, list_needs_for, open_lines
from salam.organizations.enums import OrganizationStatus
from salam.organizations.models import Intermediary, Organization
from tests.cast import NOW, Cast, make_cast, new_need


@pytest.fixture
def cast(db: None) -> Cast:
    return make_cast()


def write(cast: Cast) -> tuple[int, int, int]:
    """A need here, one next door and an urgent one elsewhere, the last with the other broker."""
    places = cast.places
    broker = Intermediary.objects.get(organization=cast.offices.intermediary)
    other = Intermediary.objects.get(organization=cast.offices.other_intermediary)
    two_lines = (
        NewLine(half_day=5, skill_bits=1 << 2, headcount=3),
        NewLine(half_day=1, skill_bits=1 << 3),
    )
    here, beside, far = open_needs(
        actor=ConsoleOperator(),
        needs=[
            new_need(places.here, broker, lines=two_lines),
            new_need(places.next_door, broker),
            new_need(places.elsewhere, other, urgency=Urgency.CRITICAL),
        ],
        now=NOW,
    )
    return here, beside, far


def test_list_holds_what_the_actor_reaches(cast: Cast) -> None:
    here, beside, far = write(cast)

    def seen(person_id: int, verb: Verb) -> list[int]:
        actor = actor_for(person_id=person_id, at=NOW)
        return [need.pk for need in list_needs_for(actor=actor, verb=verb)]

    assert seen(cast.national.pk, Verb.NEED_CLOSE) == [far, here, beside]
    assert seen(cast.coordinator_above.pk, Verb.NEED_CLOSE) == [here, beside]
    assert seen(cast.facilitator_here.pk, Verb.NEED_CLOSE) == [here]
    assert seen(cast.facilitator_elsewhere.pk, Verb.NEED_CLOSE) == [far]
    assert seen(cast.officer.pk, Verb.PROPOSAL_EXPLAIN) == [here, beside]
    assert seen(cast.officer.pk, Verb.NEED_CLOSE) == []
    assert seen(cast.volunteer.pk, Verb.NEED_CLOSE) == []
    assert not list_needs_for(actor=Stranger(), verb=Verb.NEED_OPEN).exists()


def test_list_by_status_and_place(
    cast: Cast, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    here, beside, _ = write(cast)
    close_need(actor=ConsoleOperator(), need_id=beside, now=NOW)

    listed = list_needs_for(
        actor=ConsoleOperator(),
        verb=Verb.NEED_OPEN,
        status=None,
        within_path=cast.places.city.path,
    )

    with django_assert_num_queries(1):
        rows = [
            (need.pk, need.place.name, need.intermediary.organization.name, need.people_wanted)
            for need in listed
        ]
    assert rows == [
        (here, "جوانمرد", "مؤسسهٔ مهر", 4),
        (beside, "فیروزآبادی", "مؤسسهٔ مهر", 2),
    ]
    closed = list_needs_for(actor=ConsoleOperator(), verb=Verb.NEED_OPEN, status=NeedStatus.CLOSED)
    assert [need.pk for need in closed] == [beside]


def test_one_need_for_those_who_may(cast: Cast) -> None:
    here, _, far = write(cast)
    facilitator = actor_for(person_id=cast.facilitator_here.pk, at=NOW)

    need = get_need_for(actor=facilitator, need_id=here, verb=Verb.NEED_CLOSE)

    assert (need.pk, len(need.lines.all())) == (here, 2)
    for need_id in (far, 0):
        with pytest.raises(PermissionRefused):
            get_need_for(actor=facilitator, need_id=need_id, verb=Verb.NEED_CLOSE)
    with pytest.raises(PermissionRefused):
        get_need_for(
            actor=actor_for(person_id=cast.other_officer.pk, at=NOW),
            need_id=here,
            verb=Verb.PROPOSAL_EXPLAIN,
        )


def test_open_lines_are_columns_from_one_query(
    cast: Cast, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    here, beside, far = write(cast)
    close_need(actor=ConsoleOperator(), need_id=beside, now=NOW)

    with django_assert_num_queries(1):
        lines = open_lines()

    assert len(lines) == 3
    assert lines.need_id.tolist() == [here, here, far]
    assert lines.half_day.tolist() == [1, 5, 0]
    assert lines.skill_bits.tolist() == [8, 4, 4]
    assert lines.headcount.tolist() == [1, 3, 2]
    assert lines.urgency.tolist() == [3, 3, 5]
    assert lines.gender_required.tolist() == [b"any"] * 3
    assert lines.province_code.tolist() == [b"23", b"23", b"2"]
    assert lines.latitude.tolist() == [cast.places.here.latitude] * 2 + [
        cast.places.elsewhere.latitude
    ]
    assert lines.seats_weekly.tolist() == [20, 20, 20]
    assert len(open_lines(within_path=cast.places.city.path)) == 2


def test_suspended_intermediary_has_no_seats(cast: Cast) -> None:
    write(cast)
    Organization.objects.filter(pk=cast.offices.intermediary.pk).update(
        status=OrganizationStatus.SUSPENDED,
    )

    assert open_lines().seats_weekly.tolist() == [0, 0, 0, 20]


def test_no_open_lines_are_empty_columns(db: None) -> None:
    lines = open_lines()

    assert len(lines) == 0
    assert isinstance(lines, OpenLines)
    assert lines.seats_weekly.tolist() == []
