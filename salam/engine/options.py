"""What may be chosen about a solve: published numbers, the same for every run."""

from collections.abc import Callable
from dataclasses import dataclass

from salam.engine.workers import Workers


@dataclass(frozen=True, kw_only=True)
class SolveOptions:
    """How a problem is solved. Only ``workers`` and ``threads`` leave the plan as it is.

    neighbour_count: people in the list of a line that asks for one; each further unit adds two.
        24 is enough where there are people enough; where they are scarce edges are added.
    rounds_max: how often missing edges are added and the plan is made anew.
    edges_added: edges that a line gets in such a round.
    gap_wanted: share of the value below which missing edges are let be.
    scarce_share: asked units for each half-day on offer from which a problem counts as scarce.
    scarce_steps: bid steps of its rounds, in 100 m: prices need not be fine to find edges by.
    hours_gain_wanted: share of the value below which another plan of hours is let be.
    people_gain_wanted: the same for plans of groups that count different people.
    threads: of this process, all it may use where left out; workers: who does the parts instead.
    """

    neighbour_count: int = 24
    rounds_max: int = 3
    edges_added: int = 16
    gap_wanted: float = 2e-6
    scarce_share: float = 0.75
    scarce_steps: tuple[int, ...] = (160, 40, 10)
    hours_gain_wanted: float = 1e-5
    people_gain_wanted: float = 1e-3
    threads: int | None = None
    workers: Workers | None = None


Report = Callable[[str], None]


def silent(_stage: str) -> None:
    """Hear of a stage and say nothing."""
