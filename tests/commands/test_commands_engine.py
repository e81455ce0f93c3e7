"""`salam engine` on files: right answers, one sentence for what is wrong, no Django loaded."""

from __future__ import annotations

import json
import lzma
import resource
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from distributed import LocalCluster

from salam.engine.example import example_problem
from salam.engine.instance import write_problem
from tests.commands.house import SALAM
from tests.engine.worlds import open_rows

ASSIGN_500 = Path(__file__).parents[1] / "engine" / "data" / "assign500.txt.xz"


def run(*arguments: object) -> subprocess.CompletedProcess[str]:
    words = ["engine", *(str(one) for one in arguments)]
    return subprocess.run([SALAM, *words], check=False, capture_output=True, text=True, timeout=600)


def refused(*arguments: object) -> str:
    """The one sentence of a refused command."""
    finished = run(*arguments)
    assert finished.returncode == 1, finished.stdout
    assert "Traceback" not in finished.stderr
    return finished.stderr.strip().splitlines()[-1]


def change(path: Path, **arrays: np.ndarray) -> Path:
    """A copy of a file with some arrays replaced."""
    with np.load(path) as old:
        rows = {name: old[name] for name in old.files} | arrays
    other = path.with_name(f"changed-{path.name}")
    np.savez(other, **rows)
    return other


@pytest.fixture
def instance(tmp_path: Path) -> Path:
    write_problem(tmp_path / "world.npz", example_problem())
    return tmp_path / "world.npz"


@pytest.fixture
def plan(instance: Path) -> Path:
    path = instance.with_name("plan.npz")
    assert run("solve", instance, "-o", path).returncode == 0
    return path


def test_an_instance_is_drawn_solved_and_checked(tmp_path: Path) -> None:
    world, plan = tmp_path / "world.npz", tmp_path / "plan.npz"

    made = run("generate", "--volunteers=4000", "--needs=300", "--seed=5", "-o", world)
    solved = run("solve", world, "-o", plan, "--json")
    checked = run("check", world, plan, "--json")

    assert (made.returncode, solved.returncode, checked.returncode) == (0, 0, 0), solved.stderr
    answer, verdict = json.loads(solved.stdout), json.loads(checked.stdout)
    assert answer["value"] <= answer["upper_bound"]
    assert answer["placements"] > 0
    assert verdict["valid"] is True
    assert verdict["value"] == answer["value"]
    assert answer["value"] <= verdict["proved_bound"] <= verdict["upper_bound"]
    assert not [one for one in tmp_path.iterdir() if one.name.startswith(".")]


def test_hours_and_different_people_are_drawn_planned_and_checked(tmp_path: Path) -> None:
    world, plain, plan = (tmp_path / name for name in ("world.npz", "plain.npz", "plan.npz"))
    counts = ("--volunteers=4000", "--needs=300", "--seed=5")

    run("generate", *counts, "-o", plain)
    made = run("generate", *counts, "--hours=3,5", "--people=0.5", "-o", world)
    solved = run("solve", world, "-o", plan)
    checked = run("check", world, plan, "--json")
    told = run("check", world, plan, "--no-bound")

    assert (made.returncode, solved.returncode, checked.returncode) == (0, 0, 0), solved.stderr
    verdict = json.loads(checked.stdout)
    assert verdict["valid"] is True
    assert verdict["value"] < verdict["proved_bound"] <= verdict["upper_bound"]
    for finished in (solved, told):
        assert "فقط جاها را می‌شمارد" in finished.stdout
    with np.load(world) as counted, np.load(plain) as before:
        assert set(counted.files) - set(before.files) == {"v_hours", "slot_hours", "g_people"}
        assert counted["slot_hours"].tolist() == [3, 5] * 7
        hours, people = counted["v_hours"].copy(), counted["g_people"].copy()

    # Somebody gives an hour more than they have, then a group takes one person more.
    with np.load(plan) as file:
        volunteer, line = file["p_volunteer"], file["p_line"]
    with np.load(plain) as before:
        slot, group = before["l_slot"][line], before["l_group"][line]
    hours[volunteer[0]] = np.where(slot % 2 == 0, 3, 5)[volunteer == volunteer[0]].sum() - 1
    people[group[0]] = len(set(volunteer[group == group[0]].tolist())) - 1
    assert "WEEKLY_HOURS" in refused("check", change(world, v_hours=hours), plan)
    assert "GROUP_PEOPLE" in refused("check", change(world, g_people=people), plan)


def test_the_same_seed_gives_the_same_file(tmp_path: Path) -> None:
    for name in ("one.npz", "two.npz"):
        run("generate", "--volunteers=30", "--needs=6", "--seed=5", "-o", tmp_path / name)

    assert (tmp_path / "one.npz").read_bytes() == (tmp_path / "two.npz").read_bytes()


def test_a_plan_is_the_same_for_any_number_of_threads_and_machines(tmp_path: Path) -> None:
    world = tmp_path / "world.npz"
    run("generate", "--volunteers=4000", "--needs=300", "--seed=5", "-o", world)
    with LocalCluster(
        n_workers=1, threads_per_worker=1, dashboard_address="127.0.0.1:0", host="127.0.0.1"
    ) as cluster:
        ways = (["--threads=1"], ["--threads=3"], ["--scheduler", cluster.scheduler_address])
        for number, way in enumerate(ways):
            made = run("solve", world, "-o", tmp_path / f"{number}.npz", *way)
            assert made.returncode == 0, made.stderr
            assert "اثبات" in made.stderr

    plans = {(tmp_path / f"{number}.npz").read_bytes() for number in range(len(ways))}
    assert len(plans) == 1


def test_a_scheduler_that_does_not_answer_is_told_in_one_sentence(
    instance: Path, tmp_path: Path
) -> None:
    words = refused("solve", instance, "-o", tmp_path / "p.npz", "--scheduler=tcp://127.0.0.1:9")

    assert "tcp://127.0.0.1:9" in words
    assert "پاسخ نداد" in words
    assert not (tmp_path / "p.npz").exists()


def test_the_first_call_on_a_machine_says_what_takes_so_long(
    instance: Path, tmp_path: Path
) -> None:
    plan = tmp_path / "plan.npz"
    code = f"""
from salam.commands.engine import solving, words
words.is_compiled = lambda: False
solving.solve_command([{str(instance)!r}, "-o", {str(plan)!r}])
"""
    told = subprocess.run(
        [sys.executable, "-c", code], check=True, capture_output=True, text=True
    ).stderr

    assert "بار نخست است" in told
    assert "بار نخست" not in run("solve", instance, "-o", plan).stderr


def test_check_names_the_first_broken_rule(instance: Path, plan: Path) -> None:
    with np.load(plan) as file:
        volunteers, lines = file["p_volunteer"], file["p_line"]

    # Volunteer 2 is forbidden line 0.
    banned = change(plan, p_volunteer=np.append(volunteers, 2), p_line=np.append(lines, 0))
    finished = run("check", instance, banned, "--json")

    assert finished.returncode == 1
    verdict = json.loads(finished.stdout)
    assert verdict["valid"] is False
    assert (verdict["first"]["rule"], verdict["first"]["volunteer"]) == ("FORBIDDEN", 2)
    assert "FORBIDDEN" in finished.stderr
    assert "داوطلب 2" in finished.stderr


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"value": np.int64(3266)}, "VALUE"),
        ({"upper_bound": np.int64(3266)}, "از کران بالایی که خود می‌گوید بیشتر"),
        ({"value": np.int64(3268), "upper_bound": np.int64(9999)}, "ارزشی که طرح می‌گوید"),
        ({"price_group": np.zeros(2, np.int64)}, "ثابت نمی‌شود"),
        ({"price_group": np.full(2, -1)}, "قیمت‌های این طرح"),
        ({"p_line": np.array([1, 2]), "p_volunteer": np.array([1, 9])}, "UNKNOWN_INDEX"),
        ({"price_slot": np.zeros((3, 13), np.int64)}, "price_slot"),
    ],
)
def test_false_claims_of_a_plan_are_found(
    instance: Path, plan: Path, changes: dict[str, np.ndarray], words: str
) -> None:
    assert words in refused("check", instance, change(plan, **changes))


def test_a_bound_that_is_not_looked_at_is_said_so(instance: Path, plan: Path) -> None:
    other = change(plan, price_group=np.zeros(2, np.int64))

    finished = run("check", instance, other, "--no-bound")

    assert finished.returncode == 0
    assert "کران بالا بازبینی نشد" in finished.stdout


def test_what_confirmed_people_break_is_reported_and_excused(tmp_path: Path) -> None:
    rows = open_rows(
        v_cap=np.array([0, 2], np.uint8),
        f_volunteer=np.array([0], np.int32),
        f_line=np.array([0], np.int32),
    )
    np.savez(tmp_path / "world.npz", **rows)
    run("solve", tmp_path / "world.npz", "-o", tmp_path / "plan.npz")

    finished = run("check", tmp_path / "world.npz", tmp_path / "plan.npz")

    assert finished.returncode == 0
    assert "WEEKLY_CAP" in finished.stdout


@pytest.mark.parametrize(
    "changes",
    [
        {"v_cap": np.zeros(2, np.uint8)},
        {"v_slots": np.zeros(2, np.uint16)},
        {"l_skills": np.zeros(2, np.uint64)},
        {"l_unit_ptr": np.zeros(3, np.int64), "unit_value": np.empty(0, np.int32)},
    ],
)
def test_what_nobody_can_do_gives_an_honest_empty_plan(
    tmp_path: Path, changes: dict[str, np.ndarray]
) -> None:
    np.savez(tmp_path / "world.npz", **open_rows(**changes))

    finished = run("solve", tmp_path / "world.npz", "-o", tmp_path / "plan.npz", "--json")

    assert finished.returncode == 0, finished.stderr
    answer = json.loads(finished.stdout)
    assert (answer["placements"], answer["value"], answer["upper_bound"]) == (0, 0, 0)
    assert run("check", tmp_path / "world.npz", tmp_path / "plan.npz").returncode == 0


def test_an_empty_country_gives_an_empty_plan(tmp_path: Path) -> None:
    run("generate", "--volunteers=0", "--needs=0", "-o", tmp_path / "world.npz")

    finished = run("solve", tmp_path / "world.npz", "-o", tmp_path / "plan.npz", "--json")

    assert json.loads(finished.stdout)["placements"] == 0


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"v_lat": np.array([np.nan, 1, 2])}, "v_lat[0]"),
        ({"v_lat": np.array([91.0, 1, 2])}, "v_lat[0]"),
        ({"v_skills": np.array([1, 2, 2.0**64])}, "64 skills"),
        ({"v_cap": np.array([1, 2])}, "v_cap"),
        ({"p_line": np.array([1, 2])}, "p_line"),
    ],
)
def test_bad_instances_are_one_sentence(
    instance: Path, changes: dict[str, np.ndarray], words: str
) -> None:
    output = instance.with_name("none.npz")

    sentence = refused("solve", change(instance, **changes), "-o", output)

    assert words in sentence
    assert not output.exists()


def test_files_that_are_not_there_or_not_what_they_should_be(instance: Path) -> None:
    folder = instance.parent
    (folder / "text.npz").write_text("nothing of the kind")

    assert "پیدا نشد" in refused("solve", folder / "none.npz", "-o", folder / "p.npz")
    assert "npz" in refused("solve", folder / "text.npz", "-o", folder / "p.npz")
    assert "نوشت" in refused("solve", instance, "-o", folder / "none" / "p.npz")
    assert "p_volunteer" in refused("check", instance, instance)
    assert "پیدا نشد" in refused("orlib", folder / "none.txt")
    assert "تخصیص نیست" in refused("orlib", instance)


@pytest.mark.parametrize(
    "arguments",
    [
        ("solve",),
        ("generate", "--volunteers=3", "-o", "a.npz"),
        ("generate", "--size=S", "--needs=3", "-o", "a.npz"),
        ("generate", "--volunteers=-3", "--needs=3", "-o", "a.npz"),
        ("generate", "--volunteers=3", "--needs=3", "--hours=3", "-o", "a.npz"),
        ("generate", "--volunteers=3", "--needs=3", "--hours=0,5", "-o", "a.npz"),
        ("check", "only-one.npz"),
    ],
)
def test_bad_usage_is_exit_code_2(arguments: tuple[str, ...]) -> None:
    assert run(*arguments).returncode == 2


def test_too_little_memory_is_one_sentence(tmp_path: Path) -> None:
    big = ["engine", "generate", "--volunteers=20000000", "--needs=1", f"-o{tmp_path}/w.npz"]

    finished = subprocess.run(
        [SALAM, *big],
        check=False,
        capture_output=True,
        text=True,
        timeout=600,
        preexec_fn=_as_on_a_small_machine,
    )

    assert finished.returncode == 1
    assert "حافظهٔ این رایانه" in finished.stderr
    assert "Traceback" not in finished.stderr
    assert list(tmp_path.iterdir()) == []


def _as_on_a_small_machine() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (3 << 30, 3 << 30))


def test_a_public_instance_is_solved_to_its_published_optimum(tmp_path: Path) -> None:
    file = tmp_path / "assign500.txt"
    file.write_bytes(lzma.decompress(ASSIGN_500.read_bytes()))

    told, written = run("orlib", file), run("orlib", file, "--json")

    assert "۹۹۱" in told.stdout
    answer = json.loads(written.stdout)
    assert (answer["cost"], answer["lower_bound"], answer["proved"]) == (991, 991, True)
    assert sorted(answer["columns"]) == list(range(500))


def test_the_example_of_the_documentation_runs(tmp_path: Path) -> None:
    text = (Path(__file__).parents[2] / "docs" / "instance-format.md").read_text(encoding="utf-8")
    code = text.partition("```python\n")[2].partition("```")[0]
    subprocess.run([sys.executable, "-c", code], check=True, cwd=tmp_path, timeout=300)

    finished = run("solve", tmp_path / "world.npz", "-o", tmp_path / "plan.npz", "--json")

    answer = json.loads(finished.stdout)
    assert (answer["value"], answer["placements"]) == (3188, 2)
    assert "3,188" in text


def test_engine_commands_load_no_django(tmp_path: Path) -> None:
    code = f"""
import sys
from salam.commands.main import main
for words in (
    ["generate", "--volunteers=20", "--needs=5", "-o", "{tmp_path}/w.npz"],
    ["solve", "{tmp_path}/w.npz", "-o", "{tmp_path}/p.npz"],
    ["check", "{tmp_path}/w.npz", "{tmp_path}/p.npz"],
):
    sys.argv = ["salam", "engine", *words]
    try:
        main()
    except SystemExit as end:
        assert end.code == 0, words
print([name for name in sys.modules if name.startswith("django")])
"""

    finished = subprocess.run(
        [sys.executable, "-c", code], check=True, capture_output=True, text=True, timeout=120
    )

    assert finished.stdout.splitlines()[-1] == "[]"
