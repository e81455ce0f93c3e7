"""Three volunteers and three lines: the small case the docstrings of the engine compute with."""

import numpy as np

from salam.engine.problem import Problem


def example_problem() -> Problem:
    """Build the 3 x 3 example.

    Volunteers 0, 1, 2 stand on the equator at 0, 1 and 2 hundredths of a degree (1.112 km each),
    have 5 km of radius, two half-days a week and slots 0 and 1. Lines 0 and 1 are in slot 0,
    line 2 in slot 1, at the same three places; each asks for one person worth 100, 80 and 60
    points. Lines 0 and 1 share the only two seats of group 1; group 0 above it has 2 as well, and
    line 2 sits directly in group 0. Volunteer 0 is confirmed for line 2. Volunteer 2 must not
    serve line 0, volunteer 1 has 5 bonus points there.
    """
    places = np.array([0.0, 0.01, 0.02])
    ones = np.ones(3, np.uint64)
    return Problem(
        v_lat=np.zeros(3),
        v_lon=places,
        v_radius_m=np.full(3, 5_000, np.int32),
        v_cap=np.full(3, 2, np.uint8),
        v_slots=np.full(3, 0b11, np.uint16),
        v_skills=ones,
        v_attrs=ones,
        l_need=np.arange(3, dtype=np.int32),
        l_lat=np.zeros(3),
        l_lon=places,
        l_slot=np.array([0, 0, 1], np.uint8),
        l_skills=ones,
        l_attrs=ones,
        l_unit_ptr=np.arange(4, dtype=np.int64),
        unit_value=np.array([100, 80, 60], np.int32),
        l_group=np.array([1, 1, 0], np.int32),
        g_cap=np.array([2, 2], np.int32),
        g_parent=np.array([-1, 0], np.int32),
        f_volunteer=np.array([0], np.int32),
        f_line=np.array([2], np.int32),
        b_volunteer=np.array([2, 1], np.int32),
        b_line=np.array([0, 0], np.int32),
        b_points=np.array([-1, 5], np.int32),
    )
