"""One run of the engine, timed by stages, and the pruned graph that yardsticks share with it."""

from __future__ import annotations

import time
from dataclasses import dataclass

from salam.commands.bench.yardsticks import nearest_first
from salam.engine import Edges, Problem, Solution, feasible_edges, solve

NEIGHBOURS = 24  # candidates kept for each line in normal load


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
    """Solve a problem as the product does."""
    began = time.perf_counter()
    edges = feasible_edges(problem)
    listed = time.perf_counter()
    solution = solve(problem, edges=edges)
    return EngineRun(
        solution=solution,
        candidates_seconds=listed - began,
        solve_seconds=time.perf_counter() - listed,
    )


def pruned_graph(problem: Problem) -> Edges:
    """The candidate lists of the engine, nearest first: what every yardstick chooses from."""
    return nearest_first(feasible_edges(problem), NEIGHBOURS)
