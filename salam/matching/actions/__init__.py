"""Running the engine on what the tables hold."""

from salam.matching.actions.running import RunOutcome, run_matching

__all__ = ["RunOutcome", "run_matching"]
