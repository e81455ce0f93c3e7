"""The matching problem as arrays, and the only place where they are validated.

Shapes as words: V volunteers, L lines (one need at one of the 14 half-day slots of the week),
U units (the 1st, 2nd ... person a line asks for), G groups (seats of an intermediary, nested),
F confirmed placements, B pairs with a bonus or a ban, T = 14 half-days of a week.
"""

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

Float64 = npt.NDArray[np.float64]
Int32 = npt.NDArray[np.int32]
Int64 = npt.NDArray[np.int64]
UInt8 = npt.NDArray[np.uint8]
UInt16 = npt.NDArray[np.uint16]
UInt64 = npt.NDArray[np.uint64]
Bool = npt.NDArray[np.bool_]

SLOT_COUNT = 14  # half-days of a week: day x (morning, afternoon)
VALUE_PER_POINT = 20  # one point of coverage is worth 20 x 100 m = 2 km of travel
POINTS_MAX = (
    1_000_000  # 300 x the largest weight in use; keeps every sum and scaled cost in 64 bits
)
FORBIDDEN_POINTS = -1
WEEK_HOURS = 168
DAY_HOURS = 24
ANY_PEOPLE = -1  # a group that does not count who comes

FIELDS: tuple[tuple[str, type[np.generic], str], ...] = (
    ("v_lat", np.float64, "V"),
    ("v_lon", np.float64, "V"),
    ("v_radius_m", np.int32, "V"),
    ("v_cap", np.uint8, "V"),
    ("v_slots", np.uint16, "V"),
    ("v_skills", np.uint64, "V"),
    ("v_attrs", np.uint64, "V"),
    ("v_points", np.int32, "V"),
    ("l_need", np.int32, "L"),
    ("l_lat", np.float64, "L"),
    ("l_lon", np.float64, "L"),
    ("l_slot", np.uint8, "L"),
    ("l_skills", np.uint64, "L"),
    ("l_attrs", np.uint64, "L"),
    ("l_unit_ptr", np.int64, "L+1"),
    ("unit_value", np.int32, "U"),
    ("l_group", np.int32, "L"),
    ("g_cap", np.int32, "G"),
    ("g_parent", np.int32, "G"),
    ("f_volunteer", np.int32, "F"),
    ("f_line", np.int32, "F"),
    ("b_volunteer", np.int32, "B"),
    ("b_line", np.int32, "B"),
    ("b_points", np.int32, "B"),
    ("v_hours", np.uint8, "V"),
    ("slot_hours", np.uint8, "T"),
    ("g_people", np.int32, "G"),
)
COUNTED = frozenset({"v_hours", "slot_hours", "g_people"})  # where empty, nothing is counted


class ProblemError(ValueError):
    """An input array breaks the format: names the array, the first bad index and the reason."""

    def __init__(self, array: str, index: int | None, *, reason: str) -> None:
        """Keep the parts beside the sentence, so that a caller can point at the row."""
        self.array = array
        self.index = index
        self.reason = reason
        where = array if index is None else f"{array}[{index}]"
        super().__init__(f"{where}: {reason}")


def _no_rows() -> Int32:
    return np.empty(0, np.int32)


def _no_hours() -> UInt8:
    return np.empty(0, np.uint8)


@dataclass(frozen=True, eq=False, kw_only=True)
class Problem:
    """Volunteers, lines, seats, confirmed placements and pair bonuses of one run.

    Validated once, when made; the arrays are kept as read-only views, never copied or changed.
    The caller must not change them afterwards either.

    Volunteers
        v_lat, v_lon: [V] float64, degrees, -90..90 and -180..180.
        v_radius_m: [V] int32, metres >= 0 the volunteer is ready to travel.
        v_cap: [V] uint8, half-days a week, 0..14, confirmed ones included.
        v_slots: [V] uint16, bit t (0..13) set = free in slot t.
        v_skills, v_attrs: [V] uint64, bits.
        v_points: [V] int32, optional: bonus points 0..1_000_000 of every placement of the
            volunteer (who has been idle long goes first); none where it is left out.
    Lines
        l_need: [L] int32 >= 0, the need a line belongs to; two lines may share need and slot.
        l_lat, l_lon: [L] float64, degrees.
        l_slot: [L] uint8, 0..13.
        l_skills: [L] uint64, any-of: at least one bit must be set in the volunteer. 0 is legal
            and means that nobody can serve the line.
        l_attrs: [L] uint64, all-of: every bit must be set in the volunteer.
        l_unit_ptr: [L+1] int64, CSR pointer into unit_value; a line may have no units.
        unit_value: [U] int32, points 0..1_000_000 of the 1st, 2nd ... person of the line, not
            increasing inside a line.
        l_group: [L] int32, group whose seats the line uses, 0..G-1.
    Groups
        g_cap: [G] int32, seats >= 0 for the group and everything below it.
        g_parent: [G] int32, -1 at a root; no cycles.
    Confirmed placements (optional)
        f_volunteer, f_line: [F] int32, distinct pairs. Kept whatever rule they break; they use up
            slot, weekly cap, seats and first units.
    Pairs (optional)
        b_volunteer, b_line: [B] int32, distinct pairs.
        b_points: [B] int32, -1 = forbidden, else bonus points 0..1_000_000.
    Hours (optional, both or neither)
        slot_hours: [14] uint8, 1..24, how long each half-day is.
        v_hours: [V] uint8, 0..168, hours a week the volunteer gives, confirmed ones included;
            v_cap holds as well.
    Distinct people (optional)
        g_people: [G] int32, how many different people may come to the group and all below it in
            the week, beside its seats; -1 = not counted.

    Raises ProblemError. O(V + L + U + G log G + F log F + B log B).
    """

    v_lat: Float64
    v_lon: Float64
    v_radius_m: Int32
    v_cap: UInt8
    v_slots: UInt16
    v_skills: UInt64
    v_attrs: UInt64
    l_need: Int32
    l_lat: Float64
    l_lon: Float64
    l_slot: UInt8
    l_skills: UInt64
    l_attrs: UInt64
    l_unit_ptr: Int64
    unit_value: Int32
    l_group: Int32
    g_cap: Int32
    g_parent: Int32
    v_points: Int32 = field(default_factory=_no_rows)
    f_volunteer: Int32 = field(default_factory=_no_rows)
    f_line: Int32 = field(default_factory=_no_rows)
    b_volunteer: Int32 = field(default_factory=_no_rows)
    b_line: Int32 = field(default_factory=_no_rows)
    b_points: Int32 = field(default_factory=_no_rows)
    v_hours: UInt8 = field(default_factory=_no_hours)
    slot_hours: UInt8 = field(default_factory=_no_hours)
    g_people: Int32 = field(default_factory=_no_rows)

    def __post_init__(self) -> None:
        """Validate, then hold read-only views."""
        if not len(self.v_points) and isinstance(self.v_lat, np.ndarray):
            object.__setattr__(self, "v_points", np.zeros(len(self.v_lat), np.int32))
        validate(self)
        for name, _, _ in FIELDS:
            view = getattr(self, name).view()
            view.setflags(write=False)
            object.__setattr__(self, name, view)

    @property
    def volunteer_count(self) -> int:
        """V."""
        return len(self.v_lat)

    @property
    def line_count(self) -> int:
        """L."""
        return len(self.l_need)

    @property
    def group_count(self) -> int:
        """G."""
        return len(self.g_cap)

    @property
    def counts_hours(self) -> bool:
        """Whether weeks are counted in hours too."""
        return len(self.slot_hours) > 0

    @property
    def counts_people(self) -> bool:
        """Whether some group counts different people."""
        return bool((self.g_people != ANY_PEOPLE).any())


def validate(problem: Problem) -> None:
    """Raise ProblemError at the first array that breaks the format; see Problem for the format.

    Called by Problem itself, so no engine function has to check again.
    """
    _check_shapes(problem)
    _check_volunteers(problem)
    _check_lines(problem)
    _check_units(problem)
    _check_groups(problem)
    _check_pairs(problem)
    _check_counted(problem)


def _refuse(array: str, is_bad: Bool, reason: str) -> None:
    if is_bad.any():
        raise ProblemError(array, int(is_bad.argmax()), reason=reason)


def _check_shapes(problem: Problem) -> None:
    sizes: dict[str, int] = {"T": SLOT_COUNT}
    for name, dtype, axis in FIELDS:
        array = getattr(problem, name)
        if not isinstance(array, np.ndarray):
            raise ProblemError(
                name, None, reason=f"{type(array).__name__} instead of a numpy array"
            )
        if array.dtype != dtype:
            raise ProblemError(
                name, None, reason=f"dtype {array.dtype} instead of {dtype.__name__}"
            )
        if array.ndim != 1:
            raise ProblemError(name, None, reason=f"{array.ndim} dimensions instead of 1")
        if name in COUNTED and not len(array):
            continue
        size = sizes["L"] + 1 if axis == "L+1" else sizes.setdefault(axis, len(array))
        if len(array) != size:
            raise ProblemError(name, None, reason=f"length {len(array)} instead of {axis} = {size}")


def _check_degrees(problem: Problem, name: str, limit: int) -> None:
    array: Float64 = getattr(problem, name)
    _refuse(name, ~np.isfinite(array), "not a finite number")
    _refuse(name, np.abs(array) > limit, f"outside -{limit}..{limit} degrees")


def _check_volunteers(problem: Problem) -> None:
    _check_degrees(problem, "v_lat", 90)
    _check_degrees(problem, "v_lon", 180)
    _refuse("v_radius_m", problem.v_radius_m < 0, "negative radius")
    _refuse("v_cap", problem.v_cap > SLOT_COUNT, f"more than {SLOT_COUNT} half-days a week")
    _refuse("v_points", problem.v_points < 0, "negative points")
    _refuse("v_points", problem.v_points > POINTS_MAX, f"more than {POINTS_MAX} points")
    _refuse("v_slots", problem.v_slots >> np.uint16(SLOT_COUNT) != 0, "a bit above the 14 slots")


def _check_lines(problem: Problem) -> None:
    _refuse("l_need", problem.l_need < 0, "negative need index")
    _check_degrees(problem, "l_lat", 90)
    _check_degrees(problem, "l_lon", 180)
    _refuse("l_slot", problem.l_slot >= SLOT_COUNT, f"slot above {SLOT_COUNT - 1}")
    outside = (problem.l_group < 0) | (problem.l_group >= problem.group_count)
    _refuse("l_group", outside, f"group outside 0..{problem.group_count - 1}")


def _check_units(problem: Problem) -> None:
    pointer, value = problem.l_unit_ptr, problem.unit_value
    if pointer[0] != 0:
        raise ProblemError("l_unit_ptr", 0, reason="does not start at 0")
    _refuse("l_unit_ptr", np.diff(pointer, prepend=pointer[:1]) < 0, "smaller than the one before")
    if pointer[-1] != len(value):
        last = len(pointer) - 1
        raise ProblemError("l_unit_ptr", last, reason=f"does not end at U = {len(value)}")
    _refuse("unit_value", value < 0, "negative points")
    _refuse("unit_value", value > POINTS_MAX, f"more than {POINTS_MAX} points")
    is_first = np.zeros(len(value) + 1, np.bool_)
    is_first[pointer] = True
    rises = np.diff(value, prepend=value[:1]) > 0
    _refuse("unit_value", rises & ~is_first[:-1], "more points than the unit before in its line")


def _check_groups(problem: Problem) -> None:
    parent, count = problem.g_parent, problem.group_count
    _refuse("g_cap", problem.g_cap < 0, "negative seats")
    _refuse("g_parent", (parent < -1) | (parent >= count), f"parent outside -1..{count - 1}")
    # Pointer jumping: after k rounds `up` is the 2^k-th ancestor; a tree runs out, a cycle never.
    up = parent.copy()
    for _ in range(count.bit_length()):
        up = np.where(up >= 0, up[up], np.int32(-1))
    _refuse("g_parent", up >= 0, "its chain of parents never ends (cycle)")


def _check_pairs(problem: Problem) -> None:
    volunteers, lines = problem.volunteer_count, problem.line_count
    for name, size in (
        ("f_volunteer", volunteers),
        ("f_line", lines),
        ("b_volunteer", volunteers),
        ("b_line", lines),
    ):
        array: Int32 = getattr(problem, name)
        _refuse(name, (array < 0) | (array >= size), f"index outside 0..{size - 1}")
    _refuse("b_points", problem.b_points < FORBIDDEN_POINTS, "below -1 (forbidden)")
    _refuse("b_points", problem.b_points > POINTS_MAX, f"more than {POINTS_MAX} points")
    for name, volunteer, line in (
        ("f_volunteer", problem.f_volunteer, problem.f_line),
        ("b_volunteer", problem.b_volunteer, problem.b_line),
    ):
        key = line.astype(np.int64) * max(volunteers, 1) + volunteer
        is_repeat = np.ones(len(key), np.bool_)
        is_repeat[np.unique(key, return_index=True)[1]] = False
        _refuse(name, is_repeat, "this pair of volunteer and line stands twice")


def _check_counted(problem: Problem) -> None:
    if len(problem.v_hours) and not problem.counts_hours:
        raise ProblemError("v_hours", None, reason="given without slot_hours")
    if problem.counts_hours and len(problem.v_hours) != problem.volunteer_count:
        raise ProblemError("slot_hours", None, reason="given without v_hours")
    _refuse("slot_hours", problem.slot_hours == 0, "a half-day of no hours")
    _refuse("slot_hours", problem.slot_hours > DAY_HOURS, f"more than {DAY_HOURS} hours")
    _refuse("v_hours", problem.v_hours > WEEK_HOURS, f"more than {WEEK_HOURS} hours a week")
    _refuse("g_people", problem.g_people < ANY_PEOPLE, "below -1 (not counted)")
