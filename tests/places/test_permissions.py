"""Every verb of the room over the actors that matter: holder here, above, elsewhere, other verb."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from salam.core.actors import Actor, Stranger
from salam.core.errors import PermissionRefused
from salam.core.verbs import Verb
from salam.places.actions import (
    add_to_target_list,
    create_neighbourhood,
    create_target_list,
    import_places,
    load_tree,
    remove_from_target_list,
)
from salam.places.models import Place, TargetList, TargetListPlace
from tests.places.conftest import ON, TEHRAN, HolderOf

Attempt = Callable[[Actor, Path], object]


def _neighbourhood(actor: Actor, _path: Path) -> object:
    return create_neighbourhood(
        actor=actor, parent_code=TEHRAN, name="نارمک", latitude=35.7, longitude=51.4, on=ON
    )


def _list(actor: Actor, _path: Path) -> object:
    return create_target_list(actor=actor, code="new-list", name="تازه")


def _add(actor: Actor, _path: Path) -> object:
    return add_to_target_list(actor=actor, list_code="listed", place_codes=[TEHRAN], on=ON)


def _remove(actor: Actor, _path: Path) -> object:
    remove_from_target_list(actor=actor, list_code="kept", place_code=TEHRAN, on=ON)
    return None


def _import(actor: Actor, path: Path) -> object:
    return import_places(actor=actor, path=path, on=ON)


def _load(actor: Actor, _path: Path) -> object:
    return load_tree(actor=actor)


HERE, ABOVE, COUNTRY, ELSEWHERE = f"ir.23.2301.230102.{TEHRAN}", "ir.23", "ir", "ir.00"


@pytest.mark.parametrize(
    "case",
    [
        (Verb.PLACE_EDIT, _neighbourhood, {HERE, ABOVE, COUNTRY}),
        (Verb.TARGET_LIST_EDIT, _list, {COUNTRY}),
        (Verb.TARGET_LIST_EDIT, _add, {HERE, ABOVE, COUNTRY}),
        (Verb.TARGET_LIST_EDIT, _remove, {HERE, ABOVE, COUNTRY}),
        (Verb.PLACE_IMPORT, _import, {COUNTRY}),
    ],
)
@pytest.mark.parametrize("path", [HERE, ABOVE, COUNTRY, ELSEWHERE])
def test_verb_counts_only_over_its_path(
    tree: dict[str, Place],
    write_csv: Callable[..., Path],
    case: tuple[Verb, Attempt, set[str]],
    path: str,
) -> None:
    verb, attempt, allowed = case
    _lists(tree)
    file = write_csv(["2303", "شمیرانات", "شهرستان", "23", "", "", "", ""])

    if path in allowed:
        attempt(HolderOf(frozenset({verb}), path), file)
    else:
        with pytest.raises(PermissionRefused):
            attempt(HolderOf(frozenset({verb}), path), file)
    with pytest.raises(PermissionRefused):
        attempt(HolderOf(frozenset(Verb) - {verb}), file)
    with pytest.raises(PermissionRefused):
        attempt(Stranger(), file)


@pytest.mark.parametrize(
    "actor",
    [
        Stranger(),
        HolderOf(frozenset(Verb) - {Verb.PLACE_IMPORT}),
        HolderOf(frozenset(Verb), path="ir.23"),
    ],
)
def test_only_the_whole_country_loads_the_tree(db: None, actor: Actor) -> None:
    with pytest.raises(PermissionRefused):
        _load(actor, Path())

    assert not Place.objects.exists()


def _lists(tree: dict[str, Place]) -> None:
    TargetList.objects.create(code="listed", name="فهرست")
    kept = TargetList.objects.create(code="kept", name="فهرست")
    TargetListPlace.objects.create(target_list=kept, place=tree[TEHRAN], added_on=ON)
