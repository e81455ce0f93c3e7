"""Who does the parts of a piece of work: threads of this process, or machines of a cluster.

Parts have fixed bounds and their results come back in the order of the parts, so that a plan does
not depend on how many there are to do them.
"""

import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Protocol, TypeVar

_Part = TypeVar("_Part")
_Result = TypeVar("_Result")


class Workers(Protocol):
    """Runs compiled functions over the parts of arrays."""

    def map(
        self, kernel: Callable[..., _Result], shared: tuple[Any, ...], parts: Sequence[_Part]
    ) -> list[_Result]:
        """Give kernel(*shared, part) for every part, in order."""


class Threads:
    """Threads of this process; the compiled functions hold no interpreter lock."""

    def __init__(self, count: int | None = None) -> None:
        """count: how many; as many as this process may use processors where it is left out."""
        if count is not None and count < 1:
            raise ValueError("at least one thread must do the work")
        self.count = count or len(os.sched_getaffinity(0))

    def map(
        self, kernel: Callable[..., _Result], shared: tuple[Any, ...], parts: Sequence[_Part]
    ) -> list[_Result]:
        """Give kernel(*shared, part) for every part, in order."""
        if self.count == 1 or len(parts) < 2:
            return [kernel(*shared, part) for part in parts]
        with ThreadPoolExecutor(self.count) as pool:
            return list(pool.map(lambda part: kernel(*shared, part), parts))
