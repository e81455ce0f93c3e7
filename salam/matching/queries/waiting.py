"""Who has waited longest: weeks since somebody was last asked, served or registered."""

from __future__ import annotations

from datetime import date

import numpy as np
import numpy.typing as npt

from salam.engine import DEFAULT_WEIGHTS, Weights, waiting_points
from salam.matching.queries.occupation import rows_of
from salam.matching.queries.volunteers import Volunteers
from salam.service.queries import days_since_called


def waiting_points_of(
    *, volunteers: Volunteers, on: date, weights: Weights = DEFAULT_WEIGHTS
) -> npt.NDArray[np.int32]:
    """Points for having waited, fit for v_points of a Problem: [V] int32; one query.

    Being asked ends the waiting as serving does: whoever says no is not asked the more for it.
    Nobody waits who will be called later than ``on``.
    """
    days = volunteers.days_registered.astype(np.int64)
    called, called_ago = days_since_called(on=on)
    row, is_there = rows_of(volunteers.person_id, among=called)
    days[is_there] = np.minimum(days[is_there], called_ago[row[is_there]])
    return waiting_points(weeks=np.maximum(days, 0) / 7, weights=weights)
