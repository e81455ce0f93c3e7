"""Running the engine on what the tables hold, and deciding what becomes of its plan."""

from salam.matching.actions.asking import ask_why
from salam.matching.actions.deciding import RunNotOpen, discard_run
from salam.matching.actions.releasing import (
    RELEASE_TASK,
    Release,
    carry_on_releases,
    release_run,
    request_release,
    stop_release,
)
from salam.matching.actions.renewing import note_changes, renew_touched
from salam.matching.actions.requesting import RUN_TASK, request_run, stop_run
from salam.matching.actions.running import (
    RunOutcome,
    RunStopped,
    carry_on_requested,
    run_matching,
)
from salam.matching.actions.shelving import refresh_words

__all__ = [
    "RELEASE_TASK",
    "RUN_TASK",
    "Release",
    "RunNotOpen",
    "RunOutcome",
    "RunStopped",
    "ask_why",
    "carry_on_releases",
    "carry_on_requested",
    "discard_run",
    "note_changes",
    "refresh_words",
    "release_run",
    "renew_touched",
    "request_release",
    "request_run",
    "run_matching",
    "stop_release",
    "stop_run",
]
