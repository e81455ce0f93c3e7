from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable
from dataclasses import asdict, dataclass, fields
from operator import attrgetter
from typing import Final

from django.db import transaction

from salam.core.actors import Actor, Scope, require
from salam.core.events import record_event
from salam.core.models import Event
from salam.core.verbs import Verb
from salam.places.actions.gazetteer import gazetteer_files, read_gazetteer
from salam.places.actions.official_list import (
    SourceMissing,
    official_list_files,
    read_official_list,
)
from salam.places.actions.ranks import COUNTRY_CODE
from salam.places.actions.rows import PlaceRow, read_rows
from salam.places.actions.tree import NationalTree, build_tree
from salam.places.actions.writing import (
    Progress,
    insert_places,
    lock_tree,
    refresh_statistics,
    settle_tree,
    unheard,
    update_places,
)
from salam.places.enums import PlaceKind, PointSource, PopulationSource
from salam.places.models import Place

LIST_IMPORTED: Final = "places.list_imported"
TREE_LOADED: Final = "places.tree_loaded"
# To be raised when the same files would give another tree: other names, matches or stand-ins.
RULES_VERSION: Final = 1
_STEP_COUNT: Final = 3

# Not the path and the province, which follow from the parent, nor the dates, which it has not.
_said_by_source = attrgetter(
    "kind",
    "parent_code",
    "name",
    "name_folded",
    "sort_key",
    "is_city_zone",
    "latitude",
    "longitude",
    "point_source",
    "h3_cell",
    "population_source",
    "is_generated",
)


@dataclass(frozen=True, kw_only=True)
class TreeLoad:
    """What a load came to: rows of the source by kind, what was written, where figures are from."""

    country: int
    province: int
    county: int
    district: int
    city: int
    rural_district: int
    village: int
    inserted: int
    changed: int
    left_alone: int
    points_published: int
    points_of_parent: int
    populations_published: int
    populations_proxy: int
    city_population_proxy: int

    @property
    def is_unchanged(self) -> bool:
        """The whole tree stood there already, as it is in the source."""
        return self.inserted == 0 and self.changed == 0


def load_tree(
    *,
    actor: Actor,
    source: NationalTree | None = None,
    report: Progress = unheard,
) -> TreeLoad:
    """Load the real tree of Iran from the installed packages, in one transaction.

    Files that were loaded before are not even read again (a second), known by their fingerprint.
    Places are known by their code: what is there and the same is not written again. After a newer
    official list was imported, existing places are left alone and only missing ones are added.
    Writes one Event when something changed. ``source`` is a tree read before, else it is read now;
    ``report`` hears (step, done, total).
    Raises PermissionRefused, SourceMissing.
    """
    require(actor, Verb.PLACE_IMPORT, Scope())
    fingerprint = source_fingerprint() if source is None else None
    if fingerprint and (loaded := _loaded_from(fingerprint)):
        report("پایان", _STEP_COUNT, _STEP_COUNT)
        return loaded
    tree = source or read_national_tree(report=report)
    with transaction.atomic():
        lock_tree()
        before = {row.code: row for row in read_rows()}
        new = [row for row in tree.rows if row.code not in before]
        differing = [
            row for row in tree.rows if row.code in before and _differs(row, before[row.code])
        ]
        may_change = not Event.objects.filter(subject_type="place", kind=LIST_IMPORTED).exists()
        changed = differing if may_change else []
        result = _summary(
            tree.rows,
            inserted=len(new),
            changed=len(changed),
            left_alone=len(differing) - len(changed),
            city_population_proxy=tree.city_population_proxy,
        )
        if not result.is_unchanged:
            insert_places(rows=new, report=report)
            update_places(rows=changed, before=before)
            settle_tree()
            refresh_statistics()
            _record(actor, result, fingerprint)
    report("پایان", _STEP_COUNT, _STEP_COUNT)
    return result


def _differs(row: PlaceRow, existing: PlaceRow) -> bool:
    """Whether the source says something else; a sum follows from other rows."""
    return _said_by_source(row) != _said_by_source(existing) or (
        row.population != existing.population
        and row.population_source != PopulationSource.SUM.value
    )


def read_national_tree(
    *,
    report: Progress = unheard,
) -> NationalTree:
    """Read and join the sources in the installed packages. Raises SourceMissing."""
    report("خواندن فهرست رسمی", 0, _STEP_COUNT)
    places = read_official_list()
    report("خواندن مختصات", 1, _STEP_COUNT)
    gazetteer = read_gazetteer()
    report("جفت‌کردن نام‌ها", 2, _STEP_COUNT)
    return build_tree(places=places, gazetteer=gazetteer)


def _summary(rows: Iterable[PlaceRow], **counts: int) -> TreeLoad:
    rows = list(rows)
    kinds = Counter(row.kind for row in rows)
    points = Counter(row.point_source for row in rows)
    populations = Counter(row.population_source for row in rows)
    return TreeLoad(
        **{
            kind.value: kinds[kind.value]
            for kind in PlaceKind
            if kind is not PlaceKind.NEIGHBOURHOOD
        },
        points_published=points[PointSource.PUBLISHED.value],
        points_of_parent=points[PointSource.PARENT.value],
        populations_published=populations[PopulationSource.PUBLISHED.value],
        populations_proxy=populations[PopulationSource.PROXY.value],
        **counts,
    )


def source_fingerprint() -> str:
    """One hash over everything that the tree is made of: the packages' files, ours, the rules.
    Raises SourceMissing.
    """
    digest = hashlib.sha256(str(RULES_VERSION).encode())
    for path in (*official_list_files(), *gazetteer_files()):
        try:
            with path.open("rb") as file:
                digest.update(hashlib.file_digest(file, "sha256").digest())
        except OSError:
            raise SourceMissing(
                f"پروندهٔ {path.name} خوانده نمی‌شود؛ make setup را اجرا کنید."
            ) from None
    return f"sha256:{digest.hexdigest()[:48]}"


def _loaded_from(fingerprint: str) -> TreeLoad | None:
    """The last load, if it was of these very files: there is nothing to do, then."""
    last = Event.objects.filter(subject_type="place", kind=TREE_LOADED).order_by("-id").first()
    if last is None or last.payload.get("fingerprint") != fingerprint:
        return None
    counts = {field.name: last.payload[field.name] for field in fields(TreeLoad)}
    return TreeLoad(**(counts | {"inserted": 0, "changed": 0}))


def _record(actor: Actor, result: TreeLoad, fingerprint: str | None) -> None:
    record_event(
        kind=TREE_LOADED,
        subject_type="place",
        subject_id=Place.objects.only("id").get(code=COUNTRY_CODE).pk,
        actor_id=actor.person_id,
        payload=asdict(result) | {"fingerprint": fingerprint},
    )
