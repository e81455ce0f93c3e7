"""`salam engine solve` and `check`: from instance to plan, and back to the raw attributes."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import MappingProxyType
from typing import Final

import click

from salam.commands.engine.words import (
    RULES,
    as_json_option,
    file_argument,
    refusing,
    tell_first_time,
)
from salam.commands.terminal import Refused, answer, console, in_persian
from salam.engine import (
    Problem,
    Solution,
    Violation,
    confirmed_violations,
    solve,
    upper_bound,
    violations,
)
from salam.engine.cluster import Cluster, ClusterError
from salam.engine.instance import InstanceError, PlanFile, read_plan, read_problem, write_plan
from salam.engine.options import SolveOptions

STAGES: Final = MappingProxyType(
    {
        "candidates": "یافتن نزدیک‌ترین افراد برای هر ردیف …",
        "solve": "یافتن بهترین چینش …",
        "price": "یافتن کمترین قیمت‌ها …",
        "certify": "اثبات اینکه طرح چقدر به بهترین نزدیک است …",
    },
)
CLUSTER_FAULTS: Final = MappingProxyType(
    {
        "missing": "برای کار با چند رایانه dask لازم است: «pip install 'salam[cluster]'» را بزنید.",
        "silent": "هماهنگ‌کننده‌ای در {address} پاسخ نداد؛ نشانی را بررسی کنید.",
        "empty": "هماهنگ‌کنندهٔ {address} هیچ رایانه‌ای ندارد که کار کند.",
        "lost": "ارتباط با هماهنگ‌کنندهٔ {address} یا رایانه‌هایش در میان کار قطع شد.",
    },
)


@click.command("solve")
@click.argument("instance", type=file_argument)
@click.option("-o", "--output", type=file_argument, required=True, help="Plan file to write.")
@click.option("--threads", type=click.IntRange(1, 1024), help="All processors if left out.")
@click.option("--scheduler", help="Address of a Dask scheduler whose machines do the work.")
@as_json_option
def solve_command(
    instance: Path, *, output: Path, threads: int | None, scheduler: str | None, as_json: bool
) -> None:
    """Find the best plan of INSTANCE, prove how good it is, and write it.

    The plan is the same, byte for byte, for any number of threads or machines.
    """
    with refusing():
        if not output.absolute().parent.is_dir():
            raise InstanceError("unwritable", output)
        console.print("[dim]خواندن نمونه …")
        problem = read_problem(instance)
        began = time.perf_counter()
        tell_first_time()
        with _options(threads, scheduler) as options:
            solution = solve(problem, options=options, report=_tell_stage)
        seconds = time.perf_counter() - began
        write_plan(output, _plan_file(solution))
    if as_json:
        answer(
            json.dumps(
                {
                    "status": solution.status.name,
                    "value": solution.value,
                    "upper_bound": solution.upper_bound,
                    "gap_ppm": gap_ppm(solution.value, solution.upper_bound),
                    "placements": solution.placement_count,
                    "confirmed": solution.confirmed_count,
                    "units": solution.unit_count,
                    "edges": solution.edge_count,
                    "bound_counts_people": not problem.counts_people,
                    "seconds": round(seconds, 3),
                },
            ),
        )
        return
    answer(
        f"{in_persian(solution.placement_count)} جای‌دهی برای {in_persian(solution.unit_count)} "
        f"نفرِ خواسته‌شده، {in_persian(solution.confirmed_count)} تا از پیش پذیرفته.",
    )
    answer(_value_sentence(solution.value, solution.upper_bound))
    _tell_bound_of_seats(problem)


@click.command()
@click.argument("instance", type=file_argument)
@click.argument("plan", type=file_argument)
@click.option("--no-bound", is_flag=True, help="Leave out the bound, which takes most of the time.")
@as_json_option
def check(instance: Path, plan: Path, *, no_bound: bool, as_json: bool) -> None:
    """Verify PLAN for INSTANCE from the raw attributes; exit 1 with the first violated rule.

    The upper bound is computed again from the prices in PLAN, over every feasible pair: seconds for
    a country of 300,000 volunteers, minutes for a million.
    """
    with refusing():
        problem = read_problem(instance)
        claimed = read_plan(plan, problem)
        console.print("[dim]بازبینی همهٔ شرط‌ها …")
        found = violations(problem, claimed)
        excused = confirmed_violations(problem)
        proved = None if no_bound else _proved_bound(problem, claimed)
    fault = _first_fault(found, claimed, proved)
    if as_json:
        answer(
            json.dumps(
                {
                    "valid": not fault,
                    "violations": len(found),
                    "first": _as_row(found[0]) if found else None,
                    "confirmed_violations": [_as_row(one) for one in excused],
                    "value": claimed.value,
                    "upper_bound": claimed.upper_bound,
                    "proved_bound": proved,
                    "gap_ppm": gap_ppm(claimed.value, claimed.upper_bound),
                },
            ),
        )
    else:
        _tell_confirmed(excused)
        if not fault:
            answer(
                f"درست است: هر {in_persian(len(claimed.p_line))} جای‌دهی همهٔ شرط‌ها را دارد. "
                + _value_sentence(claimed.value, claimed.upper_bound),
            )
            _tell_bound_of_seats(problem)
            if no_bound:
                answer("کران بالا بازبینی نشد؛ همان است که پرونده می‌گوید.")
    if fault:
        raise Refused(fault)


@contextmanager
def _options(threads: int | None, scheduler: str | None) -> Iterator[SolveOptions]:
    """Threads of this machine, or the machines behind a scheduler for as long as it takes."""
    if scheduler is None:
        yield SolveOptions(threads=threads)
        return
    try:
        with Cluster(scheduler) as cluster:
            yield SolveOptions(workers=cluster)
    except ClusterError as error:
        raise Refused(CLUSTER_FAULTS[error.code].format(address=error.address)) from None


def _tell_stage(stage: str) -> None:
    console.print(f"[dim]{STAGES[stage]}")


def _plan_file(solution: Solution) -> PlanFile:
    return PlanFile(
        p_volunteer=solution.p_volunteer,
        p_line=solution.p_line,
        value=solution.value,
        upper_bound=solution.upper_bound,
        price_volunteer=solution.price_volunteer,
        price_slot=solution.price_slot,
        price_group=solution.price_group,
        line_price=solution.line_price,
    )


def gap_ppm(value: int, bound: int) -> float:
    """How far the value may lie below the best, in millionths of the bound."""
    return round(1e6 * (bound - value) / bound, 3) if bound > 0 else 0.0


def _proved_bound(problem: Problem, claimed: PlanFile) -> int:
    """The bound that the prices in the file prove."""
    console.print("[dim]محاسبهٔ دوبارهٔ کران بالا از روی همهٔ زوج‌های ممکن …")
    try:
        return upper_bound(problem, claimed)
    except ValueError as error:
        raise Refused(f"قیمت‌های این طرح درست نیست: {error}") from None


def _first_fault(found: list[Violation], claimed: PlanFile, proved: int | None) -> str:
    """What is wrong with a plan, in one sentence; empty if nothing is."""
    if found:
        more = f" ({in_persian(len(found))} مورد در کل)" if len(found) > 1 else ""
        return f"{rule_sentence(found[0])}{more}"
    if claimed.value > claimed.upper_bound:
        return "طرح درست نیست: ارزشش از کران بالایی که خود می‌گوید بیشتر است."
    if proved is not None and claimed.upper_bound < proved:
        return (
            f"کران بالای {in_persian(claimed.upper_bound)} ثابت نمی‌شود: "
            f"قیمت‌های همین فایل فقط {in_persian(proved)} را ثابت می‌کند."
        )
    return ""


def rule_sentence(violation: Violation) -> str:
    """A broken rule and where, for people: the name of the rule stays as programs know it."""
    where = [
        f"{word} {getattr(violation, name)}"
        for name, word in (
            ("volunteer", "داوطلب"),
            ("line", "ردیف"),
            ("slot", "نیم‌روز"),
            ("group", "گروه"),
        )
        if getattr(violation, name) != -1
    ]
    what = RULES[violation.rule].format(excess=in_persian(violation.excess))
    place = f" ({'، '.join(where)})" if where else ""
    return f"{violation.rule.name}{place}: {what}"


def _tell_confirmed(excused: list[Violation]) -> None:
    if not excused:
        return
    answer(
        f"جای‌دهی‌های پذیرفته {in_persian(len(excused))} شرط را نگه نمی‌دارد و همچنان می‌ماند:",
    )
    for one in excused[:20]:
        answer(f"  {rule_sentence(one)}")


def _tell_bound_of_seats(problem: Problem) -> None:
    if problem.counts_people:
        answer("کران بالا فقط جاها را می‌شمارد؛ سقف شمار افراد گروه‌ها در آن نیست.")


def _value_sentence(value: int, bound: int) -> str:
    gap = in_persian(gap_ppm(value, bound), decimals=2)
    return f"ارزش {in_persian(value)}، کران بالا {in_persian(bound)}، فاصله {gap} در میلیون."


def _as_row(violation: Violation) -> dict[str, object]:
    return {**vars(violation), "rule": violation.rule.name}
