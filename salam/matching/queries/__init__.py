"""Reading for matching: the arrays of a problem, runs and proposals, and why or why not."""

from salam.matching.queries.explanation import Explanation, LineExplanation, explain
from salam.matching.queries.problem import BuiltProblem, build_problem
from salam.matching.queries.runs import (
    RunSummary,
    last_run,
    proposal_counts_by_place,
    proposals_held,
    unfinished_runs,
)

__all__ = [
    "BuiltProblem",
    "Explanation",
    "LineExplanation",
    "RunSummary",
    "build_problem",
    "explain",
    "last_run",
    "proposal_counts_by_place",
    "proposals_held",
    "unfinished_runs",
]
