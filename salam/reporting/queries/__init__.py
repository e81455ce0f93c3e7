"""Results as counts by place: for everybody, small ones left out, and for headquarters."""

from salam.reporting.queries.headquarters import (
    HqOverview,
    HqRow,
    Waiting,
    hours_of,
    hq_overview,
    own_places,
)
from salam.reporting.queries.public import (
    FigureGroup,
    LandingCounts,
    Overview,
    PlaceRow,
    figure_groups,
    landing_counts,
    national_overview,
    people_asked_nearby,
    province_overview,
)
from salam.reporting.queries.reviewing import (
    RunPair,
    RunReview,
    RunSide,
    run_pair,
    run_review,
)

__all__ = [
    "FigureGroup",
    "HqOverview",
    "HqRow",
    "LandingCounts",
    "Overview",
    "PlaceRow",
    "RunPair",
    "RunReview",
    "RunSide",
    "Waiting",
    "figure_groups",
    "hours_of",
    "hq_overview",
    "landing_counts",
    "national_overview",
    "own_places",
    "people_asked_nearby",
    "province_overview",
    "run_pair",
    "run_review",
]
