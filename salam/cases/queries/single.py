"""One case with its history, and what the reader may do with it now."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from salam.cases.models import Case, CaseMove
from salam.cases.permissions import may_move, may_see
from salam.cases.processes import Move, Process, Step, process_of
from salam.core.actors import Actor
from salam.core.errors import PermissionRefused


@dataclass(frozen=True, eq=False)
class CaseView:
    """A case as one reader sees it.

    history: every move, first to last; moves: those that the reader may make now, as declared.
    """

    case: Case
    process: Process
    step: Step
    history: Sequence[CaseMove]
    moves: Sequence[Move]


def get_case_for(*, actor: Actor, public_id: UUID) -> CaseView:
    """A case that the actor opened, or that comes to the actor's desk. Two queries.

    Raises PermissionRefused.
    """
    case = (
        Case.objects.select_related("place", "desk_place", "escalated_place")
        .filter(public_id=public_id)
        .first()
    )
    if case is None:
        raise PermissionRefused
    process = process_of(code=case.process)
    if not may_see(actor=actor, case=case, process=process):
        raise PermissionRefused
    return CaseView(
        case=case,
        process=process,
        step=process.step(case.step),
        history=list(CaseMove.objects.filter(case=case).order_by("pk")),
        moves=[
            move
            for move in process.moves_from(case.step)
            if may_move(actor=actor, case=case, move=move)
        ],
    )
