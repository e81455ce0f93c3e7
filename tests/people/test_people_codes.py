"""A volunteer's code: read out, typed in any way, and of one living record alone."""

from __future__ import annotations

from uuid import UUID

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from salam.core.errors import InvalidInput
from salam.core.text import persian_digits
from salam.people.codes import code_of, normalise_code, person_of_code
from salam.people.models import Person
from tests.cast import NOW, make_person

pytestmark = pytest.mark.django_db


def code_for(person: Person) -> str:
    return normalise_code(code_of(public_id=person.public_id))


def test_a_code_leads_back_to_its_person_in_one_query() -> None:
    first, second = make_person(), make_person()

    with CaptureQueriesContext(connection) as caught:
        found = person_of_code(code=code_for(first))

    assert found == first.pk
    assert person_of_code(code=code_for(second)) == second.pk
    assert len(caught) == 1


@pytest.mark.parametrize("number", [0, (1 << 128) - 1, 1 << 80])
def test_a_code_has_three_groups_of_five_digits_at_both_ends(number: int) -> None:
    code = code_of(public_id=UUID(int=number))

    assert [len(group) for group in code.split(" ")] == [5, 5, 5]
    assert int(code.replace(" ", "")) == number >> 80


def test_any_digits_and_groups_are_read() -> None:
    for typed in ("04730-79004 10126", persian_digits("047307900410126"), " ٠٤٧٣٠٧٩٠٠٤١٠١٢٦ "):
        assert normalise_code(typed) == "047307900410126"


@pytest.mark.parametrize("typed", ["", "12345", "0" * 16, "04730790041012x", "0912 345 6789"])
def test_what_is_no_code_is_told_so(typed: str) -> None:
    with pytest.raises(InvalidInput):
        normalise_code(typed)


def test_nobody_stands_behind_a_wrong_a_forgotten_or_a_doubled_code() -> None:
    person = make_person()
    code = code_for(person)

    assert person_of_code(code="9" * 15) is None
    assert person_of_code(code="0" * 15) is None
    twin = make_person()
    Person.objects.filter(pk=twin.pk).update(public_id=UUID(int=person.public_id.int ^ 1))
    assert person_of_code(code=code) is None
    Person.objects.filter(pk=twin.pk).update(forgotten_at=NOW)
    assert person_of_code(code=code) == person.pk
    Person.objects.filter(pk=person.pk).update(forgotten_at=NOW)
    assert person_of_code(code=code) is None


def test_the_code_of_a_merged_record_leads_to_its_successor() -> None:
    old, new = make_person(), make_person()
    Person.objects.filter(pk=old.pk).update(merged_into=new)

    assert person_of_code(code=code_for(old)) == new.pk
