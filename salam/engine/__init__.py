"""Matching engine: arrays in, a proved plan out. Pure: numpy and numba, no Django, no I/O."""

from salam.engine.assignment import listed_edges
from salam.engine.checks import Violation, confirmed_violations, upper_bound, violations
from salam.engine.counterfactual import (
    Change,
    Hindrance,
    Kind,
    PairExplanation,
    Remedy,
    explain_pair,
)
from salam.engine.eligibility import (
    Edges,
    Obstacle,
    feasible_edges,
    first_failing_rule,
)
from salam.engine.locality import Plan
from salam.engine.options import SolveOptions
from salam.engine.planning import solve
from salam.engine.problem import Problem, ProblemError
from salam.engine.rules import Rule
from salam.engine.scoring import (
    DEFAULT_WEIGHTS,
    UnitPoints,
    Weights,
    unit_points,
    waiting_points,
)
from salam.engine.solution import Prices, Solution, SolverError, Status

__all__ = [
    "DEFAULT_WEIGHTS",
    "Change",
    "Edges",
    "Hindrance",
    "Kind",
    "Obstacle",
    "PairExplanation",
    "Plan",
    "Prices",
    "Problem",
    "ProblemError",
    "Remedy",
    "Rule",
    "Solution",
    "SolveOptions",
    "SolverError",
    "Status",
    "UnitPoints",
    "Violation",
    "Weights",
    "confirmed_violations",
    "explain_pair",
    "feasible_edges",
    "first_failing_rule",
    "listed_edges",
    "solve",
    "unit_points",
    "upper_bound",
    "violations",
    "waiting_points",
]
