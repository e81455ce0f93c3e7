"""A case is opened, moved along its process, taken on, and shown one level up when it is late."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from salam.cases.enums import DESK_ABOVE, Desk
from salam.cases.models import (
    BODY_LENGTH_MAX,
    NOTE_LENGTH_MAX,
    TITLE_LENGTH_MAX,
    Case,
    CaseMove,
)
from salam.cases.permissions import desk_level, may_move, may_open, may_see
from salam.cases.processes import Move, Process, Step, process_of
from salam.cases.queries.calendars import calendar_for
from salam.core.actors import Actor
from salam.core.errors import DomainError, InvalidInput, PermissionRefused
from salam.core.events import NewEvent, record_event, record_events
from salam.core.wording import checked_text
from salam.places.models import Place
from salam.places.queries import get_place

OPENING: Final = "open"
ESCALATION: Final = "escalate"


class CaseMoved(DomainError):
    """Somebody was quicker: the case does not stand where this move begins."""

    code = "case_moved"

    def __init__(self) -> None:
        super().__init__(
            _("این پرونده در این میان جابه‌جا شده است. صفحه را تازه کنید و دوباره ببینید.")
        )


class ReasonMissing(DomainError):
    """A move that has reasons was made without one of them."""

    code = "reason_missing"

    def __init__(self) -> None:
        super().__init__(_("یکی از دلیل‌های فهرست را برگزینید."))


@dataclass(frozen=True, kw_only=True)
class NewCase:
    """What somebody writes who opens a case of a process over a place."""

    process_code: str
    place_code: str
    title: str
    body: str = ""


def open_case(*, actor: Actor, case: NewCase, now: datetime) -> Case:
    """Open a case; it stands at the first step of its process. Writes an Event.

    Raises InvalidInput, PermissionRefused.
    """
    process = process_of(code=case.process_code)
    place = get_place(code=case.place_code)
    if not may_open(actor=actor, process=process, place_path=place.path):
        raise PermissionRefused
    title = checked_text(case.title, label=_("عنوان"), length_max=TITLE_LENGTH_MAX)
    body = checked_text(case.body, label=_("شرح"), length_max=BODY_LENGTH_MAX, is_optional=True)
    with transaction.atomic():
        opened = Case(
            process=process.code,
            place=place,
            province_code=place.province_code,
            title=title,
            body=body,
            opened_by_id=actor.person_id,
            opened_at=now,
        )
        _enter(opened, process.first, now=now)
        opened.save()
        _record_move(opened, code=OPENING, source="", actor_id=actor.person_id, now=now)
        _record_event("cases.case_opened", opened, actor_id=actor.person_id)
    return opened


def make_move(
    *,
    actor: Actor,
    public_id: UUID,
    move_code: str,
    now: datetime,
    reason: str = "",
    note: str = "",
) -> Case:
    """Move a case to the next step in one transaction, which may be the caller's. Writes an Event.

    An owner's action calls this in its own transaction, so that what a move means happens together
    with it or not at all. Raises CaseMoved, ReasonMissing, InvalidInput, PermissionRefused.
    """
    with transaction.atomic():
        case, process = _locked(actor, public_id)
        move = next((one for one in process.moves if one.code == move_code), None)
        if move is None or not may_move(actor=actor, case=case, move=move):
            raise PermissionRefused
        if case.step not in move.sources:
            raise CaseMoved
        if move.reasons and reason not in {one.code for one in move.reasons}:
            raise ReasonMissing
        if reason and not move.reasons:
            raise InvalidInput(_("این گام دلیلی نمی‌خواهد."))
        cleaned = checked_text(
            note, label=_("یادداشت"), length_max=NOTE_LENGTH_MAX, is_optional=True
        )
        _make(case, process, move, now=now, told=(actor.person_id, reason, cleaned))
    return case


def take_on(*, actor: Actor, public_id: UUID) -> Case:
    """Take a case on, or over from a colleague; it stays at its step. Writes an Event.

    Raises CaseMoved for one that waits for no office, PermissionRefused.
    """
    with transaction.atomic():
        case, process = _locked(actor, public_id)
        moves = process.moves_from(case.step)
        if actor.person_id is None or not any(
            may_move(actor=actor, case=case, move=move) for move in moves if not move.is_openers
        ):
            raise PermissionRefused if moves else CaseMoved
        if case.assignee_id != actor.person_id:
            case.assignee_id = actor.person_id
            case.save(update_fields=["assignee"])
            _record_event("cases.case_taken_on", case, actor_id=actor.person_id)
    return case


def escalate_overdue(*, now: datetime, limit: int = 500) -> int:
    """Show the next cases whose deadline was missed one level up; returns how many.

    The desk keeps the case, and its lateness stays with it. Idempotent. Writes an Event for each.
    """
    with transaction.atomic():
        late = (
            Case.objects.select_for_update(of=("self",), skip_locked=True)
            .select_related("place")
            .filter(
                closed_at__isnull=True,
                escalated_place__isnull=True,
                due_at__lt=now,
                desk__in=list(DESK_ABOVE),
            )
            .order_by("due_at", "pk")[:limit]
        )
        cases = list(late)
        above = {
            case.pk: desk_level(DESK_ABOVE[Desk(case.desk)], case.place.path) for case in cases
        }
        places = {place.path: place for place in Place.objects.filter(path__in={*above.values()})}
        for case in cases:
            case.escalated_place = places[above[case.pk]]
            _record_move(case, code=ESCALATION, source=case.step, actor_id=None, now=now)
        Case.objects.bulk_update(cases, ["escalated_place"])
        record_events(
            events=[
                NewEvent(
                    "cases.case_escalated",
                    "cases.Case",
                    case.pk,
                    {"process": case.process, "step": case.step},
                )
                for case in cases
            ],
            actor_id=None,
        )
    return len(cases)


def _locked(actor: Actor, public_id: UUID) -> tuple[Case, Process]:
    case = (
        Case.objects.select_for_update(of=("self",))
        .select_related("place", "desk_place")
        .filter(public_id=public_id)
        .first()
    )
    if case is None:
        raise PermissionRefused
    process = process_of(code=case.process)
    if not may_see(actor=actor, case=case, process=process):
        raise PermissionRefused
    return case, process


def _make(
    case: Case,
    process: Process,
    move: Move,
    *,
    now: datetime,
    told: tuple[int | None, str, str],
) -> None:
    actor_id, reason, note = told
    source, target = process.step(case.step), process.step(move.target)
    row = CaseMove(
        case=case,
        code=move.code,
        source=source.code,
        target=target.code,
        actor_id=actor_id,
        reason=reason,
        note=note,
        made_at=now,
    )
    if case.due_at is not None:
        left = _minutes_left(case, now=now)
        if target.stops_clock:
            # The step is not over: it goes on with what is left of its clock.
            case.minutes_left, case.stopped_step = max(left, 0), source.code
        else:
            row.working_minutes = (source.deadline_minutes or 0) - left
            row.was_late = now > case.due_at
    _enter(case, target, now=now)
    case.save()
    row.save()
    record_event(
        kind="cases.case_moved",
        subject_type="cases.Case",
        subject_id=case.pk,
        actor_id=actor_id,
        payload={
            "process": process.code,
            "move": move.code,
            "reason": reason or None,
            "receipts": [desk.value for desk in move.receipts],
        },
    )


def _minutes_left(case: Case, *, now: datetime) -> int:
    """Working minutes until a case is due, negative where it is late already."""
    if case.due_at is None:
        raise RuntimeError("no clock runs")
    calendar = calendar_for(province_code=case.province_code)
    return calendar.between(now, case.due_at) - calendar.between(case.due_at, now)


def _enter(case: Case, step: Step, *, now: datetime) -> None:
    """Stand a case at a step: its desk, and its clock, which may go on where it stood still."""
    case.step = step.code
    case.desk = step.desk or ""
    case.entered_at = now
    case.assignee_id = None
    case.escalated_place = None
    case.due_at = None
    path = desk_level(step.desk, case.place.path) if step.desk else case.place.path
    case.desk_place = case.place if path == case.place.path else Place.objects.get(path=path)
    if step.stops_clock:
        return
    if step.deadline_minutes is not None:
        minutes = step.deadline_minutes
        if case.stopped_step == step.code and case.minutes_left is not None:
            minutes = case.minutes_left
        calendar = calendar_for(province_code=case.province_code)
        # What was late when its clock was stopped is late at once when it goes on.
        case.due_at = calendar.after(now, minutes=minutes) if minutes else now
    case.minutes_left, case.stopped_step = None, ""
    if step.is_final:
        case.closed_at = now


def _record_move(
    case: Case, *, code: str, source: str, actor_id: int | None, now: datetime
) -> None:
    CaseMove.objects.create(
        case=case, code=code, source=source, target=case.step, actor_id=actor_id, made_at=now
    )


def _record_event(kind: str, case: Case, *, actor_id: int | None) -> None:
    record_event(
        kind=kind,
        subject_type="cases.Case",
        subject_id=case.pk,
        actor_id=actor_id,
        payload={"process": case.process, "step": case.step},
    )
