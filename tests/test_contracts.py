"""The contracts between rooms: each is broken once on purpose, and only that one is seen broken.

What the import linter cannot see, relations between tables of two rooms, is checked here as well.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pytest
from django.apps import apps
from django.db import models
from django.test.utils import isolate_apps

from docs import draw

CHECKOUT: Final = Path(__file__).resolve().parents[1]
LINTER: Final = Path(sys.executable).with_name("lint-imports")
_VERDICT: Final = re.compile(r"^(.+) (KEPT|BROKEN)$", re.MULTILINE)


@dataclass(frozen=True)
class Planted:
    """An import that breaks one contract, and words of the linter's complaint about it."""

    contract: str
    path: str
    line: str
    complaint: str


PLANTED: Final = (
    Planted(
        contract="Rooms flow one way",
        path="salam/places/planted.py",
        line="import salam.people.enums",
        complaint="salam.places.planted -> salam.people.enums",
    ),
    # A room that has no place in the layers: every new one must be given its own.
    Planted(
        contract="Rooms flow one way",
        path="salam/attic/__init__.py",
        line="",
        complaint="attic",
    ),
    # Through another file of the room: a detour counts too.
    Planted(
        contract="Inside a room",
        path="salam/programmes/detour.py",
        line="import salam.programmes.actions",
        complaint="salam.programmes.queries -> salam.programmes.detour",
    ),
    Planted(
        contract="Engine is pure",
        path="salam/engine/planted.py",
        line="import django",
        complaint="salam.engine.planted -> django",
    ),
    Planted(
        contract="Only matching and the command line touch the engine",
        path="salam/needs/planted.py",
        line="import salam.engine.rules",
        complaint="salam.needs.planted -> salam.engine",
    ),
    Planted(
        contract="The vault is written by people and opened by access",
        path="salam/matching/planted.py",
        line="import salam.people.vault.queries",
        complaint="salam.matching.planted -> salam.people.vault",
    ),
    Planted(
        contract="Surfaces never touch tables",
        path="salam/web/public/planted.py",
        line="import salam.people.models",
        complaint="salam.web.public.planted -> salam.people.models",
    ),
)
# What leads into a planted file, where the file alone breaks nothing.
DOOR: Final = {"salam/programmes/detour.py": ("queries.py", "import salam.programmes.detour\n")}


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """The package and its contracts, to be broken."""
    shutil.copytree(
        CHECKOUT / "salam",
        tmp_path / "salam",
        ignore=lambda _folder, names: [
            name for name in names if "." in name and not name.endswith(".py")
        ],
    )
    shutil.copy(CHECKOUT / "pyproject.toml", tmp_path)
    return tmp_path


def verdicts(folder: Path) -> tuple[Mapping[str, str], str]:
    """What the linter says of each contract, and all it printed."""
    done = subprocess.run(
        [LINTER, "--no-cache", "--no-logo"],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    told = done.stdout + done.stderr
    found = dict(_VERDICT.findall(told))
    assert (done.returncode == 0) == ({*found.values()} == {"KEPT"}), told
    return found, told


def test_our_rooms_keep_every_contract(copy: Path) -> None:
    found, told = verdicts(copy)

    assert found == dict.fromkeys(contract_names(), "KEPT"), told


@pytest.mark.parametrize("planted", PLANTED, ids=lambda planted: planted.path)
def test_a_planted_import_breaks_its_contract(copy: Path, planted: Planted) -> None:
    path = copy / planted.path
    path.parent.mkdir(exist_ok=True)
    path.write_text(f"{planted.line}\n", encoding="utf-8")
    if planted.path in DOOR:
        name, line = DOOR[planted.path]
        with (path.parent / name).open("a", encoding="utf-8") as file:
            file.write(line)

    found, told = verdicts(copy)

    broken = {name for name, verdict in found.items() if verdict == "BROKEN"}
    assert broken == {planted.contract}, told
    assert planted.complaint in told


def test_every_contract_is_planted() -> None:
    assert {planted.contract for planted in PLANTED} == contract_names()


def contract_names() -> set[str]:
    with (CHECKOUT / "pyproject.toml").open("rb") as file:
        contracts = tomllib.load(file)["tool"]["importlinter"]["contracts"]
    return {contract["name"] for contract in contracts}


@dataclass(frozen=True)
class Relation:
    """One foreign key, one-to-one or many-to-many; rooms are the second part of module paths."""

    name: str
    source: str
    target: str
    is_hidden: bool

    @property
    def crosses(self) -> bool:
        return self.source != self.target


def relations(classes: Iterable[type[models.Model]]) -> list[Relation]:
    return [
        Relation(
            name=f"{model._meta.label}.{one.name}",
            source=model.__module__.split(".")[1],
            target=one.related_model.__module__.split(".")[1],
            is_hidden=one.remote_field.hidden,
        )
        for model in classes
        if model.__module__.startswith("salam.")
        for one in (*model._meta.local_fields, *model._meta.local_many_to_many)
        if one.is_relation
    ]


def uphill(found: Iterable[Relation]) -> list[str]:
    """Relations to a room that is not below: above it, or beside it."""
    depth = {room: rank for rank, layer in enumerate(draw.layers()) for room in layer}
    return [one.name for one in found if one.crosses and depth[one.target] <= depth[one.source]]


def seen_from_below(found: Iterable[Relation]) -> list[str]:
    """Relations that give the lower room a way up (``person.need_set``)."""
    return [one.name for one in found if one.crosses and not one.is_hidden]


def planted_relations() -> list[Relation]:
    """A place that points up at people; one relation lets them see it."""
    with isolate_apps("salam.people", "salam.places"):

        class Person(models.Model):
            __module__ = "salam.people.models"

            class Meta:
                app_label = "people"

        class Planted(models.Model):
            __module__ = "salam.places.models"
            mayor = models.ForeignKey(Person, models.CASCADE, related_name="places")
            guests = models.ManyToManyField(Person, related_name="+")

            class Meta:
                app_label = "places"

        return relations([Person, Planted])


def test_relations_point_down() -> None:
    assert uphill(relations(apps.get_models())) == []
    assert uphill(planted_relations()) == ["places.Planted.mayor", "places.Planted.guests"]


def test_relations_between_rooms_have_no_way_up() -> None:
    assert seen_from_below(relations(apps.get_models())) == []
    assert seen_from_below(planted_relations()) == ["places.Planted.mayor"]
