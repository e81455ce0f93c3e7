"""A declared process for tests: something is reported, looked at, answered; or put off, or asked
back about.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from salam.cases import processes
from salam.cases.enums import Desk
from salam.cases.processes import Move, Process, Reason, Step, register_process
from salam.core.verbs import Verb

NOT_OURS: Final = Reason(code="not_ours", label="به ما مربوط نیست")
NO_MEANS: Final = Reason(code="no_means", label="امکانش نیست")

LAMP: Final = Process(
    code="tests.street_lamp",
    label="چراغ خاموش",
    open_verb=Verb.NEED_OPEN,
    steps=(
        Step(code="reported", label="ثبت‌شده", desk=Desk.NEIGHBOURHOOD, working_days=2),
        Step(code="raised", label="نزد استان", desk=Desk.PROVINCE, working_days=5),
        Step(code="asked_back", label="در انتظار پاسخ شما", desk=Desk.OPENER, stops_clock=True),
        Step(code="mended", label="درست شد"),
        Step(code="refused", label="نشد"),
    ),
    moves=(
        Move(
            code="raise",
            label="به استان می‌فرستم",
            sources=("reported",),
            target="raised",
            verb=Verb.NEED_CLOSE,
        ),
        Move(
            code="ask_back",
            label="می‌پرسم",
            sources=("reported", "raised"),
            target="asked_back",
            verb=Verb.NEED_CLOSE,
            receipts=(Desk.OPENER,),
        ),
        Move(
            code="answer",
            label="پاسخ می‌دهم",
            sources=("asked_back",),
            target="raised",
            is_openers=True,
        ),
        Move(
            code="mend",
            label="درست شد",
            sources=("reported", "raised"),
            target="mended",
            verb=Verb.NEED_CLOSE,
            receipts=(Desk.OPENER,),
        ),
        Move(
            code="refuse",
            label="نمی‌شود",
            sources=("reported", "raised"),
            target="refused",
            verb=Verb.NEED_CLOSE,
            is_refusal=True,
            reasons=(NOT_OURS, NO_MEANS),
            receipts=(Desk.OPENER,),
        ),
        Move(
            code="withdraw",
            label="پس می‌گیرم",
            sources=("reported", "raised", "asked_back"),
            target="refused",
            is_openers=True,
        ),
    ),
)


@contextmanager
def registered(process: Process) -> Iterator[Process]:
    """A process that is there while the test runs."""
    register_process(process)
    try:
        yield process
    finally:
        del processes._registered[process.code]
