"""Declarations: a sound one is taken, and each mistake that could leave a case stuck is named."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from salam.cases.enums import Desk
from salam.cases.processes import (
    Move,
    Process,
    ProcessFaulty,
    ProcessUnknown,
    Step,
    all_processes,
    problems_of,
    process_of,
    register_process,
)
from salam.core.verbs import Verb
from tests.cases.processes import LAMP, NOT_OURS, registered


def test_a_sound_declaration_is_registered_once() -> None:
    assert list(problems_of(process=LAMP)) == []
    with registered(LAMP):
        register_process(LAMP)
        assert process_of(code=LAMP.code) is LAMP
        assert LAMP in all_processes()
        with pytest.raises(ProcessFaulty, match="registered twice"):
            register_process(replace(LAMP, label="دیگر"))
    with pytest.raises(ProcessUnknown):
        process_of(code=LAMP.code)


ENDED = "mended: ends the case, and has moves or a clock"


def with_step(name: str, **changes: Any) -> Process:
    steps = tuple(replace(step, **changes) if step.code == name else step for step in LAMP.steps)
    return replace(LAMP, steps=steps)


def with_move(name: str, **changes: Any) -> Process:
    moves = tuple(replace(move, **changes) if move.code == name else move for move in LAMP.moves)
    return replace(LAMP, moves=moves)


@pytest.mark.parametrize(
    ("process", "problem"),
    [
        (replace(LAMP, code="lamp"), "the code is not room.name"),
        (replace(LAMP, steps=(), moves=()), "no steps"),
        (replace(LAMP, steps=(*LAMP.steps, LAMP.steps[0])), "step reported stands twice"),
        (with_step("mended", code="Mended"), "step 'Mended' is not a code"),
        (replace(LAMP, moves=(*LAMP.moves, LAMP.moves[0])), "move raise stands twice"),
        (with_move("raise", target="nowhere"), "raise: no step nowhere"),
        (with_move("raise", sources=()), "raise: comes from nowhere"),
        (
            with_move("raise", sources=("mended",)),
            "mended: ends the case, and has moves or a clock",
        ),
        (with_step("mended", working_days=3), "mended: ends the case, and has moves or a clock"),
        (with_step("reported", working_days=0), "reported: a deadline of 0 working days"),
        (with_step("reported", working_days=None), "reported: an office without a deadline"),
        (with_step("reported", stops_clock=True), "reported: stops a clock and has one"),
        (
            with_step("asked_back", stops_clock=False, working_days=3),
            "asked_back: nobody sets the opener a deadline",
        ),
        (with_move("raise", verb=None), "raise: is either an office's, by a verb, or the opener's"),
        (
            with_move("answer", verb=Verb.NEED_CLOSE),
            "answer: is either an office's, by a verb, or the opener's",
        ),
        (with_move("refuse", reasons=()), "refuse: refuses without a reason"),
        (with_move("refuse", receipts=()), "refuse: refuses and does not tell the opener"),
        (
            with_move("refuse", reasons=(NOT_OURS, NOT_OURS)),
            "refuse: reason 'not_ours' stands twice or is no code",
        ),
        (
            replace(
                LAMP,
                steps=(*LAMP.steps, Step(code="lost", label="گم", desk=Desk.OPENER)),
            ),
            "lost: nothing leads out of it",
        ),
        (
            replace(LAMP, steps=(*LAMP.steps, Step(code="dreamt", label="خیال"))),
            "dreamt: no case comes here",
        ),
        (
            replace(
                LAMP,
                steps=(*LAMP.steps, Step(code="round", label="دور", desk=Desk.OPENER)),
                moves=(
                    *LAMP.moves,
                    Move(
                        code="turn",
                        label="می‌چرخد",
                        sources=("reported", "round"),
                        target="round",
                        is_openers=True,
                    ),
                ),
            ),
            "round: no case that comes here ends",
        ),
    ],
)
def test_a_declaration_that_could_leave_a_case_stuck_is_refused(process, problem) -> None:
    assert problem in list(problems_of(process=process))
    with pytest.raises(ProcessFaulty) as refused:
        register_process(process)
    assert problem in str(refused.value)
    assert process not in all_processes()
