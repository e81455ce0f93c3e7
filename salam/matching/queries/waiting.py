"""Who has waited longest: weeks since somebody was last asked, served or registered."""

from __future__ import annotations

from datetime import date

import numpy as np
import numpy.typing as npt
from django.db.models import DateField, Func, IntegerField, Value
from django.db.models.functions import Cast, TruncDate

from salam.core.columns import read_columns
from salam.core.dates import TEHRAN
from salam.engine import DEFAULT_WEIGHTS, Weights, waiting_points
from salam.matching.queries.occupation import rows_of
from salam.people.models import VolunteerProfile
from salam.service.queries import days_since_called


def waiting_points_of(
    *, person_ids: npt.NDArray[np.int64], on: date, weights: Weights = DEFAULT_WEIGHTS
) -> npt.NDArray[np.int32]:
    """Points for having waited, fit for v_points of a Problem: [V] int32 for [V] ids; two queries.

    Being asked ends the waiting as serving does: whoever says no is not asked the more for it.
    Nobody waits who has no profile or will be called later than ``on``.
    """
    days = np.zeros(len(person_ids), np.int64)
    registered, registered_ago = _registered_days(on=on)
    row, is_there = rows_of(person_ids, among=registered)
    days[is_there] = registered_ago[row[is_there]]
    called, called_ago = days_since_called(on=on)
    row, is_there = rows_of(person_ids, among=called)
    days[is_there] = np.minimum(days[is_there], called_ago[row[is_there]])
    return waiting_points(weeks=np.maximum(days, 0) / 7, weights=weights)


def _registered_days(*, on: date) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int32]]:
    """All volunteers by the person's id, rising, and how many days ago each registered; one query.

    Two arrays of equal length; a registration after ``on`` has negative days.
    """
    days = Func(
        Cast(Value(on), DateField()),
        TruncDate("registered_at", tzinfo=TEHRAN),
        template="(%(expressions)s)",
        arg_joiner=" - ",
        output_field=IntegerField(),
    )
    found = read_columns(
        rows=VolunteerProfile.objects.annotate(days=days),
        columns={"person_id": np.int64, "days": np.int32},
        order_by=["person_id"],
    )
    return found["person_id"], found["days"]
