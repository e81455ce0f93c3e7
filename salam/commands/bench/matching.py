"""`salam bench matching`: the engine beside OR-Tools, greedy and first come, first served."""

from __future__ import annotations

import json
import os
import statistics
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path

import click

from salam.commands.bench.changes import change_figures, draw_batch, shadow_correlation
from salam.commands.bench.engine_run import EngineRun, pruned_graph, run_engine
from salam.commands.bench.memory import METHODS, peak_memory_bytes
from salam.commands.bench.yardsticks import first_come_needs, first_come_volunteers, greedy
from salam.commands.terminal import Refused, answer, console
from salam.engine import Edges, Problem, violations
from salam.engine.generate import DEFAULT_SEED, SIZES, generate
from salam.engine.instance import write_problem

MEGABYTE = 1 << 20
NO_ORTOOLS = (
    "برای این سنجش OR-Tools لازم است: «pip install 'salam[bench]'» را بزنید، "
    "یا با --no-ortools بی آن بسنجید."
)


@dataclass(kw_only=True)
class Case:
    """One instance, and what was measured on it."""

    size: str
    scarcity: int
    seed: int
    problem: Problem
    pruned: Edges
    runs: list[EngineRun] = field(default_factory=list)
    ortools_seconds: list[float] = field(default_factory=list)
    ortools_value: int = 0
    greedy_value: int = 0
    first_come: dict[str, int] = field(default_factory=dict)
    memory: dict[str, int] = field(default_factory=dict)


@click.command()
@click.option(
    "--size",
    "sizes",
    type=click.Choice(sorted(SIZES)),
    multiple=True,
    default=("Md",),
    show_default=True,
    help="Frozen size; several are measured in turns, and their times compared.",
)
@click.option("--scarcity", type=click.IntRange(1, 100), default=1, help="Factor on the needs.")
@click.option("--seed", type=click.IntRange(0), default=DEFAULT_SEED, show_default=True)
@click.option("--rounds", type=click.IntRange(1), default=3, show_default=True)
@click.option("--no-ortools", is_flag=True, help="Leave out OR-Tools, the slowest.")
@click.option("--changes", is_flag=True, help="Also plan one province anew after changes.")
@click.option("--json", "as_json", is_flag=True, help="Print the figures as JSON.")
def matching(
    *,
    sizes: tuple[str, ...],
    scarcity: int,
    seed: int,
    rounds: int,
    no_ortools: bool,
    changes: bool,
    as_json: bool,
) -> None:
    """Measure the engine against OR-Tools, greedy and first-come-first-served, in one run.

    Times are medians over rounds in which the methods take turns; ratios are taken in each round.
    """
    if not no_ortools and find_spec("ortools") is None:
        raise Refused(NO_ORTOOLS)
    _warm_up(with_ortools=not no_ortools)
    cases = [_prepare(size, scarcity, seed) for size in sizes]
    for turn in range(rounds):
        for case in cases:
            _measure(case, f"{turn + 1}/{rounds}", with_ortools=not no_ortools)
    for case in cases:
        _compare(case, with_ortools=not no_ortools)
    reports = [_report(case) for case in cases]
    if changes:
        for case, report in zip(cases, reports, strict=True):
            report.update(_after_changes(case))
    for case, report in zip(cases[1:], reports[1:], strict=True):
        rounds_of_both = zip(case.runs, cases[0].runs, strict=True)
        ratios = [one.seconds / first.seconds for one, first in rounds_of_both]
        report[f"seconds_vs_{cases[0].size}"] = _median(ratios)
    if as_json:
        answer(json.dumps(reports[0] if len(reports) == 1 else {"sizes": reports}))
        return
    for report in reports:
        _tell(report)


def _warm_up(*, with_ortools: bool) -> None:
    """Compile, or load what was compiled before, so that no round pays for it."""
    console.print("[dim]آماده‌سازی …")
    problem = generate(SIZES["XS"])
    pruned = pruned_graph(problem)
    run_engine(problem)
    _without_engine(problem, pruned)
    if with_ortools:
        _time(lambda: _ortools_value(problem, pruned))


def _prepare(size: str, scarcity: int, seed: int) -> Case:
    console.print(f"[dim]ساختن نمونهٔ {size} …")
    problem = generate(SIZES[size], seed=seed, crunch=scarcity)
    return Case(
        size=size, scarcity=scarcity, seed=seed, problem=problem, pruned=pruned_graph(problem)
    )


def _measure(case: Case, turn: str, *, with_ortools: bool) -> None:
    """One round: each method once."""
    console.print(f"[dim]{case.size}، دور {turn}: موتور …")
    case.runs.append(run_engine(case.problem))
    if with_ortools:
        console.print(f"[dim]{case.size}، دور {turn}: OR-Tools …")
        seconds, value = _time(lambda: _ortools_value(case.problem, case.pruned))
        case.ortools_seconds.append(seconds)
        case.ortools_value = value


def _compare(case: Case, *, with_ortools: bool) -> None:
    """What gives the same at every round: values of simple plans, and peak memory."""
    console.print(f"[dim]{case.size}: روش‌های ساده و حافظه …")
    case.greedy_value, case.first_come = _without_engine(case.problem, case.pruned)
    with tempfile.TemporaryDirectory() as folder:
        instance = Path(folder) / "instance.npz"
        write_problem(instance, case.problem)
        for method in METHODS[: 1 + with_ortools]:
            case.memory[method] = peak_memory_bytes(method, instance)


def _without_engine(problem: Problem, pruned: Edges) -> tuple[int, dict[str, int]]:
    """Value of greedy, and of first come, first served in its three readings (decision 0015)."""
    return greedy(problem, pruned), {
        "needs_in_order": first_come_needs(problem, pruned),
        "volunteers_nearest": first_come_volunteers(problem, pruned, nearest=True),
        "volunteers_heaviest": first_come_volunteers(problem, pruned, nearest=False),
    }


def _ortools_value(problem: Problem, pruned: Edges) -> int:
    from salam.commands.bench.min_cost_flow import solve_exactly

    return solve_exactly(problem, pruned).value


def _time(work: Callable[[], int]) -> tuple[float, int]:
    began = time.perf_counter()
    value = work()
    return time.perf_counter() - began, value


def _report(case: Case) -> dict[str, object]:
    """The figures of one instance, under the names that others rely on and some more."""
    last = case.runs[-1].solution
    gap = (last.upper_bound - last.value) / max(last.upper_bound, 1)
    figures: dict[str, object] = {
        "size": case.size,
        "scarcity": case.scarcity,
        "seed": case.seed,
        "rounds": len(case.runs),
        "cores": os.cpu_count(),
        "volunteers": case.problem.volunteer_count,
        "lines": case.problem.line_count,
        "units": len(case.problem.unit_value),
        "placements": last.placement_count,
        "edges": last.edge_count,
        "pruned_edges": len(case.pruned.volunteer),
        "value": last.value,
        "upper_bound": last.upper_bound,
        "certified_gap_ppm": round(1e6 * gap, 3),
        "rule_violations": len(violations(case.problem, last)),
        "seconds": _median([run.seconds for run in case.runs]),
        "candidates_seconds": _median([run.candidates_seconds for run in case.runs]),
        "solve_seconds": _median([run.solve_seconds for run in case.runs]),
        "value_vs_greedy": _ratio(last.value, case.greedy_value),
        "value_vs_first_come": _ratio(last.value, _first_come(case)),
        "peak_memory_mb": round(case.memory["engine"] / MEGABYTE),
    }
    for name, value in case.first_come.items():
        figures[f"value_vs_first_come_{name}"] = _ratio(last.value, value)
    if case.ortools_seconds:
        ratios = [
            run.solve_seconds / seconds
            for run, seconds in zip(case.runs, case.ortools_seconds, strict=True)
        ]
        figures |= {
            "ortools_seconds": _median(case.ortools_seconds),
            "time_vs_ortools": _median(ratios),
            "value_vs_ortools": round(last.value / case.ortools_value, 9),
            "ortools_peak_memory_mb": round(case.memory["ortools"] / MEGABYTE),
            "peak_memory_vs_ortools": _ratio(case.memory["engine"], case.memory["ortools"]),
        }
    return figures


def _after_changes(case: Case) -> dict[str, float]:
    """One province planned anew, and prices against real re-solves."""
    console.print(f"[dim]{case.size}: یک استان پس از تغییرها، و قیمت‌ها در برابر حل دوباره …")
    batch = draw_batch(size=case.size, seed=case.seed, scarcity=case.scarcity)
    plan = case.runs[-1].solution
    return change_figures(batch, rounds=len(case.runs)) | {
        "shadow_correlation": shadow_correlation(case.problem, plan, seed=case.seed)
    }


def _first_come(case: Case) -> int:
    """The harder to beat of the two readings in which nobody weighs needs against each other."""
    return max(case.first_come["needs_in_order"], case.first_come["volunteers_nearest"])


def _median(values: list[float]) -> float:
    return round(statistics.median(values), 4)


def _ratio(value: int, yardstick: int) -> float:
    return round(value / yardstick, 4) if yardstick else 0.0


def _tell(report: dict[str, object]) -> None:
    for name, value in report.items():
        answer(f"{name:<40} {value}")
