"""One run of the engine, timed by stages, and the pruned graph that yardsticks share with it."""

from __future__ import annotations

import time
from dataclasses import dataclass

from salam.engine import Edges, Problem, Solution, listed_edges, solve


@dataclass(frozen=True, kw_only=True)
class EngineRun:
    """A solution and the seconds it took: to list candidates, and to solve, price and certify."""

    solution: Solution
    candidates_seconds: float
    solve_seconds: float

    @property
    def seconds(self) -> float:
        """The whole pipeline."""
        return self.candidates_seconds + self.solve_seconds


def run_engine(problem: Problem) -> EngineRun:
    """Solve a problem as the product does; making lists and everything after it are timed apart."""
    entered: dict[str, float] = {}

    def enter(stage: str) -> None:
        entered.setdefault(stage, time.perf_counter())

    began = time.perf_counter()
    solution = solve(problem, report=enter)
    listed = entered["solve"]
    return EngineRun(
        solution=solution,
        candidates_seconds=listed - began,
        solve_seconds=time.perf_counter() - listed,
    )


def pruned_graph(problem: Problem) -> Edges:
    """The candidate lists of the engine, nearest first: what every yardstick chooses from."""
    return listed_edges(problem)
