import io
import zipfile
from dataclasses import fields
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from salam.engine import Problem, ProblemError, solve
from salam.engine.example import example_problem
from salam.engine.instance import (
    InstanceError,
    PlanFile,
    cast_safely,
    read_plan,
    read_problem,
    write_plan,
    write_problem,
)

from .worlds import counted_problem, open_rows, small_problem, small_rows

NAMES = [field.name for field in fields(Problem)]
COUNTED = ["v_hours", "slot_hours", "g_people"]
OPTIONAL = ["g_parent", "v_points", *COUNTED, *(n for n in NAMES if n[:2] in {"f_", "b_"})]


def plan_of(problem: Problem, **changes: Any) -> PlanFile:
    solution = solve(problem)
    names = [field.name for field in fields(PlanFile) if field.name != "line_price"]
    rows = {name: getattr(solution, name) for name in names}
    return PlanFile(**(rows | {"line_price": np.zeros(problem.line_count, np.int64)} | changes))


def save(path: Path, **rows: Any) -> Path:
    with path.open("wb") as file:
        np.savez(file, **rows)
    return path


def test_a_problem_comes_back_as_it_was_written(tmp_path: Path) -> None:
    for seed in range(20):
        problem = small_problem(seed, volunteers=seed % 5, lines=seed % 4)
        path = tmp_path / "world.npz"

        write_problem(path, problem)
        back = read_problem(path)

        for name in NAMES:
            assert np.array_equal(getattr(back, name), getattr(problem, name)), (seed, name)
        assert [one.name for one in tmp_path.iterdir()] == ["world.npz"]


def test_what_is_counted_comes_back_and_is_not_written_where_it_is_not(tmp_path: Path) -> None:
    path = tmp_path / "world.npz"
    for seed in range(20):
        problem = counted_problem(seed, hours=seed % 2 == 0, people=seed % 3 == 0)

        write_problem(path, problem)
        back = read_problem(path)

        for name in NAMES:
            assert np.array_equal(getattr(back, name), getattr(problem, name)), (seed, name)
        with np.load(path) as archive:
            assert ("v_hours" in archive, "g_people" in archive) == (seed % 2 == 0, seed % 3 == 0)


def test_hours_of_nobody_come_back(tmp_path: Path) -> None:
    rows = small_rows(5, volunteers=0, lines=3)
    hours = {"v_hours": np.empty(0, np.uint8), "slot_hours": np.full(14, 4, np.uint8)}

    write_problem(tmp_path / "a.npz", Problem(**rows, **hours))

    assert read_problem(tmp_path / "a.npz").counts_hours


def test_the_same_problem_gives_the_same_bytes(tmp_path: Path) -> None:
    for name in ("one.npz", "two.npz"):
        write_problem(tmp_path / name, example_problem())

    assert (tmp_path / "one.npz").read_bytes() == (tmp_path / "two.npz").read_bytes()


def test_what_is_optional_may_be_left_out(tmp_path: Path) -> None:
    rows = open_rows()
    del rows["g_parent"]

    problem = read_problem(save(tmp_path / "a.npz", **rows, x_names=np.array(["Sara", "Reza"])))

    assert problem.g_parent.tolist() == [-1]
    assert (len(problem.f_line), len(problem.b_points)) == (0, 0)


def test_a_plan_comes_back_as_it_was_written(tmp_path: Path) -> None:
    problem = example_problem()
    plan = plan_of(problem)

    write_plan(tmp_path / "plan.npz", plan)
    back = read_plan(tmp_path / "plan.npz", problem)

    for name in vars(plan):
        assert np.array_equal(getattr(back, name), getattr(plan, name)), name


@pytest.mark.parametrize("name", sorted(set(NAMES) - set(OPTIONAL)))
def test_a_missing_array_is_named(tmp_path: Path, name: str) -> None:
    rows = open_rows()
    del rows[name]

    with pytest.raises(InstanceError) as caught:
        read_problem(save(tmp_path / "a.npz", **rows))

    assert (caught.value.code, caught.value.array) == ("absent", name)


@pytest.mark.parametrize(
    ("extra", "code", "array"),
    [
        ({"f_volunteer": np.zeros(1, np.int32)}, "absent", "f_line"),
        ({"b_volunteer": np.zeros(1, np.int32)}, "absent", "b_line"),
        ({"v_hours": np.zeros(2, np.uint8)}, "absent", "slot_hours"),
        ({"slot_hours": np.ones(14, np.uint8)}, "absent", "v_hours"),
        ({"v_hour": np.zeros(2, np.uint8)}, "unknown", "v_hour"),
        ({"f_volunter": np.zeros(1, np.int32)}, "unknown", "f_volunter"),
        ({"v_cap": np.array([1, None], object)}, "pickled", "v_cap"),
    ],
)
def test_files_with_odd_arrays_are_refused(
    tmp_path: Path, extra: dict[str, np.ndarray], code: str, array: str
) -> None:
    with pytest.raises(InstanceError) as caught:
        read_problem(save(tmp_path / "a.npz", **(open_rows() | extra)))

    assert (caught.value.code, caught.value.array) == (code, array)


def bytes_of(array: np.ndarray) -> bytes:
    file = io.BytesIO()
    np.save(file, array)
    return file.getvalue()


def zip_of(name: str, content: bytes) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr(name, content)
    return file.getvalue()


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"nothing of the kind",
        bytes_of(np.zeros(3)),
        zip_of("v_lat.npy", b"\x93NUMPY\x01\x00 and then no header"),
        zip_of("v_lat.npy", bytes_of(np.zeros(9))[:-7]),
    ],
)
def test_a_file_that_is_no_npz_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "a.npz").write_bytes(content)

    with pytest.raises(InstanceError) as caught:
        read_problem(tmp_path / "a.npz")

    assert caught.value.code == "not_npz"


def test_files_that_are_not_there_or_cannot_be_are_refused(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    for call, code in (
        (lambda: read_problem(tmp_path / "none.npz"), "missing"),
        (lambda: read_problem(tmp_path / "folder"), "unreadable"),
        (lambda: write_problem(tmp_path / "none" / "a.npz", example_problem()), "unwritable"),
        (lambda: write_problem(tmp_path / "folder", example_problem()), "unwritable"),
    ):
        with pytest.raises(InstanceError) as caught:
            call()
        assert caught.value.code == code
    assert [one.name for one in tmp_path.iterdir()] == ["folder"]


@pytest.mark.parametrize("damage", range(40))
def test_a_damaged_file_is_refused_or_read_but_never_a_surprise(
    tmp_path: Path, damage: int
) -> None:
    g = np.random.default_rng(damage)
    write_problem(tmp_path / "a.npz", example_problem())
    content = bytearray((tmp_path / "a.npz").read_bytes())
    for at in g.integers(0, len(content), 4):
        content[at] = g.integers(0, 256)
    (tmp_path / "a.npz").write_bytes(content[: int(g.integers(1, len(content) + 1))])

    with pytest.raises((InstanceError, ProblemError)):
        read_problem(tmp_path / "a.npz")


@pytest.mark.parametrize(
    ("rows", "array", "index", "words"),
    [
        ({"v_lat": np.array([35.7, np.nan])}, "v_lat", 1, "finite"),
        ({"l_lon": np.array([181.0, 51.4])}, "l_lon", 0, "outside"),
        ({"v_radius_m": np.array([5.5, 1])}, "v_radius_m", 0, "does not fit into int32"),
        ({"v_radius_m": np.array([5, 1 << 31])}, "v_radius_m", 1, "does not fit into int32"),
        ({"v_cap": np.array([-1, 2])}, "v_cap", 0, "does not fit into uint8"),
        ({"v_cap": np.array([np.nan, 2])}, "v_cap", 0, "does not fit into uint8"),
        ({"v_cap": np.array(["a", "b"])}, "v_cap", None, "dtype"),
        ({"v_skills": np.array([1, 2.0**64])}, "v_skills", 1, "64 skills"),
        ({"l_skills": np.array([1 << 64, 1], object)}, "l_skills", None, "64 skills"),
        ({"v_skills": np.ones((2, 65), np.bool_)}, "v_skills", None, "dimensions"),
        ({"g_cap": np.array([], np.int32)}, "g_parent", None, "length"),
    ],
)
def test_values_that_do_not_fit_are_named(
    tmp_path: Path, rows: dict[str, np.ndarray], array: str, index: int | None, words: str
) -> None:
    with pytest.raises(ProblemError, match=words) as caught:
        read_problem(save(tmp_path / "a.npz", **(open_rows() | rows)))

    assert (caught.value.array, caught.value.index) == (array, index)


def test_dtypes_change_where_nothing_is_lost(tmp_path: Path) -> None:
    rows = open_rows()
    wide = {
        name: array.astype(np.float64 if array.dtype.kind == "f" else np.int64)
        for name, array in rows.items()
    }
    loose = wide | {"v_cap": np.array([2.0, 2.0]), "l_attrs": np.array([True, True])}

    problem = read_problem(save(tmp_path / "a.npz", **loose))

    for name, array in rows.items():
        assert getattr(problem, name).dtype == array.dtype
        assert np.array_equal(getattr(problem, name), array)


def test_the_largest_numbers_of_a_dtype_survive() -> None:
    edges = np.array([-(2**63), 2**63 - 1])
    assert cast_safely("a", edges, np.int64) is edges
    assert cast_safely("a", np.array([-(2.0**63)]), np.int64).tolist() == [-(2**63)]
    assert cast_safely("a", np.array([2**32 - 1]), np.uint64).tolist() == [2**32 - 1]
    assert cast_safely("a", np.array([35, 51], np.int16), np.float64).tolist() == [35.0, 51.0]
    assert cast_safely("a", np.array([0.5], np.float16), np.float64).tolist() == [0.5]
    for values, dtype in (
        (np.array([2.0**63]), np.int64),
        (np.array([2**63], np.uint64), np.int64),
        (edges, np.uint64),
        (np.array([-np.inf]), np.uint8),
    ):
        with pytest.raises(ProblemError, match="does not fit"):
            cast_safely("a", values, dtype)


@pytest.mark.parametrize(
    ("changes", "error", "array"),
    [
        ({"price_volunteer": np.zeros(2, np.int64)}, ProblemError, "price_volunteer"),
        ({"price_slot": np.zeros(42, np.int64)}, ProblemError, "price_slot"),
        ({"p_line": np.zeros(1, np.int32)}, ProblemError, "p_line"),
        ({"line_price": np.zeros((3, 1), np.int64)}, ProblemError, "line_price"),
        ({"value": np.zeros(2, np.int64)}, ProblemError, "value"),
    ],
)
def test_plans_of_the_wrong_shape_are_refused(
    tmp_path: Path, changes: dict[str, np.ndarray], error: type[ProblemError], array: str
) -> None:
    problem = example_problem()
    write_plan(tmp_path / "plan.npz", plan_of(problem, **changes))

    with pytest.raises(error) as caught:
        read_plan(tmp_path / "plan.npz", problem)

    assert caught.value.array == array


def test_an_instance_is_no_plan(tmp_path: Path) -> None:
    write_problem(tmp_path / "a.npz", example_problem())

    with pytest.raises(InstanceError, match="p_volunteer"):
        read_plan(tmp_path / "a.npz", example_problem())
