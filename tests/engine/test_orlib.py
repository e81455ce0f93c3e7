import lzma
from itertools import permutations
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from salam.engine.orlib import parse_assignment, solve_assignment

ASSIGN_500 = Path(__file__).with_name("data") / "assign500.txt.xz"


def least_cost(cost: np.ndarray) -> int:
    rows = range(len(cost))
    return min(
        sum(int(cost[row, order[row]]) for row in rows) for order in permutations(range(len(cost)))
    )


@settings(max_examples=150, deadline=None, derandomize=True, database=None)
@given(size=st.integers(1, 6), seed=st.integers(0, 10_000), top=st.sampled_from([1, 9, 2**31 - 1]))
def test_small_assignments_equal_the_enumeration(size: int, seed: int, top: int) -> None:
    cost = np.random.default_rng(seed).integers(-top, top, (size, size), endpoint=True)

    proof = solve_assignment(cost.astype(np.int32))

    assert sorted(proof.columns.tolist()) == list(range(size))
    assert proof.cost == proof.lower_bound == least_cost(cost)
    assert proof.is_proved


@pytest.mark.parametrize("top", [3, 100, 100_000])
def test_larger_assignments_prove_themselves(top: int) -> None:
    cost = np.random.default_rng(top).integers(0, top, (150, 150)).astype(np.int32)

    proof = solve_assignment(cost)

    assert sorted(proof.columns.tolist()) == list(range(150))
    assert proof.cost == proof.lower_bound == cost[np.arange(150), proof.columns].sum()


def test_the_published_optimum_of_a_public_instance_is_reached_and_proved() -> None:
    cost = parse_assignment(lzma.decompress(ASSIGN_500.read_bytes()).decode())

    proof = solve_assignment(cost)

    assert (cost.shape, proof.cost, proof.lower_bound) == ((500, 500), 991, 991)


def test_nobody_to_assign_costs_nothing() -> None:
    proof = solve_assignment(parse_assignment("0"))

    assert (proof.cost, proof.lower_bound, len(proof.columns)) == (0, 0, 0)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "empty"),
        ("2 1 2 3", "3 costs instead of n x n = 4"),
        ("1 1 1", "2 costs"),
        ("2 1 2 x 4", "whole number"),
        ("1 1.5", "whole number"),
        ("-1", "n, from 0"),
        ("30000", "n, from 0"),
        ("1 2147483648", "beyond"),
        ("1 99999999999999999999", "whole number"),
    ],
)
def test_a_file_of_something_else_is_refused(text: str, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        parse_assignment(text)


@pytest.mark.parametrize(
    "cost", [np.zeros((2, 3), np.int32), np.zeros(4, np.int32), np.zeros((2, 2))]
)
def test_a_matrix_that_is_not_square_or_whole_is_refused(cost: np.ndarray) -> None:
    with pytest.raises(ValueError, match="instead of int32"):
        solve_assignment(cost)
