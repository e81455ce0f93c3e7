"""What stands when runs follow each other, overlap, are killed, or are left by people meanwhile."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

import pytest
from django.db import OperationalError, connection, transaction
from django.db.backends.base.base import BaseDatabaseWrapper

from salam.matching.enums import Reason, RunStatus
from salam.matching.models import Proposal, Run
from salam.matching.queries import last_run, unfinished_runs
from salam.matching.queries.runs import RUN_LOCK
from salam.needs.actions import NewLine
from salam.people.actions import forget_person, withdraw_consent
from salam.people.enums import ConsentPurpose
from salam.people.models import Skill
from tests.cast import NOW
from tests.matching.test_matching_actions import proposed_people, run
from tests.matching.worlds import (
    OPERATOR,
    SATURDAY_AFTERNOON,
    SATURDAY_MORNING,
    STORYTELLING,
    World,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def other_connection() -> Iterator[BaseDatabaseWrapper]:
    """Another process at the same database."""
    other = connection.copy()
    yield other
    other.close()


def ask(database: BaseDatabaseWrapper, statement: str) -> object:
    with database.cursor() as cursor:
        cursor.execute(statement)
        return cursor.fetchone()[0]


def live_half_days() -> Counter[tuple[int, int]]:
    """How often a person and half-day stand in live runs."""
    live = Proposal.objects.filter(run__status=RunStatus.PROPOSED)
    return Counter(live.values_list("person_id", "half_day"))


def statuses() -> list[str]:
    return list(Run.objects.order_by("pk").values_list("status", flat=True))


def test_last_run_is_of_the_country_unless_a_place_is_named() -> None:
    world = World()
    place_code = world.cast.places.province.code
    of_country = run().run_id
    of_place = run(place_code=place_code).run_id

    public, local = last_run(), last_run(place_code=place_code)

    assert public is not None
    assert local is not None
    assert (public.run_id, local.run_id) == (of_country, of_place)


def test_run_of_a_place_alone_is_never_public() -> None:
    world = World()

    run(place_code=world.cast.places.province.code)

    assert last_run() is None


def test_run_leaves_out_who_withdrew_or_was_forgotten_while_it_worked() -> None:
    world = World()
    withdrawn, forgotten, stays = world.volunteer(), world.volunteer(), world.volunteer()
    world.need(NewLine(half_day=SATURDAY_MORNING, skill_bits=STORYTELLING, headcount=3))

    def leave_before_store(stage: str) -> None:
        if stage == "store":
            withdraw_consent(
                actor=OPERATOR,
                person_id=withdrawn,
                purpose=ConsentPurpose.MATCHING,
                now=NOW,
            )
            forget_person(actor=OPERATOR, person_id=forgotten, now=NOW)

    outcome = run(report=leave_before_store)

    stored = Run.objects.get()
    proposal = Proposal.objects.get()
    assert (proposal.person_id, proposal.unit) == (stays, 1)
    assert (stored.proposed_count, stored.unit_count) == (1, 3)
    # The first unit of the line is worth most, and goes to who is left.
    assert stored.value == 20 * proposal.points - proposal.distance_100m
    assert stored.value < stored.upper_bound
    assert (outcome.proposed, outcome.value) == (1, stored.value)
    assert stored.parameters["left_count"] == 2


def test_run_that_was_killed_is_failed_by_the_next_one() -> None:
    world = World()
    Run.objects.create(place=world.cast.places.country, status=RunStatus.RUNNING, started_at=NOW)
    assert unfinished_runs() == 1

    run()

    assert statuses() == [RunStatus.FAILED, RunStatus.PROPOSED]
    assert unfinished_runs() == 0


def test_run_waits_for_another_that_is_at_work(other_connection) -> None:
    world = World()
    Run.objects.create(place=world.cast.places.country, status=RunStatus.RUNNING, started_at=NOW)
    ask(other_connection, f"SELECT pg_advisory_lock({RUN_LOCK})")

    ask(connection, "SELECT set_config('lock_timeout', '50ms', TRUE)")

    with pytest.raises(OperationalError, match="lock timeout"), transaction.atomic():
        run()

    assert statuses() == [RunStatus.RUNNING]
    assert unfinished_runs() == 0


def test_run_lets_the_next_one_begin_whether_it_ends_or_breaks_off(other_connection) -> None:
    World()

    def break_off(_stage: str) -> None:
        raise KeyboardInterrupt

    run()
    with pytest.raises(KeyboardInterrupt):
        run(report=break_off)

    assert ask(other_connection, f"SELECT pg_try_advisory_lock({RUN_LOCK})")


def test_speakers_of_a_language_are_not_counted() -> None:
    world = World()
    kurdish = 1 << Skill.objects.get(code="language_kurdish").bit
    far = world.neighbourhood_north(0.01)
    world.volunteer(skill_bits=STORYTELLING | kurdish, home_place_id=far.pk)
    world.need(
        NewLine(half_day=SATURDAY_MORNING, skill_bits=STORYTELLING, language_bits=kurdish),
        NewLine(half_day=SATURDAY_MORNING, skill_bits=kurdish),
    )

    run()

    proposal = Proposal.objects.get()
    assert (proposal.candidate_count, proposal.reason) == (0, Reason.NEAREST)


def test_run_supersedes_older_runs_within_its_place() -> None:
    world = World()
    places = world.cast.places

    for code in (places.here.code, "ir", places.other_province.code, places.city.code, "23"):
        run(place_code=code)

    assert statuses() == [
        RunStatus.SUPERSEDED,
        RunStatus.PROPOSED,
        RunStatus.PROPOSED,
        RunStatus.SUPERSEDED,
        RunStatus.PROPOSED,
    ]


def test_run_of_a_part_leaves_alone_what_a_live_run_proposed_outside() -> None:
    world = World()
    world.volunteer()
    outside = world.need(place=world.cast.places.next_door)
    run()
    inside = world.need()

    outcome = run(place_code=world.here.code)

    assert outcome.proposed == 0
    assert set(live_half_days().values()) == {1}
    live = Proposal.objects.filter(run__status=RunStatus.PROPOSED)
    assert list(live.values_list("need_line__need_id", flat=True)) == [outside]
    assert inside != outside


def test_run_of_a_part_counts_weeks_and_seats_used_outside() -> None:
    world = World()
    both = (1 << SATURDAY_MORNING) | (1 << SATURDAY_AFTERNOON)
    tired = world.volunteer(half_day_bits=both, weekly_half_days=1)
    world.need(place=world.cast.places.next_door)
    run()
    fresh = [world.volunteer(half_day_bits=both) for _ in range(2)]
    world.need(NewLine(half_day=SATURDAY_AFTERNOON, skill_bits=STORYTELLING, headcount=3))
    world.set_seats(2)

    outcome = run(place_code=world.here.code)

    assert outcome.proposed == 1
    assert live_half_days().total() == 2
    assert proposed_people() & {tired, *fresh} > {tired}


def test_run_of_a_part_takes_the_place_of_what_the_larger_one_proposed_inside() -> None:
    world = World()
    for _ in range(3):
        world.volunteer()
    world.need(NewLine(half_day=SATURDAY_MORNING, skill_bits=STORYTELLING, headcount=2))
    world.need(place=world.cast.places.next_door)
    of_country = run()

    of_part = run(place_code=world.here.code)

    larger = Run.objects.get(pk=of_country.run_id)
    assert (of_country.proposed, of_part.proposed) == (3, 2)
    assert (larger.status, larger.parameters["replaced_count"]) == (RunStatus.PROPOSED, 2)
    assert Proposal.objects.filter(run=larger).count() == 1
    assert len(live_half_days()) == 3
    assert set(live_half_days().values()) == {1}


def test_a_proposal_under_review_stays_where_another_is_only_as_good() -> None:
    world = World()
    first = world.volunteer()
    world.need()
    run()
    for _ in range(6):
        world.volunteer()

    run()

    latest = Run.objects.get(status=RunStatus.PROPOSED)
    assert [one.person_id for one in latest.proposals.all()] == [first]
