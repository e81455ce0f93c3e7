from __future__ import annotations

import pytest

from salam.core.actors import Stranger
from salam.core.errors import PermissionRefused
from salam.core.models import Event
from salam.core.quantities import bits_of, numbers_of, to_signed, to_unsigned
from salam.people.actions import load_catalogue, retire_skill
from salam.people.actions.catalogue import SkillNotActive
from salam.people.models import Area, Skill, VolunteerProfile
from salam.people.queries import list_active_skills, list_areas
from tests.cast import NOW, Tree
from tests.people.intake import OPERATOR, registered


def catalogue() -> tuple[list[tuple[object, ...]], list[tuple[object, ...]]]:
    return (
        list(Area.objects.order_by("number").values_list()),
        list(Skill.objects.order_by("code").values_list()),
    )


@pytest.mark.django_db
def test_the_catalogue_has_60_skills_in_13_areas() -> None:
    assert load_catalogue(actor=OPERATOR) == 60

    skills = list_active_skills()
    bits = [skill.bit for skill in skills]
    assert (len(bits), len(set(bits))) == (60, 60)
    assert all(0 <= bit < 64 for bit in bits)
    assert [area.number for area in list_areas()] == list(range(1, 14))
    assert {skill.area_number for skill in skills} == set(range(1, 14))
    assert all(skill.name_fa and skill.name_en for skill in skills)
    assert sum(skill.is_language for skill in skills) == 8


@pytest.mark.django_db
def test_loading_twice_changes_nothing() -> None:
    load_catalogue(actor=OPERATOR)
    before = catalogue()

    assert load_catalogue(actor=OPERATOR) == 0

    assert catalogue() == before
    assert Event.objects.get(kind="people.catalogue_loaded").payload == {"skill_count": 60}


@pytest.mark.django_db
def test_names_changed_since_are_left_alone() -> None:
    load_catalogue(actor=OPERATOR)
    Skill.objects.filter(code="cooking").update(name_fa="آشپزی خانگی")
    Area.objects.filter(number=1).update(name_fa="کودکان")

    load_catalogue(actor=OPERATOR)

    assert Skill.objects.get(code="cooking").name_fa == "آشپزی خانگی"
    assert Area.objects.get(number=1).name_fa == "کودکان"


@pytest.mark.django_db
def test_a_bit_given_to_another_skill_is_not_taken_from_it() -> None:
    load_catalogue(actor=OPERATOR)
    area = Area.objects.get(number=1)
    Skill.objects.filter(code__in=["cooking", "driving"]).delete()
    Skill.objects.create(code="knitting", area=area, name_fa="بافندگی", name_en="Knitting", bit=42)
    for bit in (60, 61, 62, 63):
        Skill.objects.create(code=f"s{bit}", area=area, name_fa="م", name_en="s", bit=bit)

    assert load_catalogue(actor=OPERATOR) == 2

    bits = dict(Skill.objects.values_list("code", "bit"))
    assert (bits["knitting"], bits["driving"], bits["cooking"]) == (42, 41, None)


@pytest.mark.parametrize("code", ["storytelling", "language_english"])
def test_a_retired_skill_frees_its_bit_everywhere(tree: Tree, code: str) -> None:
    bit = Skill.objects.get(code=code).bit
    assert bit is not None
    everything = (1 << 60) - 1
    people = [
        registered(tree.here, skill_bits=word)
        for word in (everything, 1 << bit, everything ^ 1 << bit, 0)
    ]
    VolunteerProfile.objects.filter(person=people[1]).update(
        skill_bits=to_signed(1 << 63 | 1 << bit),
    )

    retired = retire_skill(actor=OPERATOR, code=code, now=NOW)

    assert (retired.bit, retired.retired_bit) == (None, bit)
    words = [
        to_unsigned(word)
        for word in VolunteerProfile.objects.order_by("person_id").values_list(
            "skill_bits",
            flat=True,
        )
    ]
    others = everything ^ 1 << bit
    assert words == [others, 1 << 63, others, 0]
    assert bit not in numbers_of(bits_of(skill.bit for skill in list_active_skills()))
    assert Event.objects.get(kind="people.skill_retired").payload == {"bit": bit}


def test_a_retired_skill_stays_retired(tree: Tree) -> None:
    retire_skill(actor=OPERATOR, code="cooking", now=NOW)

    assert load_catalogue(actor=OPERATOR) == 0
    for code in ("cooking", "unheard_of"):
        with pytest.raises(SkillNotActive):
            retire_skill(actor=OPERATOR, code=code, now=NOW)


def test_a_retired_bit_is_not_handed_out_again(tree: Tree) -> None:
    Skill.objects.filter(code="driving").delete()
    retire_skill(actor=OPERATOR, code="cooking", now=NOW)
    retire_skill(actor=OPERATOR, code="storytelling", now=NOW)
    Skill.objects.filter(code="language_english").update(bit=41)

    load_catalogue(actor=OPERATOR)

    # Bit 41 is the file's; those of the retired stand in needs that are still open.
    driving = Skill.objects.get(code="driving").bit
    assert driving not in {None, 41}
    assert driving not in set(Skill.objects.values_list("retired_bit", flat=True))


@pytest.mark.django_db
def test_the_catalogue_is_national() -> None:
    with pytest.raises(PermissionRefused):
        load_catalogue(actor=Stranger())
    with pytest.raises(PermissionRefused):
        retire_skill(actor=Stranger(), code="cooking", now=NOW)
