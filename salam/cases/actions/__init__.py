"""Opening cases and moving them; owners' actions call these inside their own transactions."""

from salam.cases.actions.moving import (
    CaseMoved,
    NewCase,
    ReasonMissing,
    escalate_overdue,
    make_move,
    open_case,
    take_on,
)

__all__ = [
    "CaseMoved",
    "NewCase",
    "ReasonMissing",
    "escalate_overdue",
    "make_move",
    "open_case",
    "take_on",
]
