"""The catalogue of skills and areas: data files in, bits handed out."""

from __future__ import annotations

import csv
from collections.abc import Iterable
from datetime import datetime
from importlib import resources
from typing import Final

from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext as _

from salam.core.actors import Actor, Scope, require
from salam.core.errors import DomainError
from salam.core.events import record_event
from salam.core.quantities import to_signed
from salam.core.verbs import Verb
from salam.people.actions.locking import lock_intake
from salam.people.models import Area, Skill, VolunteerProfile

_WORD_BITS: Final = 64
# The words of needs keep the bit of a skill that was retired since: handed out again, an old need
# would ask for the new skill. Only who reads the needs, a room above, may set a retired bit free.
_BIT_COLUMNS: Final = ("code", "bit", "retired_bit")


class SkillNotActive(DomainError):
    code = "skill_not_active"

    def __init__(self) -> None:
        super().__init__(_("این مهارت دیگر در فهرست نیست."))


def load_catalogue(*, actor: Actor) -> int:
    """Add the shipped areas and skills that are not there yet; returns how many skills.

    Names that HQ has changed since are left alone. A skill whose bit in the file has been given to
    another takes the lowest free one, or waits without a bit. Writes one Event when anything was
    added.
    """
    require(actor, Verb.SKILL_EDIT, Scope())
    with transaction.atomic():
        areas = _load_areas()
        bits = {code: pair for code, *pair in Skill.objects.values_list(*_BIT_COLUMNS)}
        missing = [row for row in _rows("skills.csv") if row["code"] not in bits]
        free = _FreeBits(bit for pair in bits.values() for bit in pair)
        Skill.objects.bulk_create(
            Skill(
                code=row["code"],
                area=areas[row["area_code"]],
                name_fa=row["name_fa"],
                name_en=row["name_en"],
                bit=free.take(int(row["bit"])),
            )
            for row in missing
        )
        if missing:
            record_event(
                kind="people.catalogue_loaded",
                subject_type="people.Skill",
                subject_id=0,
                actor_id=actor.person_id,
                payload={"skill_count": len(missing)},
            )
    return len(missing)


def retire_skill(*, actor: Actor, code: str, now: datetime) -> Skill:
    """Take a skill out of use and set its bit aside; writes an Event that names the bit.

    The bit is cleared from every profile in the same transaction, while nobody registers: otherwise
    a skill that gets it one day would be claimed by people who never said so. No other skill gets
    it as long as it is a ``retired_bit``. Raises SkillNotActive.
    """
    del now
    require(actor, Verb.SKILL_EDIT, Scope())
    with transaction.atomic():
        lock_intake()
        skill = Skill.objects.select_for_update().filter(code=code, bit__isnull=False).first()
        if skill is None or skill.bit is None:
            raise SkillNotActive
        retired = skill.bit
        without = F("skill_bits").bitand(to_signed(((1 << 64) - 1) ^ (1 << retired)))
        VolunteerProfile.objects.exclude(skill_bits=without).update(skill_bits=without)
        skill.bit, skill.retired_bit = None, retired
        skill.save(update_fields=["bit", "retired_bit"])
        record_event(
            kind="people.skill_retired",
            subject_type="people.Skill",
            subject_id=skill.pk,
            actor_id=actor.person_id,
            payload={"bit": retired},
        )
    return skill


class _FreeBits:
    """The bits of a skill word that no skill has or had."""

    def __init__(self, taken: Iterable[int | None]) -> None:
        self._free = sorted(set(range(_WORD_BITS)) - set(taken))

    def take(self, wanted: int) -> int | None:
        if not self._free:
            return None
        bit = wanted if wanted in self._free else self._free[0]
        self._free.remove(bit)
        return bit


def _load_areas() -> dict[str, Area]:
    """The areas by code, locked: of two who load at once, one waits here."""
    Area.objects.bulk_create(
        (
            Area(
                number=int(row["number"]),
                code=row["code"],
                name_fa=row["name_fa"],
                name_en=row["name_en"],
            )
            for row in _rows("areas.csv")
        ),
        ignore_conflicts=True,
    )
    return {area.code: area for area in Area.objects.select_for_update().order_by("pk")}


def _rows(name: str) -> list[dict[str, str]]:
    text = (resources.files("salam.people") / "data" / name).read_text(encoding="utf-8")
    return list(csv.DictReader(text.splitlines()))
