"""A plan has the same bytes whoever made it: threads of one process, or machines of a cluster."""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Iterator

import numpy as np
import pytest
from distributed import LocalCluster

from salam.engine import Solution, shards, solve
from salam.engine.cluster import Cluster, ClusterError
from salam.engine.generate import SIZES, generate
from salam.engine.options import SolveOptions


def as_bytes(solution: Solution) -> list[object]:
    arrays = [getattr(solution, field.name) for field in dataclasses.fields(Solution)]
    return [one.tobytes() if isinstance(one, np.ndarray) else one for one in arrays]


def in_process_of(_nothing: object) -> int:
    return os.getpid()


def refuse(_nothing: object) -> None:
    raise ValueError("this part cannot be done")


@pytest.fixture(scope="module")
def machines() -> Iterator[LocalCluster]:
    with LocalCluster(
        n_workers=1,
        threads_per_worker=1,
        processes=True,
        dashboard_address="127.0.0.1:0",
        host="127.0.0.1",
        silence_logs=50,
    ) as cluster:
        yield cluster


def test_any_number_of_threads_and_machines_gives_the_same_bytes(
    machines: LocalCluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    # So small a province would be one shard; the cut is what is to be seen.
    monkeypatch.setattr(shards, "SHARD_LINES", 100)
    calm, scarce = (generate(SIZES["Sd"], crunch=crunch) for crunch in (1, 4))

    def plans(options: SolveOptions) -> list[object]:
        return [as_bytes(solve(problem, options=options)) for problem in (calm, scarce)]

    alone = plans(SolveOptions(threads=1))

    for threads in (2, 3):
        assert plans(SolveOptions(threads=threads)) == alone
    for count in (1, 2, 4):
        machines.scale(count)
        with Cluster(machines.scheduler_address) as cluster:
            cluster._client.wait_for_workers(count)
            if count > 1:
                assert len(set(cluster.map(in_process_of, (), range(16)))) > 1
            assert plans(SolveOptions(workers=cluster)) == alone


def test_what_goes_wrong_in_a_part_comes_back(machines: LocalCluster) -> None:
    with Cluster(machines.scheduler_address) as cluster:
        assert cluster.map(refuse, (), []) == []
        with pytest.raises(ValueError, match="cannot be done"):
            cluster.map(refuse, (), [1])


@pytest.mark.parametrize("address", ["tcp://127.0.0.1:9", "no address", "spx://a:b"])
def test_a_scheduler_that_does_not_answer_is_named(address: str) -> None:
    with pytest.raises(ClusterError) as refused:
        Cluster(address, timeout_seconds=1)

    assert (refused.value.code, refused.value.address) == ("silent", address)


def test_a_scheduler_without_workers_is_refused() -> None:
    with (
        LocalCluster(n_workers=0, dashboard_address="127.0.0.1:0", host="127.0.0.1") as nobody,
        pytest.raises(ClusterError, match="empty"),
    ):
        Cluster(nobody.scheduler_address)
