"""Writing down needs, one or many, and closing them."""

from __future__ import annotations

from dataclasses import asdict, replace
from datetime import date
from typing import Any

import pytest
from django.db import connection

from salam.access.permissions import GrantedActor
from salam.access.queries import actor_for
from salam.core.actors import ConsoleOperator
from salam.core.errors import InvalidInput, PermissionRefused
from salam.core.models import Event
from salam.needs.actions import (
    NeedClosed,
    NeedsRefused,
    NewLine,
    NewNeed,
    close_need,
    forget,
    open_need,
    open_needs,
)
from salam.needs.actions.opening import ANALYZE_FROM
from salam.needs.enums import MinimumAge, NeedStatus, RequiredGender, Urgency
from salam.needs.models import Need, NeedLine
from salam.needs.queries import listed_by_person
from salam.organizations.enums import OrganizationStatus
from salam.organizations.models import Intermediary, Organization
from salam.people.enums import VettingTier
from salam.people.models import Person
from salam.places.models import Place
from tests.cast import DAY, NOW, Cast, make_cast, new_need

LINE = NewLine(half_day=3, skill_bits=1 << 2, headcount=2)


@pytest.fixture
def cast(db: None) -> Cast:
    return make_cast()


@pytest.fixture
def told(cast: Cast) -> NewNeed:
    return new_need(cast.places.here, broker(cast))


def broker(cast: Cast) -> Intermediary:
    return Intermediary.objects.get(organization=cast.offices.intermediary)


def acting(person: Person) -> GrantedActor:
    return actor_for(person_id=person.pk, at=NOW)


def write(actor: GrantedActor | ConsoleOperator, told: NewNeed) -> Need:
    values: dict[str, Any] = asdict(told) | {"lines": told.lines}
    return open_need(actor=actor, now=NOW, **values)


def said(cast: Cast, told: NewNeed) -> str:
    """The sentence by which a need is refused, alone and in a list; nothing is written."""
    actor = acting(cast.facilitator_here)
    with pytest.raises(InvalidInput) as one:
        write(actor, told)
    with pytest.raises(NeedsRefused) as many:
        open_needs(actor=actor, needs=[told], now=NOW)
    assert many.value.refusals[0].sentence == one.value.sentence
    assert not Need.objects.exists()
    return one.value.sentence


def test_facilitator_writes_down_a_need(cast: Cast, told: NewNeed) -> None:
    need = write(acting(cast.facilitator_here), replace(told, title="همراهي  با سالمندان"))

    need.refresh_from_db()
    assert (need.title, need.province_code) == ("همراهی با سالمندان", "23")
    assert (need.status, need.created_at) == (NeedStatus.OPEN, NOW)
    assert (need.listed_by_id, need.is_generated) == (cast.facilitator_here.pk, False)
    line = need.lines.get()
    assert (line.half_day, line.skill_bits, line.headcount, line.age_min) == (0, 4, 2, 18)
    event = Event.objects.get(kind="needs.need_opened")
    assert (event.subject_id, event.actor_id) == (need.pk, cast.facilitator_here.pk)
    assert event.payload == {
        "place_id": cast.places.here.pk,
        "intermediary_id": told.intermediary_id,
        "urgency": 3,
        "line_count": 1,
    }


def test_many_needs_are_written_like_one(cast: Cast, told: NewNeed) -> None:
    everything = replace(
        told,
        why="",
        urgency=Urgency.CRITICAL,
        lines=(
            NewLine(
                half_day=13,
                skill_bits=1,
                headcount=50,
                vetting_tier_min=VettingTier.PERSONAL_CARE,
                gender_required=RequiredGender.FEMALE,
                gender_basis="آیین‌نامهٔ شیرخوارگاه‌ها",
                age_min=MinimumAge.TWENTY_ONE,
            ),
            LINE,
        ),
    )
    one = write(ConsoleOperator(), everything)

    keys = open_needs(actor=ConsoleOperator(), needs=[told, everything], now=NOW, is_generated=True)

    def columns(need_id: int) -> tuple[object, object]:
        need = Need.objects.filter(pk=need_id).values().get()
        lines = NeedLine.objects.filter(need_id=need_id).order_by("half_day").values()
        own = {"id", "public_id", "need_id", "is_generated"}
        return (
            {name: value for name, value in need.items() if name not in own},
            [{name: v for name, v in line.items() if name not in own} for line in lines],
        )

    assert columns(keys[1]) == columns(one.pk)
    assert Need.objects.get(pk=keys[0]).title == told.title
    assert list(Need.objects.filter(is_generated=True).order_by("id")) == list(
        Need.objects.in_bulk(keys).values()
    )
    assert Event.objects.filter(kind="needs.need_opened").count() == 3
    assert open_needs(actor=ConsoleOperator(), needs=[], now=NOW) == []


def test_long_list_is_written_and_the_planner_learns_of_it(cast: Cast, told: NewNeed) -> None:
    keys = open_needs(actor=ConsoleOperator(), needs=[told] * ANALYZE_FROM, now=NOW)

    with connection.cursor() as cursor:
        cursor.execute("SELECT reltuples FROM pg_class WHERE relname = 'needs_needline'")
        counted = cursor.fetchone()
    assert len(keys) == NeedLine.objects.count() == ANALYZE_FROM
    assert counted == (ANALYZE_FROM,)


def test_list_names_every_wrong_row_and_writes_none(cast: Cast, told: NewNeed) -> None:
    rows = [told, replace(told, title=""), told, replace(told, people_served=0)]

    with pytest.raises(
        NeedsRefused, match=r"۲ ردیف پذیرفته نشد\. ردیف ۲: عنوان خالی است"
    ) as caught:
        open_needs(actor=acting(cast.facilitator_here), needs=rows, now=NOW)

    assert set(caught.value.refusals) == {1, 3}
    assert not Need.objects.exists()
    assert not Event.objects.filter(kind="needs.need_opened").exists()


def test_only_those_over_the_place_write(cast: Cast, told: NewNeed) -> None:
    others = (
        cast.volunteer,
        cast.facilitator_elsewhere,
        cast.officer,
        cast.centre_manager,
        cast.agency_reader,
        cast.outsider,
        cast.expired,
        cast.of_suspended_office,
    )

    for person in others:
        with pytest.raises(PermissionRefused):
            write(acting(person), told)
    far = replace(told, place_id=cast.places.elsewhere.pk)
    with pytest.raises(PermissionRefused):
        open_needs(actor=acting(cast.facilitator_here), needs=[told, far], now=NOW)
    with pytest.raises(PermissionRefused):
        write(ConsoleOperator(), replace(told, place_id=0))
    write(acting(cast.coordinator_above), told)


def test_place_is_where_people_live(cast: Cast, told: NewNeed) -> None:
    for place in (cast.places.county, cast.places.province, cast.places.country):
        with pytest.raises(InvalidInput, match="محله، روستا"):
            write(acting(cast.national), replace(told, place_id=place.pk))
    write(acting(cast.national), replace(told, place_id=cast.places.city.pk))


def test_place_that_is_no_more_is_refused(cast: Cast, told: NewNeed) -> None:
    Place.objects.filter(pk=cast.places.here.pk).update(valid_to=date(2026, 11, 22))

    assert "امروزی" in said(cast, told)


@pytest.mark.parametrize(
    "status",
    [OrganizationStatus.SUSPENDED, OrganizationStatus.LAPSED, OrganizationStatus.CLOSED],
)
def test_intermediary_must_be_active(
    cast: Cast,
    told: NewNeed,
    status: OrganizationStatus,
) -> None:
    Organization.objects.filter(pk=cast.offices.intermediary.pk).update(status=status)

    assert "واسط فعال نیست" in said(cast, told)


def test_agency_is_never_the_intermediary(cast: Cast, told: NewNeed) -> None:
    agency = Intermediary.objects.create(organization=cast.offices.agency, seats_weekly=9)

    assert "واسط فعال نیست" in said(cast, replace(told, intermediary_id=agency.pk))
    assert "واسط فعال نیست" in said(cast, replace(told, intermediary_id=0))


def test_texts_and_numbers_are_checked(cast: Cast, told: NewNeed) -> None:
    assert "عنوان بلندتر" in said(cast, replace(told, title="ن" * 121))
    assert "شرح نیاز خالی" in said(cast, replace(told, what=" "))
    assert "شرح نیاز شمارهٔ تلفن" in said(cast, replace(told, what="زنگ بزنید ۰۹۱۲ ۱۲۳ ۴۵۶۷"))
    assert "دلیل نیاز کد ملی" in said(cast, replace(told, why="برای 0013542419"))
    assert "نویسه‌هایی" in said(cast, replace(told, title="<b>نیاز</b>"))
    assert "فوریت" in said(cast, replace(told, urgency=6))  # type: ignore[arg-type]
    assert "بهره‌مندان" in said(cast, replace(told, people_served=0))
    assert "بهره‌مندان" in said(cast, replace(told, people_served=1_000_001))


def test_lines_are_checked(cast: Cast, told: NewNeed) -> None:
    def refused(*lines: NewLine) -> str:
        return said(cast, replace(told, lines=lines))

    assert "یک تا ۱۴ نوبت" in refused()
    many = [replace(LINE, half_day=n % 14, skill_bits=1 << (n % 3)) for n in range(15)]
    assert "یک تا ۱۴ نوبت" in refused(*many)
    assert "دو بار" in refused(LINE, LINE)
    assert "نیم‌روز" in refused(replace(LINE, half_day=14))
    assert "نیم‌روز" in refused(replace(LINE, half_day=-1))
    assert "از ۱ تا ۵۰" in refused(replace(LINE, headcount=0))
    assert "از ۱ تا ۵۰" in refused(replace(LINE, headcount=51))
    for skill_bits in (0, 1 << 63, 1 << 64, -(1 << 63) - 1):
        assert "یک مهارت" in refused(replace(LINE, skill_bits=skill_bits))
    assert "زبان" in refused(replace(LINE, language_bits=1))
    assert "سن" in refused(replace(LINE, age_min=16))  # type: ignore[arg-type]
    assert "سن" in refused(replace(LINE, vetting_tier_min=4))  # type: ignore[arg-type]


def test_gender_is_asked_for_on_a_legal_basis_only(cast: Cast, told: NewNeed) -> None:
    female = replace(LINE, gender_required=RequiredGender.FEMALE)

    assert "کدام قانون" in said(cast, replace(told, lines=[female]))
    with_phone = replace(female, gender_basis="بپرسید از 09121234567")
    assert "مبنای قانونی شمارهٔ تلفن" in said(cast, replace(told, lines=[with_phone]))
    unknown = replace(LINE, gender_required="other")  # type: ignore[arg-type]
    assert "فرقی ندارد" in said(cast, replace(told, lines=[unknown]))
    # A basis without a restriction is not kept.
    need = write(
        acting(cast.facilitator_here), replace(told, lines=[replace(LINE, gender_basis="بی‌ربط")])
    )
    assert need.lines.get().gender_basis == ""


def test_need_is_closed_once(cast: Cast, told: NewNeed) -> None:
    need = write(acting(cast.facilitator_here), told)

    for person in (cast.facilitator_elsewhere, cast.officer, cast.volunteer):
        with pytest.raises(PermissionRefused):
            close_need(actor=acting(person), need_id=need.pk, now=NOW + DAY)
    closed = close_need(actor=acting(cast.coordinator_above), need_id=need.pk, now=NOW + DAY)
    with pytest.raises(NeedClosed):
        close_need(actor=acting(cast.facilitator_here), need_id=need.pk, now=NOW + 2 * DAY)
    with pytest.raises(PermissionRefused):
        close_need(actor=acting(cast.national), need_id=0, now=NOW)

    assert (closed.status, closed.closed_at) == (NeedStatus.CLOSED, NOW + DAY)
    assert Event.objects.filter(kind="needs.need_closed").count() == 1


def test_who_listed_a_need_reads_it_in_the_export(cast: Cast, told: NewNeed) -> None:
    write(acting(cast.facilitator_here), told)

    held = listed_by_person(person_id=cast.facilitator_here.pk)
    forget(cast.facilitator_here.pk, NOW)

    assert held == {
        "needs_listed": [{"title": told.title, "created_at": NOW, "status": NeedStatus.OPEN}],
    }
    assert Need.objects.get().listed_by_id == cast.facilitator_here.pk
