"""The intermediary's screens over HTTP."""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterator

import pytest
import time_machine
from django.contrib.sessions.models import Session as WebSession
from django.test import Client

from salam.access.enums import Role
from salam.access.models import Disclosure
from salam.core.models import Event
from salam.organizations.enums import OrganizationStatus
from salam.service.enums import AssignmentStatus, OfferStatus, SessionStatus
from salam.service.models import Assignment, Hours, Offer, Session
from salam.timebank.queries import audit, person_hours
from tests.cast import NOW, make_grant
from tests.service.worlds import AGREED, WEEK, ServiceWorld
from tests.web.login import log_in
from tests.web.test_web_public import text_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("a_week_later")]
# Session, login, actor; offices; three lists; four counts of the queue.
DESK_QUERIES = 11
# Session, login, actor; offices, count, rows.
LIST_QUERIES = 6


@pytest.fixture
def a_week_later() -> Iterator[None]:
    """The first session of every assignment of the world has come."""
    with time_machine.travel(NOW + WEEK, tick=False):
        yield


@pytest.fixture
def world() -> ServiceWorld:
    return ServiceWorld()


@pytest.fixture
def officer(world: ServiceWorld, client: Client) -> Client:
    log_in(client, world.cast.officer, second_factor=True)
    return client


def more_assignments(world: ServiceWorld, count: int) -> list[Assignment]:
    """So many more people, each on a line of a need of their own."""
    made = []
    for number in range(count):
        world.need_id = world.need(title=f"نیاز دیگر {number}")
        world.person_id = world.volunteer(consents=AGREED)
        made.append(world.assignment())
    return made


def review(session: Session, minutes: str, **changes: str) -> dict[str, object]:
    """A post of one ticked row."""
    key = str(session.public_id)
    return {"action": "review", "chosen": [key], f"minutes_{key}": minutes} | changes


def test_the_desk_tells_what_waits_and_no_name_before_a_yes(officer, world) -> None:
    world.reported(duration_minutes=150)
    other = world.volunteer(consents=AGREED, given_name="نیایش", family_name="ناپیدا")
    world.need_id = world.need(title="آموزش خواندن")
    world.offer(person_id=other)

    text = text_of(officer.get("/intermediary/"))

    assert "سارا یکتا" in text
    assert "۲ ساعت و ۳۰ دقیقه" in text
    assert "آموزش خواندن" in text
    assert "ناپیدا" not in text + text_of(officer.get("/intermediary/offers/"))


def test_another_office_sees_nothing_of_it(client, world) -> None:
    session = world.reported()
    assignment, offer = Assignment.objects.get(), Offer.objects.get()
    log_in(client, world.cast.other_officer, second_factor=True)

    lists = [
        text_of(client.get(f"/intermediary/{name}"))
        for name in ("", "offers/", "assignments/", "hours/", "hours/confirmed/")
    ]
    addresses = (
        f"assignments/{assignment.public_id}/",
        f"assignments/{assignment.public_id}/pause/",
        f"assignments/{assignment.public_id}/resume/",
        f"assignments/{assignment.public_id}/end/",
        f"offers/{offer.public_id}/withdraw/",
        f"sessions/{session.public_id}/cancel/",
        f"sessions/{session.public_id}/reverse/",
    )
    asked = [client.get(f"/intermediary/{address}") for address in addresses]
    sent = [
        client.post(f"/intermediary/{address}", {"reason": "completed"})
        for address in addresses[1:]
    ]
    looked = client.post(
        f"/intermediary/assignments/{assignment.public_id}/contact/", {"field": "phone"}
    )
    missing = client.get(f"/intermediary/assignments/{uuid.uuid4()}/")

    assert not any("یکتا" in text for text in lists)
    assert {page.status_code for page in (*asked, *sent, looked, missing)} == {404}
    assert {text_of(page) for page in (*asked, *sent, looked)} == {text_of(missing)}
    assert Disclosure.objects.count() == 0
    assert Assignment.objects.get().status == AssignmentStatus.ACTIVE


@pytest.mark.parametrize("who", ["facilitator_here", "national", "centre_manager"])
def test_other_staff_find_no_such_page(client, world, who) -> None:
    assignment = world.assignment()
    log_in(client, getattr(world.cast, who), second_factor=True)

    addresses = ("", "hours/", "assignments/", f"assignments/{assignment.public_id}/")
    pages = [client.get(f"/intermediary/{address}") for address in addresses]

    assert {page.status_code for page in pages} == {404}


def test_a_suspended_office_looks_as_if_there_were_nothing(officer, world) -> None:
    assignment = world.assignment()
    world.cast.offices.intermediary.status = OrganizationStatus.SUSPENDED
    world.cast.offices.intermediary.save()

    pages = [
        officer.get("/intermediary/"),
        officer.get(f"/intermediary/assignments/{assignment.public_id}/"),
        officer.post(
            f"/intermediary/assignments/{assignment.public_id}/contact/", {"field": "phone"}
        ),
    ]

    assert {page.status_code for page in pages} == {404}
    assert Disclosure.objects.count() == 0


def test_a_number_is_shown_once_logged_and_kept_nowhere(world, officer) -> None:
    world.person_id = world.volunteer(consents=AGREED, phone="+989127754318")
    assignment = world.assignment()
    page = f"/intermediary/assignments/{assignment.public_id}/"

    before = officer.get(page).content.decode()
    opened = officer.post(f"{page}contact/", {"field": "phone"})
    after = officer.get(page).content.decode()

    disclosure = Disclosure.objects.get()
    shown = opened.content.decode()
    assert 'href="tel:+989127754318"' in shown
    assert ">09127754318<" in shown
    assert "این نگاه با نام شما ثبت شد" in shown
    assert "no-store" in opened.headers["Cache-Control"]
    assert (disclosure.person_id, disclosure.viewer) == (world.person_id, world.cast.officer)
    assert "9127754318" not in before + after
    stored = [session.get_decoded() for session in WebSession.objects.all()]
    payloads = list(Event.objects.values_list("payload", flat=True))
    assert "9127754318" not in repr(stored) + repr(payloads)


def test_a_missing_national_id_gets_a_sentence_and_no_trace(world, officer) -> None:
    assignment = world.assignment()

    response = officer.post(
        f"/intermediary/assignments/{assignment.public_id}/contact/", {"field": "national_id"}
    )

    assert response.status_code == 200
    assert "اکنون نمی‌توانیم نشان بدهیم" in text_of(response)
    assert Disclosure.objects.count() == 0


def test_a_paused_assignment_keeps_the_number_shut(world, officer) -> None:
    assignment = world.assignment()
    page = f"/intermediary/assignments/{assignment.public_id}/"
    officer.post(f"{page}pause/")

    response = officer.post(f"{page}contact/", {"field": "phone"})

    assert "در درنگ است" in text_of(response)
    assert Disclosure.objects.count() == 0


@pytest.mark.parametrize("field", ["", "address", "passport", "made up"])
def test_no_other_field_can_be_asked_for(world, officer, field) -> None:
    assignment = world.assignment()

    response = officer.post(
        f"/intermediary/assignments/{assignment.public_id}/contact/", {"field": field}
    )

    assert response.status_code == 404
    assert Disclosure.objects.count() == 0


def test_a_look_needs_the_token_of_the_form(world) -> None:
    assignment = world.assignment()
    client = Client(enforce_csrf_checks=True)
    log_in(client, world.cast.officer, second_factor=True)
    address = f"/intermediary/assignments/{assignment.public_id}/contact/"

    assert client.post(address, {"field": "phone"}).status_code == 403
    assert client.get(address).status_code == 405


def test_hours_are_read_back_and_then_stand_in_the_bank(officer, world) -> None:
    session = world.reported(duration_minutes=150)

    listed = officer.get("/intermediary/hours/").content.decode()
    asked = officer.post("/intermediary/hours/", review(session, "۲:۳۰"))
    between = Hours.objects.count()
    hidden = re.findall(r'type="hidden" name="([^"]+)" value="([^"]*)"', asked.content.decode())
    done = officer.post("/intermediary/hours/", dict(hidden), follow=True)

    assert f'name="minutes_{session.public_id}"' in listed
    assert 'value="۲:۳۰"' in listed
    assert "سارا یکتا" in text_of(asked)
    assert "۲ ساعت و ۳۰ دقیقه" in text_of(asked)
    assert between == 0
    assert person_hours(person_id=world.person_id).balance_minutes == 150
    assert "۱ نوبت تأیید شد" in text_of(done)
    assert {line.breach_count for line in audit()} == {0}


def test_a_second_press_posts_nothing_twice(officer, world) -> None:
    session = world.reported()
    values = review(session, "150", action="confirm")

    officer.post("/intermediary/hours/", values)
    again = officer.post("/intermediary/hours/", values, follow=True)

    assert Hours.objects.count() == 1
    assert "۱ نوبت تأیید شد" in text_of(again)


def test_a_colleague_who_was_quicker_is_told_kindly(officer, world) -> None:
    session = world.reported()
    officer.post("/intermediary/hours/", review(session, "60", action="confirm"))

    late_review = officer.post("/intermediary/hours/", review(session, "90"))
    late_confirm = officer.post("/intermediary/hours/", review(session, "90", action="confirm"))

    assert "شاید همکارتان زودتر رسیده است" in text_of(late_review)
    assert "پیش‌تر با مدت دیگری تأیید شده است" in text_of(late_confirm)
    assert [hours.duration_minutes for hours in Hours.objects.all()] == [60]


def test_one_wrong_row_keeps_the_others_as_typed(officer, world) -> None:
    world.reported()
    more_assignments(world, 1)
    right, wrong = Session.objects.filter(happens_on__lte=(NOW + WEEK).date()).order_by("pk")
    values = {
        "action": "review",
        "chosen": [str(right.public_id), str(wrong.public_id)],
        f"minutes_{right.public_id}": "۱:۴۵",
        f"minutes_{wrong.public_id}": "سه",
    }

    page = officer.post("/intermediary/hours/", values).content.decode()

    assert Hours.objects.count() == 0
    assert page.count("field__error") == 1
    assert 'value="۱:۴۵"' in page
    assert 'value="سه"' in page
    assert len(re.findall(r'name="chosen"[^>]* checked', page)) == 2


@pytest.mark.parametrize("typed", ["", "3", "0", "0:00", "13 ساعت", "721", "abc", "-5"])
def test_minutes_that_cannot_be_meant_are_asked_again(officer, world, typed) -> None:
    session = world.reported()

    page = officer.post("/intermediary/hours/", review(session, typed, action="confirm"))

    assert page.status_code == 200
    assert "field__error" in page.content.decode()
    assert Hours.objects.count() == 0


def test_nothing_chosen_is_said(officer, world) -> None:
    world.reported()

    page = officer.post("/intermediary/hours/", {"action": "review"})

    assert "انتخاب کنید" in text_of(page)


def test_a_foreign_session_cannot_be_slipped_in(client, world) -> None:
    session = world.reported()
    log_in(client, world.cast.other_officer, second_factor=True)

    page = client.post("/intermediary/hours/", review(session, "60", action="confirm"))

    assert Hours.objects.count() == 0
    assert "یکتا" not in text_of(page)


def test_hours_are_taken_back_with_a_reason_and_confirmed_anew(officer, world) -> None:
    world.confirmed(duration_minutes=600)
    session = Session.objects.get(status=SessionStatus.CONFIRMED)
    address = f"/intermediary/sessions/{session.public_id}/reverse/"

    without_reason = officer.post(address, {})
    between = Hours.objects.filter(reversed_at__isnull=False).count()
    officer.post(address, {"reason": "wrong_minutes"})
    again = officer.post(address, {"reason": "wrong_minutes"}, follow=True)
    officer.post("/intermediary/hours/", review(session, "60", action="confirm"))

    assert "به «چرا برمی‌گردانید؟» پاسخ دهید" in text_of(without_reason)
    assert between == 0
    assert "پیش‌تر برگشت خورده" in text_of(again)
    assert person_hours(person_id=world.person_id).balance_minutes == 60
    assert "۱ ساعت" in text_of(officer.get("/intermediary/hours/confirmed/"))


def test_pause_asks_no_reason_and_goes_on_again(officer, world) -> None:
    assignment = world.assignment()
    page = f"/intermediary/assignments/{assignment.public_id}/"

    asked = officer.get(f"{page}pause/")
    officer.post(f"{page}pause/")
    twice = officer.post(f"{page}pause/", follow=True)
    paused = Assignment.objects.get().status
    officer.post(f"{page}resume/")

    assert "دلیلی پرسیده نمی‌شود" in text_of(asked)
    assert "<select" not in asked.content.decode()
    assert "اکنون در جریان نیست" in text_of(twice)
    assert paused == AssignmentStatus.PAUSED
    assert Assignment.objects.get().status == AssignmentStatus.ACTIVE


def test_ending_wants_a_reason_about_the_post(officer, world) -> None:
    assignment = world.assignment()
    address = f"/intermediary/assignments/{assignment.public_id}/end/"

    refused = officer.post(address, {"reason": "volunteer_left"})
    still = Assignment.objects.get().status
    officer.post(address, {"reason": "completed"})

    assert "field__error" in refused.content.decode()
    assert still == AssignmentStatus.ACTIVE
    assert Assignment.objects.get().end_reason == "completed"


def test_a_date_is_planned_and_a_wrong_one_stays_with_its_sentence(officer, world) -> None:
    assignment = world.assignment()
    address = f"/intermediary/assignments/{assignment.public_id}/plan/"
    day = {"happens_on_day": "۲۰", "happens_on_month": "9", "happens_on_year": "۱۴۰۵"}

    wrong = officer.post(address, day | {"happens_on_year": "۱۴۱۰"})
    officer.post(address, day)
    officer.post(address, day)

    assert "میان آغاز و پایان همکاری" in text_of(wrong)
    assert 'value="۱۴۱۰"' in wrong.content.decode()
    assert Session.objects.filter(happens_on="2026-12-11").count() == 1


def test_a_session_is_not_held_and_the_next_one_comes(officer, world) -> None:
    session = world.session()

    officer.post(f"/intermediary/sessions/{session.public_id}/cancel/")

    states = Session.objects.order_by("happens_on").values_list("status", flat=True)
    assert list(states) == [SessionStatus.CANCELLED, SessionStatus.PLANNED]


def test_an_offer_is_taken_back_once(officer, world) -> None:
    offer = world.offer()
    address = f"/intermediary/offers/{offer.public_id}/withdraw/"

    asked = officer.get(address)
    officer.post(address)
    again = officer.post(address, follow=True)

    assert "یکتا" not in text_of(asked)
    assert Offer.objects.get().status == OfferStatus.WITHDRAWN
    assert "دیگر در انتظار پاسخ نیست" in text_of(again)


def test_whoever_works_for_two_offices_sees_which_row_is_whose(officer, world) -> None:
    world.reported()
    one_office = text_of(officer.get("/intermediary/hours/"))
    make_grant(
        world.cast.officer,
        Role.INTERMEDIARY_OFFICER,
        world.cast.offices.other_intermediary,
    )

    two_offices = text_of(officer.get("/intermediary/hours/"))

    assert "مؤسسهٔ مهر" not in one_office
    assert "مؤسسهٔ مهر" in two_offices


def test_lists_of_people_cannot_be_taken_along(officer, world) -> None:
    world.reported()

    for name in ("assignments/", "hours/", "offers/", "hours/confirmed/"):
        response = officer.get(f"/intermediary/{name}", {"export": "csv"})
        assert response.headers["Content-Type"].startswith("text/html"), name
        assert "listing__export" not in response.content.decode(), name


def test_pages_cost_the_same_with_one_row_and_with_three(
    officer,
    world,
    django_assert_num_queries,
) -> None:
    world.reported()
    officer.get("/intermediary/")  # The first visit of a day keeps the session alive.
    for _ in range(2):
        with django_assert_num_queries(DESK_QUERIES):
            officer.get("/intermediary/")
        for name in ("assignments/", "hours/"):
            with django_assert_num_queries(LIST_QUERIES):
                officer.get(f"/intermediary/{name}")
        more_assignments(world, 2)
