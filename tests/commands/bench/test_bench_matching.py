"""`salam bench matching` prints the figures that others rely on."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from tests.commands.house import SALAM

KEYS = {
    "certified_gap_ppm",
    "time_vs_ortools",
    "value_vs_greedy",
    "value_vs_first_come",
    "peak_memory_vs_ortools",
    "rule_violations",
    "seconds",
    "edges",
    "cores",
}


def bench(*arguments: str) -> subprocess.CompletedProcess[str]:
    words = ["bench", "matching", *arguments]
    return subprocess.run([SALAM, *words], check=False, capture_output=True, text=True, timeout=900)


def test_the_figures_of_a_small_size() -> None:
    finished = bench("--size=XS", "--scarcity=2", "--rounds=1", "--json")

    assert finished.returncode == 0, finished.stderr
    figures = json.loads(finished.stdout)
    assert set(figures) >= KEYS
    assert figures["rule_violations"] == 0
    assert figures["value"] <= figures["upper_bound"]
    assert figures["value_vs_greedy"] >= 1
    assert figures["value_vs_first_come"] >= 1
    # The flow sees the pruned graph only, so the engine may even be above it.
    assert figures["value_vs_ortools"] > 0.999
    assert figures["time_vs_ortools"] > 0
    assert (figures["size"], figures["scarcity"]) == ("XS", 2)


def test_the_figures_of_a_province_after_changes() -> None:
    finished = bench("--size=Sd", "--rounds=1", "--no-ortools", "--changes", "--json")

    assert finished.returncode == 0, finished.stderr
    figures = json.loads(finished.stdout)
    assert 0 < figures["changes_per_event"] <= 8
    # Here the province is the country, so nothing is given away but the last units.
    assert abs(figures["province_short_ppm"]) < 30
    assert figures["province_vs_national"] > 0
    assert figures["shadow_correlation"] > 0.95


def test_two_sizes_are_compared_without_or_tools() -> None:
    finished = bench("--size=XS", "--size=S", "--rounds=1", "--no-ortools", "--json")

    small, larger = json.loads(finished.stdout)["sizes"]
    assert larger["seconds_vs_XS"] > 0
    assert "time_vs_ortools" not in small


def test_without_or_tools_one_sentence_says_what_to_install() -> None:
    # A finder that hides the package stands for a machine without it.
    code = """
import importlib.util, sys
found = importlib.util.find_spec
importlib.util.find_spec = lambda name, *rest: None if name == "ortools" else found(name, *rest)
from salam.commands.main import main
sys.argv = ["salam", "bench", "matching", "--size=XS"]
main()
"""

    finished = subprocess.run(
        [sys.executable, "-c", code], check=False, capture_output=True, text=True, timeout=300
    )

    assert finished.returncode == 1
    assert "salam[bench]" in finished.stderr
    assert "Traceback" not in finished.stderr


@pytest.mark.parametrize("arguments", [("--size=HUGE",), ("--rounds=0",), ("--scarcity=0",)])
def test_bad_usage_is_exit_code_2(arguments: tuple[str, ...]) -> None:
    assert bench(*arguments).returncode == 2
