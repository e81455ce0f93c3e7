"""Assignment problems with given costs, as in the OR-Library: solved, and proved optimal.

The matching engine finds its pairs by geography; these public instances give a cost for every pair
and have known optima, so they show that an auction reaches them.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from numba import njit

from salam.engine.problem import Int32, Int64

COST_MAX = 2**31 - 1
PEOPLE_MAX = 20_000  # a matrix of 1.6 GB; costs x (n + 1) x n stay far inside 64 bits
SCALING = 5  # each phase has a fifth of the price step of the one before (Bertsekas: 4 to 10)


@dataclass(frozen=True, eq=False, kw_only=True)
class AssignmentProof:
    """An assignment and what proves it: columns [n] int32, the column of each row; cost; bound.

    lower_bound: no assignment costs less; equal to cost where it is proved optimal.
    """

    columns: Int32
    cost: int
    lower_bound: int

    @property
    def is_proved(self) -> bool:
        """Whether nothing cheaper can exist."""
        return self.cost == self.lower_bound


def parse_assignment(text: str) -> npt.NDArray[np.int32]:
    """Read n and n x n costs, row by row, separated by any white space.

    Returns [n, n] int32. Raises ValueError with one sentence. O(n^2).

    >>> parse_assignment("2  1 2  3 5").tolist()
    [[1, 2], [3, 5]]
    """
    words = text.split()
    if not words:
        raise ValueError("the file is empty")
    try:
        numbers = np.array(words, np.int64)
    except (ValueError, OverflowError):
        raise ValueError("not every word is a whole number") from None
    count = int(numbers[0])
    if not 0 <= count <= PEOPLE_MAX:
        raise ValueError(f"the first number is n, from 0 to {PEOPLE_MAX}, not {count}")
    if len(numbers) - 1 != count * count:
        raise ValueError(f"{len(numbers) - 1} costs instead of n x n = {count * count}")
    if len(numbers) > 1 and np.abs(numbers[1:]).max() > COST_MAX:
        raise ValueError(f"a cost beyond {COST_MAX}")
    return numbers[1:].astype(np.int32).reshape(count, count)


def solve_assignment(cost: Int32) -> AssignmentProof:
    """Assign every row to a column of its own at the least total cost, and prove it.

    Auction: rows bid for columns, each raising the price of its cheapest column by what the second
    cheapest would cost more, plus a step; the step falls to 1 while costs are multiplied by n + 1,
    so the sum stays within n of the bound, less than one whole unit of cost. The bound is the dual
    at the final prices: sum of each row's least cost + price, less the prices.

    cost: [n, n] int32. Returns an AssignmentProof. Raises ValueError for another shape or dtype.
    About O(n^2 log n log C) in practice; deterministic, one thread.
    Source: D. P. Bertsekas, "The auction algorithm: a distributed relaxation method for the
    assignment problem", Annals of Operations Research 14, 1988.

    >>> proof = solve_assignment(np.array([[4, 1, 3], [2, 0, 5], [3, 2, 2]], np.int32))
    >>> proof.columns.tolist(), proof.cost, proof.lower_bound
    ([1, 0, 2], 5, 5)
    """
    count = len(cost)
    if cost.dtype != np.int32 or cost.shape != (count, count) or count > PEOPLE_MAX:
        raise ValueError(f"{cost.dtype} {cost.shape} instead of int32 [n, n], n <= {PEOPLE_MAX}")
    if not count:
        return AssignmentProof(columns=np.empty(0, np.int32), cost=0, lower_bound=0)
    scaled = cost.astype(np.int64) * (count + 1)
    price = np.zeros(count, np.int64)
    columns = np.empty(count, np.int32)
    step = max(int(scaled.max() - scaled.min()) // SCALING, 1)
    while True:
        _bid(scaled, (price, columns), step)
        if step == 1:
            break
        step = max(step // SCALING, 1)
    dual = int((scaled + price).min(axis=1).sum()) - int(price.sum())
    return AssignmentProof(
        columns=columns,
        cost=int(cost[np.arange(count), columns].sum(dtype=np.int64)),
        lower_bound=-(-dual // (count + 1)),  # whole costs: the bound may be rounded up
    )


@njit(cache=True, nogil=True)
def _bid(cost: Int64, state: tuple[Int64, Int32], step: int) -> None:
    """One phase: everybody starts free, prices stay; raises price and fills columns in place."""
    price, columns = state
    count = len(cost)
    owner = np.full(count, -1, np.int32)
    waiting = np.arange(count - 1, -1, -1).astype(np.int32)
    left = count
    while left:
        left -= 1
        row = waiting[left]
        best, best_cost, next_cost = 0, cost[row, 0] + price[0], np.int64(2**62)
        for column in range(1, count):
            asked = cost[row, column] + price[column]
            if asked < best_cost:
                best, best_cost, next_cost = column, asked, best_cost
            elif asked < next_cost:
                next_cost = asked
        price[best] += step + (next_cost - best_cost if count > 1 else 0)
        if owner[best] >= 0:
            waiting[left] = owner[best]
            left += 1
        owner[best] = row
        columns[row] = best
