"""Running the engine on what the tables hold, and deciding what becomes of its plan."""

from salam.matching.actions.deciding import Release, RunNotOpen, discard_run, release_run
from salam.matching.actions.running import RunOutcome, run_matching

__all__ = [
    "Release",
    "RunNotOpen",
    "RunOutcome",
    "discard_run",
    "release_run",
    "run_matching",
]
