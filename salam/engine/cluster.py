"""The parts of a solve on several machines: a Dask cluster behind the face of Workers.

Dask is the optional extra ``cluster``; this module is the only one that knows of it. Every machine
needs the same version of Salam and its libraries. Which machine did a part never shows in a plan:
parts have fixed bounds, and results come back in their order.
"""

import importlib
from collections.abc import Callable, Sequence
from concurrent.futures import CancelledError
from types import TracebackType
from typing import Any, Self, TypeVar

import numpy as np

_Part = TypeVar("_Part")
_Result = TypeVar("_Result")

CONNECT_SECONDS = 10.0
# What the parts share, as it came and as it may be used: hundreds of parts copy it once.
_last_shared: list[tuple[tuple[Any, ...], tuple[Any, ...]]] = [((), ())]


class ClusterError(RuntimeError):
    """The cluster cannot be used; ``code`` says why.

    "missing": the extra is not installed; "silent": no scheduler answers at the address; "empty":
    it has no workers; "lost": it went away, or workers died, while it worked.
    """

    def __init__(self, code: str, address: str) -> None:
        """Keep the address beside the code, so that the caller can name it."""
        self.code = code
        self.address = address
        super().__init__(f"{code}: {address}")


class Cluster:
    """Workers of a Dask scheduler, for example tcp://10.0.0.1:8786. Close it after use."""

    def __init__(self, address: str, *, timeout_seconds: float = CONNECT_SECONDS) -> None:
        """Connect, or raise ClusterError within the timeout."""
        self.address = address
        try:
            distributed = importlib.import_module("distributed")
        except ImportError:
            raise ClusterError("missing", address) from None
        try:
            self._client = distributed.Client(
                address, timeout=timeout_seconds, set_as_default=False
            )
        except (OSError, ValueError):  # nobody answers; or what was given is no address
            raise ClusterError("silent", address) from None
        self._broken = (OSError, CancelledError, distributed.scheduler.KilledWorker)
        if not self._client.scheduler_info(n_workers=-1)["workers"]:
            self.close()
            raise ClusterError("empty", address)

    def __enter__(self) -> Self:
        """Give the cluster itself."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Close the connection; the machines go on."""
        self.close()

    def close(self) -> None:
        self._client.close()

    def map(
        self, kernel: Callable[..., _Result], shared: tuple[Any, ...], parts: Sequence[_Part]
    ) -> list[_Result]:
        """Give kernel(*shared, part) for every part, in order.

        The kernel travels by its name, what is shared goes to every machine once.
        """
        if not parts:
            return []
        name = (kernel.__module__, kernel.__name__)
        try:
            everywhere = self._client.scatter([shared], broadcast=True, hash=False)[0]
            one_each = self._client.scatter(list(parts), hash=False)
            tasks = [
                self._client.submit(run_part, name, everywhere, part, pure=False)
                for part in one_each
            ]
            return list(self._client.gather(tasks))
        except self._broken:
            raise ClusterError("lost", self.address) from None


def run_part(name: tuple[str, str], shared: tuple[Any, ...], part: Any) -> Any:
    """Do one part on the machine this runs on: ``name`` is the module and name of the kernel."""
    kernel = getattr(importlib.import_module(name[0]), name[1])
    # One look-up, then one write: other threads of this machine may replace the entry meanwhile.
    last = _last_shared[0]
    if last[0] is not shared:
        last = (shared, _as_own(shared))
        _last_shared[0] = last
    return kernel(*last[1], _as_own(part))


def _as_own(value: Any) -> Any:
    """The same with arrays that may be written to: those that came by wire are read-only.

    Compiled functions would be compiled a second time for read-only arrays.
    """
    if isinstance(value, np.ndarray):
        return value if value.flags["W"] else value.copy()
    if isinstance(value, tuple):
        items = [_as_own(one) for one in value]
        return type(value)(*items) if hasattr(value, "_fields") else tuple(items)
    return value
