"""Processes as data: which steps a case goes through, who may move it, and how long that may take.

A room declares its processes and registers them at start-up. A declaration that could leave a case
stuck, or let it be refused without a reason, is refused itself (:func:`problems_of`).
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from salam.cases.enums import Desk
from salam.cases.working_time import DAY_MINUTES
from salam.core.verbs import Verb

if TYPE_CHECKING:
    from django.utils.functional import _StrOrPromise as StrOrPromise

CODE: Final = re.compile(r"[a-z][a-z_]{0,39}")
# A quarter of a year of working days: whatever takes longer is several steps.
WORKING_DAYS_MAX: Final = 65


@dataclass(frozen=True, kw_only=True)
class Reason:
    """Why a move was made, chosen from a list: counted, and said to whom it concerns."""

    code: str
    label: StrOrPromise


@dataclass(frozen=True, kw_only=True)
class Step:
    """Where a case stands and whom it waits for; ``desk`` is None once nobody has to do anything.

    working_days: how long the desk may take, None where no deadline holds. stops_clock: while it
    waits here the clock of the step before stands still, and goes on where it stopped.
    """

    code: str
    label: StrOrPromise
    desk: Desk | None = None
    working_days: int | None = None
    stops_clock: bool = False

    @property
    def is_final(self) -> bool:
        """Whether a case ends here."""
        return self.desk is None

    @property
    def deadline_minutes(self) -> int | None:
        """How long the desk may take, in working minutes."""
        return None if self.working_days is None else self.working_days * DAY_MINUTES


@dataclass(frozen=True, kw_only=True)
class Move:
    """From some steps to another, and whose move it is: of whoever holds ``verb`` at the desk that
    the case waits for, or with ``is_openers`` of whoever opened it.

    reasons: one of them must be given; is_refusal: such a move never goes without one. receipts:
    who is told that it was made.
    """

    code: str
    label: StrOrPromise
    sources: tuple[str, ...]
    target: str
    verb: Verb | None = None
    is_openers: bool = False
    is_refusal: bool = False
    reasons: tuple[Reason, ...] = ()
    receipts: tuple[Desk, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Process:
    """One kind of case; it begins at the first of its steps. ``code`` is room.name.

    open_verb: who may open one over a place; None where anybody who is logged in may.
    """

    code: str
    label: StrOrPromise
    open_verb: Verb | None
    steps: tuple[Step, ...]
    moves: tuple[Move, ...]

    def step(self, code: str) -> Step:
        """The step of a code. Raises KeyError."""
        return self._steps[code]

    def moves_from(self, step_code: str) -> tuple[Move, ...]:
        """Declared moves out of a step."""
        return tuple(move for move in self.moves if step_code in move.sources)

    def move(self, code: str) -> Move:
        """The move of a code. Raises KeyError."""
        return {move.code: move for move in self.moves}[code]

    @property
    def first(self) -> Step:
        """Where a case begins."""
        return self.steps[0]

    @property
    def _steps(self) -> Mapping[str, Step]:
        return {step.code: step for step in self.steps}


class ProcessUnknown(LookupError):
    """A mistake in the program: nobody registered this code."""


class ProcessFaulty(ValueError):
    """A mistake in a declaration, with all that is wrong about it."""


_registered: dict[str, Process] = {}


def register_process(process: Process) -> None:
    """Called from the AppConfig.ready of the room that owns it. Raises ProcessFaulty."""
    problems = list(problems_of(process=process))
    if _registered.get(process.code, process) != process:
        problems.append("registered twice")
    if problems:
        raise ProcessFaulty(f"{process.code}: {'; '.join(problems)}")
    _registered[process.code] = process


def process_of(*, code: str) -> Process:
    """The process of a code. Raises ProcessUnknown."""
    try:
        return _registered[code]
    except KeyError:
        raise ProcessUnknown(code) from None


def all_processes() -> Sequence[Process]:
    """Every registered process, by code."""
    return tuple(process for _, process in sorted(_registered.items()))


def problems_of(*, process: Process) -> Iterator[str]:
    """What is wrong with a declaration, one clause each; nothing for a sound one."""
    if not re.fullmatch(r"[a-z]+\.[a-z]+(_[a-z]+)*", process.code):
        yield "the code is not room.name"
    if not process.steps:
        yield "no steps"
        return
    yield from _problems_of_codes(process)
    known = {step.code for step in process.steps}
    for move in process.moves:
        for code in sorted({*move.sources, move.target} - known):
            yield f"{move.code}: no step {code}"
    for step in process.steps:
        yield from _problems_of_step(process, step)
    for move in process.moves:
        yield from _problems_of_move(move)
    yield from _problems_of_ways(process)


def _problems_of_codes(process: Process) -> Iterator[str]:
    for what, parts in (("step", process.steps), ("move", process.moves)):
        counts = Counter(part.code for part in parts)
        for code, count in counts.items():
            if count > 1:
                yield f"{what} {code} stands twice"
            if not CODE.fullmatch(code):
                yield f"{what} {code!r} is not a code"


def _problems_of_step(process: Process, step: Step) -> Iterator[str]:
    out = process.moves_from(step.code)
    if step.is_final and (out or step.working_days is not None or step.stops_clock):
        yield f"{step.code}: ends the case, and has moves or a clock"
    if not step.is_final and not out:
        yield f"{step.code}: nothing leads out of it"
    if step.working_days is not None and not 1 <= step.working_days <= WORKING_DAYS_MAX:
        yield f"{step.code}: a deadline of {step.working_days} working days"
    if step.desk is Desk.OPENER and step.working_days is not None:
        yield f"{step.code}: nobody sets the opener a deadline"
    if step.stops_clock and step.working_days is not None:
        yield f"{step.code}: stops a clock and has one"
    if step.desk not in (None, Desk.OPENER) and not step.stops_clock and step.working_days is None:
        yield f"{step.code}: an office without a deadline"


def _problems_of_move(move: Move) -> Iterator[str]:
    if not move.sources:
        yield f"{move.code}: comes from nowhere"
    if (move.verb is None) == (not move.is_openers):
        yield f"{move.code}: is either an office's, by a verb, or the opener's"
    if move.is_refusal and not move.reasons:
        yield f"{move.code}: refuses without a reason"
    if move.is_refusal and Desk.OPENER not in move.receipts:
        yield f"{move.code}: refuses and does not tell the opener"
    codes = Counter(reason.code for reason in move.reasons)
    for code, count in codes.items():
        if count > 1 or not CODE.fullmatch(code):
            yield f"{move.code}: reason {code!r} stands twice or is no code"


def _problems_of_ways(process: Process) -> Iterator[str]:
    """Steps that no case reaches, and steps from which no case ends."""
    forward: dict[str, set[str]] = {step.code: set() for step in process.steps}
    backward: dict[str, set[str]] = {step.code: set() for step in process.steps}
    for move in process.moves:
        for source in move.sources:
            if source in forward and move.target in backward:
                forward[source].add(move.target)
                backward[move.target].add(source)
    ends = {step.code for step in process.steps if step.is_final}
    if not ends:
        yield "no step ends a case"
    reached = _reached_from({process.first.code}, forward)
    ending = _reached_from(ends, backward)
    for step in process.steps:
        if step.code not in reached:
            yield f"{step.code}: no case comes here"
        elif ends and step.code not in ending:
            yield f"{step.code}: no case that comes here ends"


def _reached_from(start: set[str], ways: Mapping[str, set[str]]) -> set[str]:
    reached, left = set(start), list(start)
    while left:
        new = ways[left.pop()] - reached
        reached |= new
        left.extend(new)
    return reached
