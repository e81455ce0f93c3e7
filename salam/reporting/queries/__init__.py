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
    Overview,
    PlaceRow,
    figure_groups,
    national_overview,
    province_overview,
)
from salam.reporting.queries.reviewing import RunReview, run_review

__all__ = [
    "FigureGroup",
    "HqOverview",
    "HqRow",
    "Overview",
    "PlaceRow",
    "RunReview",
    "Waiting",
    "figure_groups",
    "hours_of",
    "hq_overview",
    "national_overview",
    "own_places",
    "province_overview",
    "run_review",
]
