"""Distance on the sphere: the one formula the solver, the bound and the explanations share."""

import numpy as np

from salam.engine.problem import Float64, Int32, Int64, Problem

EARTH_RADIUS_M = 6_371_008.8  # mean radius of the WGS 84 ellipsoid (IUGG)


def haversine_m(*, lat_a: Float64, lon_a: Float64, lat_b: Float64, lon_b: Float64) -> Float64:
    """Give the great-circle distances between points a and b.

    2 R asin(sqrt(sin^2(dlat / 2) + cos(lat_a) cos(lat_b) sin^2(dlon / 2))), R = 6 371 008.8 m.

    Arguments: four arrays [N] float64 in degrees, latitudes -90..90, longitudes -180..180 (any
    turn is right: only sin^2 of half their difference counts, so the antimeridian needs no case).
    Returns [N] float64 metres, 0..20_015_115; good to about 1e-8 m, except within some 20 m of the
    antipode, where the arc sine is flat (then about 0.3 m).
    O(N), deterministic on one machine; the last bit may differ between processors.
    Source: R. W. Sinnott, "Virtues of the Haversine", 1984.

    >>> zero = np.zeros(3)
    >>> east = np.array([0.0, 1.0, 180.0])
    >>> haversine_m(lat_a=zero, lon_a=zero, lat_b=zero, lon_b=east).round(1).tolist()
    [0.0, 111195.1, 20015114.4]
    """
    phi_a, phi_b = np.radians(lat_a), np.radians(lat_b)
    half_lat = np.sin((phi_b - phi_a) / 2)
    half_lon = np.sin(np.radians(lon_b - lon_a) / 2)
    chord = half_lat * half_lat + np.cos(phi_a) * np.cos(phi_b) * half_lon * half_lon
    return np.asarray(2 * EARTH_RADIUS_M * np.arcsin(np.sqrt(np.minimum(chord, 1.0))), np.float64)


def pair_distance_m(problem: Problem, volunteer: Int32 | Int64, line: Int32 | Int64) -> Float64:
    """Distances in metres between volunteers and lines of pairs, indices [N]; float64 [N]. O(N).

    >>> from salam.engine.example import example_problem
    >>> pair_distance_m(example_problem(), np.array([0, 1, 2]), np.zeros(3, int)).round(1).tolist()
    [0.0, 1112.0, 2223.9]
    """
    return haversine_m(
        lat_a=problem.v_lat[volunteer],
        lon_a=problem.v_lon[volunteer],
        lat_b=problem.l_lat[line],
        lon_b=problem.l_lon[line],
    )


def to_100m(distance_m: Float64) -> Int32:
    """Round metres [N] float64 to units of 100 m [N] int32, half to even. O(N).

    >>> to_100m(np.array([49.9, 50.0, 150.0, 250.0])).tolist()
    [0, 0, 2, 2]
    """
    return np.rint(distance_m / 100).astype(np.int32)
