"""What is counted of a run when its plan is stored, and read without looking at proposals."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from salam.core.errors import PermissionRefused
from salam.engine import solve
from salam.matching.actions.summarising import _Filling, _unfilled
from salam.matching.enums import FigureKind, IdleReason, TotalKey, UnfilledReason
from salam.matching.models import Proposal, Run, RunFigure
from salam.matching.queries import changes_of, figures_of_runs, weights_of
from salam.needs.actions import NewLine
from salam.people.actions import forget_person
from salam.places.enums import TownSize
from salam.places.models import Place
from salam.reporting.queries import run_pair, run_review
from tests.cast import NOW
from tests.engine.worlds import small_problem
from tests.matching.worlds import (
    COMPANION,
    OPERATOR,
    STORYTELLING,
    SUNDAY_MORNING,
    VETTED,
    stored_run,
)
from tests.service.worlds import AGREED, ServiceWorld

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> ServiceWorld:
    return ServiceWorld()


def rows(run: Run, kind: FigureKind) -> dict[str, tuple[int, int, int, int]]:
    found = RunFigure.objects.filter(run=run, kind=kind)
    return {row.key: (row.whole, row.proposed, row.kept, row.line_count) for row in found}


def test_people_asked_for_are_counted_by_part_and_by_size_of_town(world) -> None:
    Place.objects.filter(pk=world.cast.places.city.pk).update(population=9_000_000)
    Place.objects.filter(pk=world.cast.places.elsewhere.parent_id).update(population=9_999)
    world.offer()
    world.volunteer(consents=AGREED, half_day_bits=1 << SUNDAY_MORNING)
    world.need(NewLine(half_day=SUNDAY_MORNING, skill_bits=STORYTELLING, headcount=3))
    world.need(place=world.cast.places.elsewhere)

    run = stored_run()

    assert rows(run, FigureKind.PART) == {"23": (4, 1, 1, 2), "2": (1, 0, 0, 1)}
    assert rows(run, FigureKind.TOWN) == {
        TownSize.OVER_1M: (4, 1, 1, 2),
        TownSize.UNDER_10K: (1, 0, 0, 1),
    }
    assert rows(run, FigureKind.VOLUNTEERS) == {"23": (2, 1, 1, 0)}
    totals = {key: row[0] for key, row in rows(run, FigureKind.TOTAL).items()}
    assert totals[TotalKey.PEOPLE] == 1
    placed = 20 * totals[TotalKey.POINTS] - totals[TotalKey.DISTANCE_100M]
    assert placed == run.value
    figures = figures_of_runs(runs=[run])[run.pk]
    assert {part.key: (part.name, part.percent) for part in figures.parts} == {
        "23": (world.cast.places.province.name, 50),
        "2": (world.cast.places.other_province.name, 0),
    }
    assert figures.asked.covered == 2
    assert (figures.small_towns.percent, figures.larger_towns.percent) == (0, 50)


def test_parts_of_a_province_are_its_counties_and_volunteers_beyond_are_not_idle(world) -> None:
    elsewhere = world.cast.places.elsewhere
    world.volunteer(home_place_id=elsewhere.pk, home_province_code=elsewhere.province_code)

    run = stored_run("23")

    assert rows(run, FigureKind.PART) == {"2301": (1, 1, 0, 1)}
    assert rows(run, FigureKind.VOLUNTEERS) == {"2301": (1, 1, 0, 0)}
    assert rows(run, FigureKind.IDLE) == {}


def test_idle_volunteers_stand_under_their_first_reason_and_add_up(world) -> None:
    world.need(
        NewLine(half_day=SUNDAY_MORNING, skill_bits=COMPANION, vetting_tier_min=VETTED),
    )
    world.volunteer()
    world.volunteer(half_day_bits=1 << 9)
    world.volunteer(skill_bits=1 << 5)
    world.volunteer(skill_bits=COMPANION, half_day_bits=1 << SUNDAY_MORNING)
    far = world.neighbourhood_north(2.0)
    world.volunteer(home_place_id=far.pk)

    run = stored_run()

    assert {key: row[0] for key, row in rows(run, FigureKind.IDLE).items()} == {
        IdleReason.OTHERS: 1,
        IdleReason.HALF_DAY: 1,
        IdleReason.SKILL: 1,
        IdleReason.CONDITION: 1,
        IdleReason.NOTHING_NEAR: 1,
    }
    figures = figures_of_runs(runs=[run])[run.pk]
    assert figures.volunteers_at_home.left == sum(count for _, count in figures.idle) == 5


def test_lines_short_of_people_stand_under_their_first_reason(world) -> None:
    world.need(NewLine(half_day=SUNDAY_MORNING, skill_bits=COMPANION, headcount=2))
    world.set_seats(1)
    world.volunteer(half_day_bits=1 << 3)
    world.need(NewLine(half_day=3, skill_bits=STORYTELLING))

    run = stored_run()

    assert {key: (row[0], row[3]) for key, row in rows(run, FigureKind.UNFILLED).items()} == {
        UnfilledReason.NOBODY: (2, 1),
        UnfilledReason.SEATS_FULL: (1, 1),
    }


def test_whoever_serves_elsewhere_leaves_a_line_short(world) -> None:
    world.volunteer(half_day_bits=1 << 3)
    world.need(NewLine(half_day=3, skill_bits=STORYTELLING))
    world.need(NewLine(half_day=3, skill_bits=STORYTELLING))

    run = stored_run()

    assert {key: (row[0], row[3]) for key, row in rows(run, FigureKind.UNFILLED).items()} == {
        UnfilledReason.ELSEWHERE: (1, 1),
    }


@pytest.mark.parametrize("seed", range(30))
def test_missing_people_are_what_the_plan_does_not_fill(seed: int) -> None:
    problem = small_problem(seed, volunteers=8, lines=6)
    solution = solve(problem)
    built = SimpleNamespace(
        problem=problem,
        line_start=np.arange(problem.line_count),
        asked=np.diff(problem.l_unit_ptr),
    )

    figures = list(_unfilled(built, _Filling.of(built, solution), solution.candidate_count))

    assert sum(one.whole for one in figures) == solution.unit_count - solution.filled_count


def test_two_plans_are_compared_line_by_line_with_the_two_before(world) -> None:
    for _ in range(3):
        world.volunteer(consents=AGREED)
        world.need(place=world.cast.places.here)
    first = stored_run()
    gone = Proposal.objects.filter(run=first).order_by("pk").values_list("person_id", flat=True)[0]
    second = stored_run()
    assert {one.earlier_id: (one.same, one.changed) for one in changes_of(run=second)} == {
        first.pk: (4, 0),
    }
    forget_person(actor=OPERATOR, person_id=gone, now=NOW)
    world.volunteer(consents=AGREED)
    world.volunteer(consents=AGREED)
    world.need()

    third, fourth = stored_run(), stored_run()

    # Whom the registry forgot is in no plan any more: what the line got is an addition.
    of_third = {one.earlier_id: one for one in changes_of(run=third)}
    assert set(of_third) == {first.pk, second.pk}
    one = of_third[second.pk]
    assert (one.same + one.changed, one.added, one.gone) == (3, 2, 0)
    assert {one.earlier_id for one in changes_of(run=fourth)} == {second.pk, third.pk}


def test_reading_a_run_or_two_costs_the_same_however_much_there_is(world) -> None:
    def costs() -> tuple[int, int]:
        run = stored_run()
        with CaptureQueriesContext(connection) as one:
            run_review(actor=world.national, run_id=run.pk)
        with CaptureQueriesContext(connection) as two:
            run_pair(actor=world.national, run_id=run.pk, other_id=None)
        for query in (*one, *two):
            assert "matching_proposal" not in query["sql"]
        return len(one), len(two)

    stored_run()
    few = costs()
    for _ in range(5):
        world.volunteer(consents=AGREED)
        world.need(place=world.cast.places.next_door)
    assert costs() == few
    assert max(few) <= 10


def test_runs_over_other_places_or_without_a_plan_are_not_compared(world) -> None:
    national, provincial = stored_run(), stored_run("23")
    failed = Run.objects.create(place=national.place, status="failed", started_at=NOW)

    pair = run_pair(actor=world.national, run_id=national.pk, other_id=provincial.pk)
    assert (pair.later, list(pair.others)) == (None, [])
    with pytest.raises(PermissionRefused):
        run_pair(actor=world.national, run_id=failed.pk, other_id=None)
    with pytest.raises(PermissionRefused):
        run_pair(
            actor=world.actor(world.cast.coordinator_above.pk),
            run_id=national.pk,
            other_id=None,
        )


def test_weights_are_those_of_the_run(world) -> None:
    weights = weights_of(run=stored_run())

    assert weights is not None
    assert [step.factor for step in weights.urgency] == [1, 2, 4, 7, 12]
    assert [(step.at, step.factor) for step in weights.towns] == [
        (10_000, 2),
        (100_000, 1.5),
        (1_000_000, 1.1),
        (10_000_000, 1),
    ]
    assert weights_of(run=Run(parameters={})) is None
