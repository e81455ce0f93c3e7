"""The statements that write many places at once, inside the caller's transaction."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Final

from django.db import connection

from salam.core.bulk import copy_rows, reserve_ids
from salam.places.actions.rows import COLUMNS, PlaceRow
from salam.places.enums import PointSource, PopulationSource
from salam.places.models import Place

Progress = Callable[[str, int, int], None]

PROGRESS_STEP_ROWS: Final = 5_000


def unheard(_step: str, _done: int, _total: int, /) -> None:
    """The progress of work that nobody watches."""


_UPDATE: Final = """
    UPDATE places_place AS place SET
        name = changed.name, name_folded = changed.name_folded, sort_key = changed.sort_key,
        parent_id = parent.id, is_city_zone = changed.is_city_zone,
        latitude = changed.latitude, longitude = changed.longitude,
        point_source = changed.point_source, h3_cell = changed.h3_cell,
        population = changed.population, population_source = changed.population_source,
        valid_to = changed.valid_to
    FROM unnest(
        %s::text[], %s::text[], %s::text[], %s::text[], %s::text[], %s::boolean[],
        %s::float8[], %s::float8[], %s::text[], %s::bigint[], %s::integer[], %s::text[], %s::date[]
    ) AS changed (
        code, parent_code, name, name_folded, sort_key, is_city_zone,
        latitude, longitude, point_source, h3_cell, population, population_source, valid_to
    )
    LEFT JOIN places_place AS parent ON parent.code = changed.parent_code
    WHERE place.code = changed.code
"""
_UPDATED_COLUMNS: Final = (
    "code",
    "parent_code",
    "name",
    "name_folded",
    "sort_key",
    "is_city_zone",
    "latitude",
    "longitude",
    "point_source",
    "h3_cell",
    "population",
    "population_source",
    "valid_to",
)

# A moved place may stand below another moved one and is then reached twice. The longest walk began
# at the topmost of them, whose parent stays where it is: its path is the right one.
_REWRITE_PATHS: Final = """
    WITH RECURSIVE walk (id, path, step) AS (
        SELECT place.id, parent.path || place.code::text, 0
        FROM places_place AS place JOIN places_place AS parent ON parent.id = place.parent_id
        WHERE place.code = ANY(%s)
        UNION ALL
        SELECT child.id, walk.path || child.code::text, walk.step + 1
        FROM walk JOIN places_place AS child ON child.parent_id = walk.id
    ), rewritten AS (
        SELECT DISTINCT ON (id) id, path FROM walk ORDER BY id, step DESC
    )
    UPDATE places_place AS place SET
        path = rewritten.path,
        province_code = subpath(rewritten.path, 1, 1)::text
    FROM rewritten WHERE rewritten.id = place.id AND place.path <> rewritten.path
"""

# Cities and villages count in everything above them; a zone only where its city is not a row.
_SUM_POPULATIONS: Final = """
    WITH total AS (
        SELECT subpath(place.path, label, 1)::text AS code, sum(place.population)::integer AS people
        FROM places_place AS place, generate_series(0, nlevel(place.path) - 2) AS label
        WHERE place.kind IN ('city', 'village') AND place.valid_to IS NULL
            AND (NOT place.is_city_zone OR nlevel(place.path) = 5)
        GROUP BY 1
    ), summed AS (
        SELECT area.id, coalesce(total.people, 0) AS people
        FROM places_place AS area LEFT JOIN total ON total.code = area.code
        WHERE area.population_source = %s
    )
    UPDATE places_place AS area SET population = summed.people
    FROM summed WHERE summed.id = area.id AND area.population IS DISTINCT FROM summed.people
"""

_FOLLOW_PARENT_POINTS: Final = """
    UPDATE places_place AS place SET
        latitude = parent.latitude, longitude = parent.longitude, h3_cell = parent.h3_cell
    FROM places_place AS parent
    WHERE parent.id = place.parent_id AND place.point_source = %s
        AND (place.latitude, place.longitude) <> (parent.latitude, parent.longitude)
"""


def lock_tree() -> None:
    """One writer of the whole tree at a time; readers and keys to places are not held up."""
    with connection.cursor() as cursor:
        cursor.execute("LOCK TABLE places_place IN SHARE ROW EXCLUSIVE MODE")


def insert_places(*, rows: Sequence[PlaceRow], report: Progress = unheard) -> dict[str, int]:
    """Write new places, parents before children; returns their ids by code."""
    ids = dict(
        zip(
            (row.code for row in rows),
            reserve_ids(model=Place, count=len(rows)),
            strict=True,
        ),
    )
    outside = {row.parent_code for row in rows if row.parent_code not in ids}
    known: dict[str | None, int | None] = {None: None}
    known.update(ids)
    known.update(_ids_of(outside))
    copy_rows(
        model=Place,
        columns=("id", "parent_id", *COLUMNS),
        rows=_counted(
            (
                (ids[row.code], known[row.parent_code], *(getattr(row, name) for name in COLUMNS))
                for row in rows
            ),
            len(rows),
            report,
        ),
    )
    return ids


def update_places(*, rows: Sequence[PlaceRow], before: Mapping[str, PlaceRow]) -> None:
    """Bring existing places, found by code, to these rows, and the paths below moved ones."""
    if not rows:
        return
    with connection.cursor() as cursor:
        cursor.execute(
            _UPDATE,
            [[getattr(row, name) for row in rows] for name in _UPDATED_COLUMNS],
        )
        moved = [row.code for row in rows if row.parent_code != before[row.code].parent_code]
        if moved:
            cursor.execute(_REWRITE_PATHS, [moved])


def settle_tree() -> None:
    """Make true again what follows from other rows: inherited points and summed populations."""
    with connection.cursor() as cursor:
        # Each round reaches one level deeper; the tree has eight.
        for _level in range(8):
            cursor.execute(_FOLLOW_PARENT_POINTS, [PointSource.PARENT])
            if cursor.rowcount == 0:
                break
        cursor.execute(_SUM_POPULATIONS, [PopulationSource.SUM])


def refresh_statistics() -> None:
    """After a large load the planner would otherwise not use the indexes until autovacuum came."""
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE places_place")


def _ids_of(codes: Iterable[str | None]) -> dict[str, int]:
    wanted = [code for code in codes if code is not None]
    return dict(Place.objects.filter(code__in=wanted).values_list("code", "id"))


def _counted(
    rows: Iterable[Sequence[object]],
    total: int,
    report: Progress,
) -> Iterator[Sequence[object]]:
    for count, row in enumerate(rows):
        if count % PROGRESS_STEP_ROWS == 0:
            report("نوشتن جاها", count, total)
        yield row
    report("نوشتن جاها", total, total)
