"""Instance and plan files (.npz): the one place of the engine that reads and writes files.

The format is documented in docs/instance-format.md for whoever wants to feed the engine.
"""

import os
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import MISSING, dataclass, fields
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from salam.engine.problem import (
    COUNTED,
    FIELDS,
    SLOT_COUNT,
    Int32,
    Int64,
    Problem,
    ProblemError,
)

Array = npt.NDArray[Any]  # of any dtype: what it is comes out on reading

FREE_PREFIX = "x_"  # arrays of the writer's own, which the engine leaves alone
WORDS = frozenset({"v_skills", "v_attrs", "l_skills", "l_attrs"})
WORDS_REASON = (
    "does not fit into one word of 64 bits: an instance knows 64 skills and 64 attributes"
)
OPTIONAL = frozenset(
    {"g_parent", *(one.name for one in fields(Problem) if one.default_factory is not MISSING)}
)
PAIRED = (
    ("f_volunteer", "f_line"),
    ("b_volunteer", "b_line", "b_points"),
    ("v_hours", "slot_hours"),
)
# What numpy and zipfile raise over a damaged file.
_BROKEN = (
    ValueError,
    EOFError,
    KeyError,
    NotImplementedError,
    RuntimeError,
    SyntaxError,
    TypeError,
    OverflowError,
    zipfile.BadZipFile,
    zlib.error,
)
PLAN_FIELDS: tuple[tuple[str, type[np.generic], int], ...] = (
    ("p_volunteer", np.int32, 1),
    ("p_line", np.int32, 1),
    ("value", np.int64, 0),
    ("upper_bound", np.int64, 0),
    ("price_volunteer", np.int64, 1),
    ("price_slot", np.int64, 2),
    ("price_group", np.int64, 1),
    ("line_price", np.int64, 1),
)


class InstanceError(ValueError):
    """A file that cannot be read as what it should be; `code` says why, for other languages.

    Codes: missing (no such file), unreadable, not_npz, pickled (Python objects inside),
    absent (an array is missing), unknown (an array nobody knows), unwritable.
    """

    def __init__(self, code: str, path: Path, array: str = "") -> None:
        """Keep the parts beside the sentence."""
        self.code = code
        self.path = path
        self.array = array
        super().__init__(f"{path}: {code} {array}".rstrip())


@dataclass(frozen=True, eq=False, kw_only=True)
class PlanFile:
    """What a plan file holds: placements, what is claimed of them, and the prices that prove it.

    p_volunteer, p_line: [P] int32. value, upper_bound: as claimed. price_volunteer: [V] int64,
    price_slot: [V, 14] int64, price_group: [G] int64: see solution.Prices. line_price: [L] int64,
    what the line would still pay for one more person. All prices in units of 100 m.
    """

    p_volunteer: Int32
    p_line: Int32
    value: int
    upper_bound: int
    price_volunteer: Int64
    price_slot: Int64
    price_group: Int64
    line_price: Int64


def read_problem(path: Path) -> Problem:
    """Read an instance file.

    Arrays of another dtype are taken if every value survives the change; optional arrays (g_parent,
    confirmed and special pairs, hours, distinct people) may be left out; names that begin with x_
    are the writer's own.
    Returns a Problem. Raises InstanceError for the file, ProblemError for what is in an array.
    O(size), deterministic.
    """
    arrays = dict(_read_arrays(path))
    known = {name for name, _, _ in FIELDS}
    for name in arrays:
        if name not in known and not name.startswith(FREE_PREFIX):
            # A misspelt f_volunteer would silently move people who have said yes.
            raise InstanceError("unknown", path, name)
    wanted = known - OPTIONAL
    for together in PAIRED:
        wanted |= set(together) if any(name in arrays for name in together) else set()
    for name in sorted(wanted):
        if name not in arrays:
            raise InstanceError("absent", path, name)
    cast = {
        name: cast_safely(name, arrays[name], dtype) for name, dtype, _ in FIELDS if name in arrays
    }
    cast.setdefault("g_parent", np.full(len(cast["g_cap"]), -1, np.int32))
    return Problem(**cast)


def write_problem(path: Path, problem: Problem) -> None:
    """Write an instance file in one move: what stands under the name is whole, or the old one.

    Raises InstanceError if it cannot be written. The same problem gives the same bytes.
    """
    # Most institutions count neither hours nor different people: their files say nothing of it.
    left_out = {name for name in COUNTED if not len(getattr(problem, name))}
    left_out -= {"v_hours"} if problem.counts_hours else set()
    names = [name for name, _, _ in FIELDS if name not in left_out]
    _write(path, {name: getattr(problem, name) for name in names})


def read_plan(path: Path, problem: Problem) -> PlanFile:
    """Read a plan file of a problem; whether the plan is right is for checks.violations to say.

    Returns a PlanFile. Raises InstanceError for the file, ProblemError for arrays of the wrong
    shape or dtype.
    """
    arrays = dict(_read_arrays(path))
    volunteers, placements = problem.volunteer_count, arrays.get("p_volunteer", np.empty(0)).shape
    shapes = {
        "p_line": placements,
        "price_volunteer": (volunteers,),
        "price_slot": (volunteers, SLOT_COUNT),
        "price_group": (problem.group_count,),
        "line_price": (problem.line_count,),
    }
    cast: dict[str, Array] = {}
    for name, dtype, dimensions in PLAN_FIELDS:
        if name not in arrays:
            raise InstanceError("absent", path, name)
        cast[name] = cast_safely(name, arrays[name], dtype)
        shape = cast[name].shape
        if len(shape) != dimensions or shapes.get(name, shape) != shape:
            raise ProblemError(
                name, None, reason=f"shape {shape} instead of {shapes.get(name, dimensions)}"
            )
    value, bound = int(cast.pop("value")), int(cast.pop("upper_bound"))
    return PlanFile(**cast, value=value, upper_bound=bound)


def write_plan(path: Path, plan: PlanFile) -> None:
    """Write a plan file in one move; anything with the attributes of a PlanFile will do.

    Raises InstanceError if it cannot be written. The same plan gives the same bytes.
    """
    arrays = {name: np.asarray(getattr(plan, name), dtype) for name, dtype, _ in PLAN_FIELDS}
    _write(path, arrays)


def cast_safely(name: str, array: Array, dtype: type[np.generic]) -> Array:
    """Give an array the dtype of the format if no value changes by it.

    name: for the error; array: of any dtype and shape; dtype: wanted. Degrees are rounded to
    float64 as any reader of decimals would; what becomes infinite is refused as such later.
    Returns an array. Raises ProblemError at the first value that would change, or for a dtype
    that holds no numbers. O(N).

    >>> cast_safely("v_cap", np.array([1.0, 2.0]), np.uint8).tolist()
    [1, 2]
    """
    if array.dtype == dtype:
        return array
    if array.dtype.kind not in "biuf":
        raise ProblemError(name, None, reason=f"dtype {array.dtype} instead of {dtype.__name__}")
    is_lost = np.zeros(array.shape, np.bool_)
    if issubclass(dtype, np.integer):
        limits = np.iinfo(dtype)
        if array.dtype.kind == "f":
            # 2^63 and 2^64 are exact as floats, their predecessors are not: hence "not below".
            is_lost = ~(np.floor(array) == array)
            is_lost |= (array < float(limits.min)) | ~(array < float(limits.max + 1))
        elif array.size and (int(array.min()) < limits.min or int(array.max()) > limits.max):
            is_lost = (array < max(limits.min, np.iinfo(array.dtype).min)) | (
                array > min(limits.max, np.iinfo(array.dtype).max)
            )
    with np.errstate(invalid="ignore", over="ignore"):
        changed = array.astype(dtype)
    if is_lost.any():
        reason = WORDS_REASON if name in WORDS else f"does not fit into {dtype.__name__}"
        raise ProblemError(name, int(np.argmax(is_lost)), reason=reason)
    return changed


def _read_arrays(path: Path) -> Iterator[tuple[str, Array]]:
    """Give the arrays of a file by name; Python objects inside are never unpacked."""
    name = ""
    try:
        with path.open("rb") as file:
            # Read by zipfile first: numpy would take a plain .npy too, and text for a pickle.
            zipfile.ZipFile(file).close()
            file.seek(0)
            with np.load(file, allow_pickle=False) as archive:
                for name in archive.files:
                    yield name, archive[name]
    except FileNotFoundError:
        raise InstanceError("missing", path) from None
    except OSError:
        raise InstanceError("unreadable", path) from None
    except _BROKEN as error:
        if "Object arrays" not in str(error):
            raise InstanceError("not_npz", path, name) from None
        if name in WORDS:
            # Numbers above 2^64 become Python objects.
            raise ProblemError(name, None, reason=WORDS_REASON) from None
        raise InstanceError("pickled", path, name) from None


def _write(path: Path, arrays: Mapping[str, Array]) -> None:
    with _replacing(path) as other, other.open("wb") as file:
        np.savez(file, allow_pickle=False, **arrays)


@contextmanager
def _replacing(path: Path) -> Iterator[Path]:
    """Hand out a name beside the path, and move what was written there to the path at the end."""
    other = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        try:
            yield other
            os.replace(other, path)  # noqa: PTH105 - says what it does to an existing file
        finally:
            other.unlink(missing_ok=True)
    except OSError:
        raise InstanceError("unwritable", path) from None
