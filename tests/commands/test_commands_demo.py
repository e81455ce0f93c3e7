"""The main job from one command, on an empty home, with the real server: what `make demo` does."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from salam.core.text import persian_digits
from tests.commands.house import SALAM, House, get, make_house

GAP_MAX = 5e-6  # of the plan's value, between it and what no plan can exceed
PLACES = {
    "province": 31,
    "county": 448,
    "district": 1099,
    "city": 1554,
    "rural_district": 2637,
    "village": 98100,
}


@pytest.fixture(scope="module")
def house() -> Iterator[House]:
    with make_house() as made:
        yield made


@pytest.fixture(scope="module")
def first(house: House) -> dict[str, object]:
    finished = house.salam("demo", "--scale", "small", "--no-serve", "--json")
    assert finished.returncode == 0, finished.stderr
    counts: dict[str, object] = json.loads(finished.stdout)
    return counts


@pytest.mark.slow
def test_demo_runs_the_main_job_on_the_real_tree(first) -> None:
    assert first["places"] == PLACES
    assert (first["figures"], first["volunteers"], first["needs"]) == (75, 5000, 1000)
    assert first["lines"] > 1500
    assert first["proposed"] > 500
    assert 0 < first["value"] <= first["upper_bound"] <= first["value"] * (1 + GAP_MAX)
    assert first["rule_violations"] == 0


@pytest.mark.slow
def test_demo_twice_changes_nothing_and_finds_the_same_plan(house, first) -> None:
    finished = house.salam("demo", "--no-serve", "--json")

    assert finished.returncode == 0, finished.stderr
    again = json.loads(finished.stdout)
    assert again["seconds"].keys() == first["seconds"].keys()
    assert again | {"seconds": None} == first | {"seconds": None}


@pytest.mark.slow
def test_site_shows_the_demo_and_survives_a_kill_of_everything(house, first) -> None:
    with house.up() as (server, address):
        _, page = get(address)
        assert persian_digits("5٬000") in page
        assert "داده‌های ساختگی" in page
        os.killpg(server.pid, signal.SIGKILL)
        server.wait()

    with house.up() as (_, address):
        status, page = get(address + "/places/29/")
        assert status == 200
        assert "خراسان جنوبی" in page


@pytest.mark.slow
def test_explanation_and_check_speak_on_the_command_line(house, first) -> None:
    house.salam("database", "start")

    explained = house.salam("match", "explain", "1", "1")
    with house.up():
        house.salam("match", "explain", "1", "2")  # by then the worker gave its first sign of life
        checked = house.salam("check")
    house.salam("database", "start")
    unknown = house.salam("match", "explain", "1", "999999")

    assert explained.returncode == 0, explained.stderr
    assert explained.stdout.strip()
    assert checked.returncode == 0, checked.stdout
    assert (unknown.returncode, unknown.stderr.strip()) == (1, "چنین چیزی پیدا نشد.")


@pytest.mark.slow
def test_demo_of_another_size_is_refused(house, first) -> None:
    finished = house.salam("demo", "--scale", "province", "--no-serve")

    assert finished.returncode == 1
    assert "SALAM_HOME" in finished.stderr


@pytest.mark.slow
def test_file_of_real_people_comes_in_once_and_no_demo_after_it(tmp_path: Path) -> None:
    file = tmp_path / "list.csv"
    file.write_text(
        "نام,نام خانوادگی,تلفن همراه,استان,شهر,تاریخ تولد\n"
        "سارا,یکتا,۰۹۱۲۱۲۳۴۵۶۷,تهران,تهران,۱۳۷۰/۰۱/۰۱\n"
        "رضا,یکتا,0912,تهران,تهران,1370/01/01\n",
        encoding="utf-8",
    )
    with make_house() as house:
        assert house.salam("load", "places").returncode == 0

        first_time = house.salam("import", "volunteers", str(file), "--json")
        second_time = house.salam("import", "volunteers", str(file), "--json")
        demo = house.salam("demo", "--no-serve")
        errors = Path(first_time.stderr.rsplit(": ", 1)[1].strip())
        listed = errors.read_text(encoding="utf-8-sig")

    assert json.loads(first_time.stdout) | {"created": 1, "matchable": 0, "refused": 1} == (
        json.loads(first_time.stdout)
    )
    assert json.loads(second_time.stdout)["created"] == 0
    assert "3" in listed
    assert not [told for told in ("0912", "یکتا", "رضا") if told in listed]
    assert demo.returncode == 1
    assert "واقعی" in demo.stderr


@pytest.mark.slow
def test_demo_broken_off_among_the_volunteers_continues(first) -> None:
    with make_house() as house:
        running = subprocess.Popen(
            [SALAM, "demo", "--no-serve", "--json"],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            env=house.environment,
        )
        time.sleep(12)
        running.kill()
        running.wait()

        finished = house.salam("demo", "--no-serve", "--json")

        assert finished.returncode == 0, finished.stderr
        counts = json.loads(finished.stdout)
        assert counts["places"] == PLACES
        assert (counts["volunteers"], counts["needs"]) == (5000, 1000)
        assert counts["value"] == first["value"]
