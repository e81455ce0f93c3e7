"""From lines of needs to lines of the engine: each flexible line once for every half-day that it
allows in the coming week, all of them under one nested group.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np
import numpy.typing as npt

from salam.core.dates import HALF_DAY_COUNT, next_half_day

Int16 = npt.NDArray[np.int16]
Int32 = npt.NDArray[np.int32]
Int64 = npt.NDArray[np.int64]


@dataclass(frozen=True, eq=False, kw_only=True)
class LineTimes:
    """When the N lines of the needs may be served.

    half_day: [N] int16, 0..13, -1 where the line is flexible; half_day_bits: [N] uint16, the 14
    bits that a flexible line allows; seats_weekly: [N] int32, headcount x half-days a week;
    first_day, last_day: [N] int32, proleptic ordinals of the window's ends, without one those of
    needs.queries; group: [N] int32, the root group of the line's intermediary.
    """

    half_day: Int16
    half_day_bits: npt.NDArray[np.uint16]
    seats_weekly: Int32
    first_day: Int32
    last_day: Int32
    group: Int32


@dataclass(frozen=True, eq=False, kw_only=True)
class Expansion:
    """The E lines of the engine, and the K nested groups that come after the root groups.

    line: [E] int64, which of the N lines stands behind, not falling; half_day: [E] uint8; group:
    [E] int32, index of a root or nested group; nested_cap, nested_parent: [K] int32, seats of the
    week, and the root above.
    """

    line: Int64
    half_day: npt.NDArray[np.uint8]
    group: Int32
    nested_cap: Int32
    nested_parent: Int32


def expand_lines(*, times: LineTimes, root_count: int, on: date) -> Expansion:
    """Every line at every half-day that it allows within the seven days after ``on``.

    A fixed line stands once and under its root, whatever the day. A flexible line stands at each
    half-day that it allows and whose day lies in its window, under one nested group with the seats
    of the week; where no day does it stands nowhere. Lines keep their order, half-days theirs.
    O(14 N), deterministic.

    >>> from datetime import date
    >>> times = LineTimes(
    ...     half_day=np.array([3, -1], np.int16),
    ...     half_day_bits=np.array([0, 0b10011], np.uint16),
    ...     seats_weekly=np.array([1, 2], np.int32),
    ...     first_day=np.array([0, date(2026, 11, 29).toordinal()], np.int32),
    ...     last_day=np.array([1 << 30, date(2026, 12, 20).toordinal()], np.int32),
    ...     group=np.array([0, 0], np.int32))
    >>> found = expand_lines(times=times, root_count=1, on=date(2026, 11, 24))
    >>> found.line.tolist(), found.half_day.tolist(), found.group.tolist()
    ([0, 1], [3, 4], [0, 1])
    """
    half_days = np.arange(HALF_DAY_COUNT)
    days = np.array(
        [next_half_day(int(half_day), after=on).toordinal() for half_day in half_days], np.int64
    )
    is_flexible = times.half_day < 0
    allows = times.half_day[:, None] == half_days
    allows |= (
        is_flexible[:, None]
        & (times.half_day_bits[:, None] >> half_days & 1).astype(np.bool_)
        & (times.first_day[:, None] <= days)
        & (days <= times.last_day[:, None])
    )
    line, half_day = np.nonzero(allows)
    nested = np.flatnonzero(is_flexible & allows.any(axis=1))
    group = times.group.copy()
    group[nested] = root_count + np.arange(len(nested))
    return Expansion(
        line=line,
        half_day=half_day.astype(np.uint8),
        group=group[line],
        nested_cap=times.seats_weekly[nested],
        nested_parent=times.group[nested],
    )


def rows_at(
    *,
    line_id: Int64,
    half_day: Int64 | Int16,
    among: tuple[Int64, Int64 | Int16],
) -> tuple[Int64, npt.NDArray[np.bool_]]:
    """Where lines at half-days stand among the engine's, and whether they stand there at all.

    line_id, half_day: [H] integers; among: the same of the engine's lines, [L] each. Returns [H]
    int64 rows, to be read only where the second, [H] bool, is set. O((H + L) log L).

    >>> among = np.array([7, 5, 5]), np.array([3, 0, 4])
    >>> rows, is_there = rows_at(line_id=np.array([5, 7]), half_day=np.array([4, 2]), among=among)
    >>> rows[is_there].tolist(), is_there.tolist()
    ([2], [True, False])
    """
    wanted = line_id * HALF_DAY_COUNT + half_day
    keys = among[0] * HALF_DAY_COUNT + among[1]
    order = np.argsort(keys)
    row = np.searchsorted(keys, wanted, sorter=order)
    inside = row < len(keys)
    is_there = np.zeros(len(wanted), np.bool_)
    row[inside] = order[row[inside]]
    is_there[inside] = keys[row[inside]] == wanted[inside]
    return row, is_there
