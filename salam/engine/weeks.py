"""Weeks of hours: what of them is left, which half-days surely fit, and how dear a week can be.

Where half-days are of unequal length, a week is a knapsack. A set of slots of which any k fit into
the hours is a flow again, and which such set a person offers may be chosen.
"""

from dataclasses import replace
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from salam.engine.assignment import Task
from salam.engine.compiled import compiled, compiled_in_place
from salam.engine.problem import SLOT_COUNT, Int32, Int64, Problem

BIT = np.left_shift(1, np.arange(SLOT_COUNT))
ENDLESS = 1 << 20  # hours that nobody has
HOURS_MAX = 256
FADING = np.float32(0.95)  # of the average of weeks, each time

Float32 = npt.NDArray[np.float32]


class Weeks(NamedTuple):
    """What N people can still give.

    slots: [N] int64, bits of the half-days that are free and no longer than the hours left; hours:
    [N] int64; most: [N] int64, half-days at most, the shortest of slots taken; sure: [N] int64,
    half-days that fit whichever of slots are taken. slot_hours: [14] int64.
    """

    slots: Int64
    hours: Int64
    most: Int64
    sure: Int64
    slot_hours: Int64

    def of(self, rows: Int32) -> "Weeks":
        """The same of some of the people."""
        return Weeks(
            self.slots[rows],
            self.hours[rows],
            self.most[rows],
            self.sure[rows],
            self.slot_hours,
        )


def open_weeks(task: Task) -> Weeks:
    """What the kept placements of a task leave of every week. O(V x 14 log 14)."""
    problem, remaining = task.problem, task.remaining
    slot_hours = problem.slot_hours.astype(np.int64)
    hours = np.maximum(problem.v_hours - hours_given(problem, task), 0)
    is_own = (problem.v_slots[:, None] & BIT) != 0
    is_own &= remaining.slot_is_free & (slot_hours <= hours[:, None])
    shortest = np.sort(np.where(is_own, slot_hours, ENDLESS), axis=1)
    longest = -np.sort(-np.where(is_own, slot_hours, 0), axis=1)
    most = (np.cumsum(shortest, axis=1) <= hours[:, None]).sum(axis=1)
    sure = (np.cumsum(longest, axis=1) <= hours[:, None]).sum(axis=1)
    most = np.minimum(most, remaining.volunteer)
    slots = (is_own * BIT).sum(axis=1)
    return Weeks(slots, hours, most, np.minimum(sure, most), slot_hours)


def hours_given(problem: Problem, task: Task) -> Int64:
    """Hours of every volunteer that kept placements take, [V] int64."""
    given = np.zeros(problem.volunteer_count, np.int64)
    hours = problem.slot_hours.astype(np.int64)[problem.l_slot[task.kept_line]]
    np.add.at(given, task.kept_volunteer, hours)
    return given


def offering(task: Task, slots: Int64, half_days: Int64) -> Task:
    """The task where people offer so many half-days [V], of these slots [V] only."""
    problem = task.problem
    taken = np.where(task.remaining.slot_is_free, 0, BIT).sum(axis=1)
    shown = problem.v_slots & (slots | taken)
    return replace(
        task,
        problem=replace(problem, v_slots=shown.astype(np.uint16)),
        remaining=replace(task.remaining, volunteer=half_days),
    )


@compiled
def choose_offers(weeks: Weeks, held: Int64, worth: Int32) -> tuple[Int64, Int64]:
    """Slots of each person, and how many of them, so that any so many fit into the hours.

    held: [N] int64, bits of slots that must be among them together, since a plan has them: with
    the offers chosen it stays possible, so that the next plan is no worse. worth: [N x 14] int32,
    what a half-day in each slot would bring. Of all numbers the one is chosen whose dearest slots
    bring most, and then the one that leaves most to choose from. Returns slots, number: [N] int64.
    """
    chosen, number = np.zeros_like(held), np.zeros_like(held)
    order = np.empty(SLOT_COUNT, np.int64)
    for person in range(len(held)):
        own = worth[person * SLOT_COUNT : (person + 1) * SLOT_COUNT]
        _dearest_first(own, order)
        must = held[person]
        best, widest = np.int64(-1), np.int64(-1)
        for count in range(max(_size(must), 1), weeks.most[person] + 1):
            slots = must
            for slot in order:
                wider = slots | (1 << slot)
                if weeks.slots[person] >> slot & 1 and (
                    _longest(weeks.slot_hours, wider, count) <= weeks.hours[person]
                ):
                    slots = wider
            brings, width = _brings(own, (slots, order), count)
            if brings > best or (brings == best and width > widest):
                best, widest = brings, width
                chosen[person], number[person] = slots, count
    return chosen, number


@compiled_in_place
def _dearest_first(own: Int32, order: Int64) -> None:
    """Sort the slots by falling worth, equal ones by number."""
    for slot in range(SLOT_COUNT):
        at = slot
        while at > 0 and own[order[at - 1]] < own[slot]:
            order[at] = order[at - 1]
            at -= 1
        order[at] = slot


@compiled_in_place
def _size(slots: int) -> int:
    size = 0
    for slot in range(SLOT_COUNT):
        size += slots >> slot & 1
    return size


@compiled_in_place
def _longest(slot_hours: Int64, slots: int, count: int) -> int:
    """Hours of the ``count`` longest of a set of slots."""
    total, used = np.int64(0), np.int64(0)
    for _ in range(count):
        longest = -1
        for slot in range(SLOT_COUNT):
            is_left = slots >> slot & 1 and not used >> slot & 1
            if is_left and (longest < 0 or slot_hours[slot] > slot_hours[longest]):
                longest = slot
        if longest < 0:
            break
        used |= 1 << longest
        total += slot_hours[longest]
    return total


@compiled_in_place
def _brings(own: Int32, offer: tuple[int, Int64], count: int) -> tuple[int, int]:
    """Worth of the ``count`` dearest slots of an offer, and of all of them (a slot counts 1)."""
    slots, order = offer
    brings, width, taken = np.int64(0), np.int64(0), 0
    for slot in order:
        if slots >> slot & 1:
            brings += own[slot] if taken < count else 0
            width += own[slot] + 1
            taken += 1
    return brings, width


@compiled_in_place
def dearest_weeks(
    weeks: Weeks, price: Int32, counts: tuple[Int32, Float32], work: tuple[Int64, Int64]
) -> int:
    """Sum over people of the dearest set of slots that fits into the week.

    price: [N x 14] int32 >= 0; counts: demand [N x 14] int32, lowered by one in the slots of these
    sets, and given [N x 14] float32, their average over the calls; work: two arrays of WORK_SIZE.
    O(N x slots x half-days x hours).
    """
    demand, given = counts
    total = np.int64(0)
    for person in range(len(weeks.hours)):
        slots, wanted, hours = np.int64(0), 0, np.int64(0)
        for slot in range(SLOT_COUNT):
            if weeks.slots[person] >> slot & 1 and price[person * SLOT_COUNT + slot] > 0:
                slots |= 1 << slot
                wanted += 1
                hours += weeks.slot_hours[slot]
        if wanted > weeks.most[person] or hours > weeks.hours[person]:
            slots = _dearest_week(weeks, price, (person, slots), work)
        for slot in range(SLOT_COUNT):
            at = person * SLOT_COUNT + slot
            given[at] *= FADING
            if slots >> slot & 1:
                total += price[at]
                demand[at] -= 1
                given[at] += 1 - FADING
    return total


WORK_SIZE = (SLOT_COUNT + 1) * HOURS_MAX


@compiled_in_place
def _dearest_week(
    weeks: Weeks, price: Int32, at: tuple[int, int], work: tuple[Int64, Int64]
) -> int:
    """The dearest of one person's sets of slots, by dynamic programming over number and hours."""
    person, slots = at
    best, best_slots = work
    most, hours = weeks.most[person], weeks.hours[person]
    for count in range(most + 1):
        for left in range(hours + 1):
            best[count * HOURS_MAX + left] = 0
            best_slots[count * HOURS_MAX + left] = 0
    for slot in range(SLOT_COUNT):
        if not slots >> slot & 1:
            continue
        length, worth = weeks.slot_hours[slot], np.int64(price[person * SLOT_COUNT + slot])
        for count in range(most, 0, -1):
            for left in range(hours, length - 1, -1):
                without = (count - 1) * HOURS_MAX + left - length
                state = count * HOURS_MAX + left
                if best[without] + worth > best[state]:
                    best[state] = best[without] + worth
                    best_slots[state] = best_slots[without] | 1 << slot
    return best_slots[most * HOURS_MAX + hours]
