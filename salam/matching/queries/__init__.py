"""Reading for matching: the arrays of a problem, runs and proposals, and why or why not."""

from salam.matching.queries.asking import (
    VolunteerNotFound,
    explain_by_code,
    need_to_ask_about,
    needs_to_ask_about,
)
from salam.matching.queries.explanation import Explanation, WhyProposed, explain, why_proposed
from salam.matching.queries.figures import (
    SMALL_TOWNS,
    Coverage,
    PlanChanges,
    RunFigures,
    Unfilled,
    changes_of,
    figures_of_runs,
)
from salam.matching.queries.own import why_me
from salam.matching.queries.problem import BuiltProblem, build_problem
from salam.matching.queries.recruits import (
    Recruit,
    best_recruits_by_part,
    last_run_with_recruits,
    point_worth,
    recruit_sentence,
    recruits_of,
    typical_points,
)
from salam.matching.queries.releasing import ReleaseProgress, release_progress
from salam.matching.queries.renewals import renewal_behind, renewals_of
from salam.matching.queries.reviewing import (
    get_run_for,
    list_runs_for,
    people_proposed,
    place_to_run,
    places_to_run,
    proposals_of,
    proposed_counts_within,
    runs_to_compare,
    runs_to_review,
)
from salam.matching.queries.runs import (
    COUNTRY_CODE,
    RunSummary,
    is_somebody_running,
    last_run,
    proposal_counts_by_place,
    proposals_held,
    unfinished_runs,
)
from salam.matching.queries.verdicts import LineExplanation
from salam.matching.queries.weights import METRES_PER_POINT, RunWeights, Step, weights_of

__all__ = [
    "COUNTRY_CODE",
    "METRES_PER_POINT",
    "SMALL_TOWNS",
    "BuiltProblem",
    "Coverage",
    "Explanation",
    "LineExplanation",
    "PlanChanges",
    "Recruit",
    "ReleaseProgress",
    "RunFigures",
    "RunSummary",
    "RunWeights",
    "Step",
    "Unfilled",
    "VolunteerNotFound",
    "WhyProposed",
    "best_recruits_by_part",
    "build_problem",
    "changes_of",
    "explain",
    "explain_by_code",
    "figures_of_runs",
    "get_run_for",
    "is_somebody_running",
    "last_run",
    "last_run_with_recruits",
    "list_runs_for",
    "need_to_ask_about",
    "needs_to_ask_about",
    "people_proposed",
    "place_to_run",
    "places_to_run",
    "point_worth",
    "proposal_counts_by_place",
    "proposals_held",
    "proposals_of",
    "proposed_counts_within",
    "recruit_sentence",
    "recruits_of",
    "release_progress",
    "renewal_behind",
    "renewals_of",
    "runs_to_compare",
    "runs_to_review",
    "typical_points",
    "unfinished_runs",
    "weights_of",
    "why_me",
    "why_proposed",
]
