"""A case along its process: whose move it is from every step, its clock, and what is late."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import product

import pytest
from django.db import DatabaseError, transaction

from salam.access.queries import actor_for
from salam.cases.actions import (
    CaseMoved,
    NewCase,
    ReasonMissing,
    escalate_overdue,
    make_move,
    open_case,
    take_on,
)
from salam.cases.enums import Desk
from salam.cases.models import Case, CaseMove, ClosedDay
from salam.cases.queries import cases_waiting_for, get_case_for, own_cases
from salam.cases.working_time import DAY_MINUTES, WorkingCalendar
from salam.core.actors import Actor, ConsoleOperator, Stranger
from salam.core.errors import InvalidInput, PermissionRefused
from salam.core.models import Event
from salam.people.actions import forget_person
from salam.people.models import Person
from tests.cases.processes import LAMP, registered
from tests.cast import NOW, Cast, make_cast

pytestmark = pytest.mark.django_db
CALENDAR = WorkingCalendar()
HOUR = timedelta(hours=1)


@pytest.fixture(autouse=True)
def lamp() -> Iterator[None]:
    with registered(LAMP):
        yield


@pytest.fixture
def cast() -> Cast:
    return make_cast()


def acting(person: Person) -> Actor:
    return actor_for(person_id=person.pk, at=NOW)


def opened(cast: Cast, *, now: datetime = NOW, **changes: str) -> Case:
    written = {"title": "چراغ کوچهٔ مدرسه", "body": "سه شب است که خاموش است."} | changes
    return open_case(
        actor=acting(cast.facilitator_here),
        case=NewCase(process_code=LAMP.code, place_code=cast.places.here.code, **written),
        now=now,
    )


def move(case: Case, code: str, person: Person, *, now: datetime = NOW, reason: str = "") -> Case:
    return make_move(
        actor=acting(person), public_id=case.public_id, move_code=code, now=now, reason=reason
    )


def at_step(cast: Cast, step: str) -> Case:
    """A case that stands at a step of the process."""
    case = opened(cast)
    ways = {
        "reported": [],
        "raised": ["raise"],
        "asked_back": ["ask_back"],
        "mended": ["mend"],
        "refused": ["withdraw"],
    }
    for code in ways[step]:
        move(case, code, cast.facilitator_here)
    return case


def test_a_case_begins_at_the_first_step_with_a_deadline_in_working_time(cast) -> None:
    case = opened(cast)

    assert (case.step, case.desk, case.desk_place) == (
        "reported",
        Desk.NEIGHBOURHOOD,
        cast.places.here,
    )
    assert case.due_at == CALENDAR.after(NOW, minutes=2 * DAY_MINUTES)
    assert case.province_code == "23"
    event = Event.objects.get(kind="cases.case_opened")
    assert (event.subject_id, event.payload["step"]) == (case.pk, "reported")
    assert [row.code for row in CaseMove.objects.all()] == ["open"]


@pytest.mark.parametrize(
    "written",
    [
        {"title": " "},
        {"title": "چراغ", "body": "به 09121234567 زنگ بزنید"},
        {"title": "چراغ <b>"},
        {"title": "چ" * 121},
    ],
)
def test_what_may_not_stand_in_a_case_is_refused(cast, written) -> None:
    with pytest.raises(InvalidInput):
        opened(cast, **written)
    assert not Case.objects.exists()


def test_only_who_holds_the_verb_there_opens_one(cast) -> None:
    wish = NewCase(process_code=LAMP.code, place_code=cast.places.here.code, title="چراغ")
    for actor in (acting(cast.volunteer), acting(cast.facilitator_elsewhere), Stranger()):
        with pytest.raises(PermissionRefused):
            open_case(actor=actor, case=wish, now=NOW)


@pytest.mark.parametrize(
    ("step", "code"), list(product([one.code for one in LAMP.steps], [m.code for m in LAMP.moves]))
)
def test_each_move_from_each_step(cast, step, code) -> None:
    """Legal ones end where they are declared to, all others leave everything as it is."""
    declared = LAMP.move(code)
    case = at_step(cast, step)
    moves = CaseMove.objects.count()
    reason = declared.reasons[0].code if declared.reasons else ""
    # The opener is the facilitator here, who also holds the neighbourhood's verb; at the
    # province's desk it takes headquarters.
    person = cast.facilitator_here if declared.is_openers else cast.national
    if step not in declared.sources:
        with pytest.raises(CaseMoved):
            move(case, code, person, reason=reason)
        case.refresh_from_db()
        assert (case.step, CaseMove.objects.count()) == (step, moves)
        return

    moved = move(case, code, person, reason=reason)

    case.refresh_from_db()
    assert moved.step == case.step == declared.target
    assert (case.closed_at is not None) == LAMP.step(declared.target).is_final
    row = CaseMove.objects.latest("pk")
    assert (row.code, row.source, row.target) == (code, step, declared.target)


@pytest.mark.parametrize("code", [m.code for m in LAMP.moves if not m.is_openers])
def test_a_move_is_of_the_desk_that_the_case_waits_for(cast, code) -> None:
    case = at_step(cast, "raised" if code != "raise" else "reported")
    declared = LAMP.move(code)
    reason = declared.reasons[0].code if declared.reasons else ""
    outside = [cast.volunteer, cast.facilitator_elsewhere, cast.officer, cast.agency_reader]
    if code != "raise":
        outside.append(cast.facilitator_here)  # it waits for the province by now
    for person in outside:
        with pytest.raises(PermissionRefused):
            move(case, code, person, reason=reason)
    assert move(case, code, cast.coordinator_above, reason=reason).step == declared.target


def test_a_refusal_takes_one_of_its_reasons_and_others_take_none(cast) -> None:
    case = opened(cast)
    for reason in ("", "because"):
        with pytest.raises(ReasonMissing):
            move(case, "refuse", cast.facilitator_here, reason=reason)
    with pytest.raises(InvalidInput):
        move(case, "raise", cast.facilitator_here, reason="not_ours")

    move(case, "refuse", cast.facilitator_here, reason="not_ours")

    event = Event.objects.get(kind="cases.case_moved")
    assert event.payload == {
        "process": LAMP.code,
        "move": "refuse",
        "reason": "not_ours",
        "receipts": ["opener"],
    }


def test_the_clock_stands_still_while_the_opener_is_asked(cast) -> None:
    case = opened(cast)
    move(case, "raise", cast.facilitator_here)
    asked = CALENDAR.after(NOW, minutes=2 * DAY_MINUTES)
    move(case, "ask_back", cast.coordinator_above, now=asked)
    case.refresh_from_db()
    assert (case.due_at, case.minutes_left, case.stopped_step) == (None, 3 * DAY_MINUTES, "raised")

    answered = asked + timedelta(days=30)
    move(case, "answer", cast.facilitator_here, now=answered)

    case.refresh_from_db()
    assert case.due_at == CALENDAR.after(answered, minutes=3 * DAY_MINUTES)
    done = CALENDAR.after(answered, minutes=60)
    move(case, "mend", cast.coordinator_above, now=done)
    row = CaseMove.objects.latest("pk")
    assert (row.working_minutes, row.was_late) == (2 * DAY_MINUTES + 60, False)
    assert set(CaseMove.objects.filter(code="ask_back").values_list("working_minutes")) == {(None,)}


def test_what_was_late_before_it_was_asked_back_is_late_after(cast) -> None:
    case = opened(cast)
    move(case, "raise", cast.facilitator_here)
    late = CALENDAR.after(NOW, minutes=5 * DAY_MINUTES) + HOUR
    move(case, "ask_back", cast.coordinator_above, now=late)
    move(case, "answer", cast.facilitator_here, now=late + HOUR)
    move(case, "mend", cast.coordinator_above, now=late + 2 * HOUR)
    assert CaseMove.objects.latest("pk").was_late


def test_days_off_of_the_province_count(cast) -> None:
    ClosedDay.objects.create(day=NOW.date() + timedelta(days=1), province_code="23")
    ClosedDay.objects.create(day=NOW.date() + timedelta(days=2), province_code="2")
    closed = WorkingCalendar(closed=frozenset({NOW.date() + timedelta(days=1)}))
    assert opened(cast).due_at == closed.after(NOW, minutes=2 * DAY_MINUTES)


def test_a_missed_deadline_is_shown_one_level_up_once(cast) -> None:
    case, later = opened(cast), opened(cast, title="چاله", now=NOW + timedelta(days=5))
    due = case.due_at
    assert escalate_overdue(now=due) == 0
    inbox = cases_waiting_for(actor=acting(cast.coordinator_above), now=due)
    assert list(inbox) == []

    assert escalate_overdue(now=due + HOUR) == 1
    assert escalate_overdue(now=due + HOUR) == 0

    case.refresh_from_db()
    assert (case.escalated_place, case.desk) == (cast.places.province, Desk.NEIGHBOURHOOD)
    assert CaseMove.objects.latest("pk").code == "escalate"
    above = cases_waiting_for(actor=acting(cast.coordinator_above), now=due + HOUR)
    assert [(one.pk, one.is_overdue) for one in above] == [(case.pk, True)]
    below = cases_waiting_for(actor=acting(cast.facilitator_here), now=due + HOUR)
    assert [one.pk for one in below] == [case.pk, later.pk]
    assert not cases_waiting_for(actor=acting(cast.national), now=due + HOUR).exists()


def test_each_desk_has_its_own_inbox(cast) -> None:
    here = opened(cast)
    raised = opened(cast, title="پل")
    move(raised, "raise", cast.facilitator_here)
    closed = opened(cast, title="پله")
    move(closed, "mend", cast.facilitator_here)

    def waiting(person: Person, *, with_below: bool = False) -> list[int]:
        found = cases_waiting_for(actor=acting(person), now=NOW, with_below=with_below)
        return [one.pk for one in found]

    assert waiting(cast.facilitator_here) == [here.pk]
    assert waiting(cast.coordinator_above) == [raised.pk]
    assert waiting(cast.coordinator_above, with_below=True) == [here.pk, raised.pk]
    assert waiting(cast.national) == []
    assert waiting(cast.national, with_below=True) == [here.pk, raised.pk]
    assert waiting(cast.facilitator_elsewhere) == []
    with pytest.raises(PermissionRefused):
        waiting(cast.volunteer)
    assert [one.pk for one in own_cases(actor=acting(cast.facilitator_here))] == [
        closed.pk,
        raised.pk,
        here.pk,
    ]
    with pytest.raises(PermissionRefused):
        own_cases(actor=Stranger())


def test_a_case_shows_its_history_and_the_moves_of_the_reader(cast) -> None:
    case = opened(cast)
    move(case, "raise", cast.facilitator_here)

    told = get_case_for(actor=acting(cast.coordinator_above), public_id=case.public_id)
    assert [row.code for row in told.history] == ["open", "raise"]
    assert [one.code for one in told.moves] == ["ask_back", "mend", "refuse"]
    told = get_case_for(actor=acting(cast.facilitator_here), public_id=case.public_id)
    assert [one.code for one in told.moves] == ["withdraw"]
    for person in (cast.volunteer, cast.facilitator_elsewhere, cast.agency_reader):
        with pytest.raises(PermissionRefused):
            get_case_for(actor=acting(person), public_id=case.public_id)


def test_a_case_is_taken_on_and_over_and_let_go_by_the_next_move(cast) -> None:
    case = opened(cast)
    for person in (cast.facilitator_here, cast.coordinator_above):
        assert take_on(actor=acting(person), public_id=case.public_id).assignee_id == person.pk
    with pytest.raises(PermissionRefused):
        take_on(actor=ConsoleOperator(), public_id=case.public_id)
    move(case, "mend", cast.facilitator_here)
    with pytest.raises(CaseMoved):
        take_on(actor=acting(cast.facilitator_here), public_id=case.public_id)
    case.refresh_from_db()
    assert case.assignee_id is None


def test_an_owners_action_moves_the_case_with_its_own_change_or_not_at_all(cast) -> None:
    case = opened(cast)

    def owners_action() -> None:
        with transaction.atomic():
            move(case, "mend", cast.facilitator_here)
            raise RuntimeError("the owner's change fails")

    with pytest.raises(RuntimeError, match="the owner's change fails"):
        owners_action()
    case.refresh_from_db()
    assert case.step == "reported"
    assert not Event.objects.filter(kind="cases.case_moved").exists()


def test_moves_never_change(cast) -> None:
    opened(cast)
    with pytest.raises(DatabaseError), transaction.atomic():
        CaseMove.objects.update(note="چیز دیگر")
    with pytest.raises(DatabaseError), transaction.atomic():
        CaseMove.objects.all().delete()


def test_whoever_is_forgotten_is_cut_loose_and_the_case_goes_on(cast) -> None:
    case = opened(cast)
    take_on(actor=acting(cast.facilitator_here), public_id=case.public_id)
    person_id = cast.facilitator_here.pk
    forget_person(actor=acting(cast.facilitator_here), person_id=person_id, now=NOW)
    case.refresh_from_db()
    assert (case.opened_by_id, case.assignee_id, case.step) == (None, None, "reported")
