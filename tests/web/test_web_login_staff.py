"""The second factor, who counts as staff at this instant, and the catalogues behind both."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from allauth.mfa.models import Authenticator
from django.contrib import admin
from django.contrib.auth.models import AnonymousUser
from django.test import Client, RequestFactory
from django.utils import timezone

from salam.access.actions import give_login, reset_second_factor
from salam.access.enums import Role
from salam.access.models import Grant
from salam.access.queries import actor_for
from salam.access.sealing import Purpose, open_text, seal_text
from salam.core.actors import Stranger
from salam.core.errors import PermissionRefused
from salam.organizations.enums import OrganizationStatus
from salam.people.models import Person, Skill
from salam.web.accounts.sessions import STAFF_SECONDS
from salam.web.gate import staff_required
from tests.cast import NOW, make_grant
from tests.people.intake import OPERATOR, registered
from tests.web.door import PHONE, SECRET, app_code, enter, give_app, is_logged_in
from tests.web.login import log_in, login_for

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("home")]


@pytest.fixture
def clerk(cast) -> Person:
    """A facilitator who has a phone in the vault."""
    person = registered(cast.places.here, phone=PHONE)
    make_grant(person, Role.FACILITATOR, cast.offices.centre, cast.places.here)
    return person


def gate_of(client: Client) -> str:
    """What the gate says to whoever holds this client's session."""
    request = client.get("/logout/").wsgi_request
    try:
        response = staff_required(lambda _: "in")(request)
    except PermissionRefused:
        return "missing"
    return response if isinstance(response, str) else response.headers["Location"]


def test_the_gate_knows_strangers_residents_and_staff(client, cast, clerk) -> None:
    assert gate_of(client) == "/login/?next=/logout/"

    log_in(client, cast.volunteer)
    assert gate_of(client) == "missing"

    log_in(client, cast.volunteer, second_factor=True)
    assert gate_of(client) == "missing"

    log_in(client, clerk)
    assert gate_of(client) == "/me/security/?next=%2Flogout%2F"

    give_app(clerk)
    assert gate_of(client) == "/login/again/code/?next=%2Flogout%2F"

    log_in(client, clerk, second_factor=True)
    assert gate_of(client) == "in"


def test_a_stranger_acts_as_a_stranger(client, cast) -> None:
    request = client.get("/").wsgi_request

    assert isinstance(request.user, AnonymousUser)
    assert request.actor == Stranger()
    assert not request.has_second_factor


def test_an_ended_grant_is_gone_at_the_next_request(client, clerk) -> None:
    log_in(client, clerk, second_factor=True)
    before = gate_of(client)

    Grant.objects.filter(person=clerk).update(revoked_at=timezone.now())

    assert (before, gate_of(client)) == ("in", "missing")


def test_a_suspended_office_is_gone_at_the_next_request(client, cast, clerk) -> None:
    log_in(client, clerk, second_factor=True)
    before = gate_of(client)

    cast.offices.centre.status = OrganizationStatus.SUSPENDED
    cast.offices.centre.save()

    assert (before, gate_of(client)) == ("in", "missing")


def test_staff_without_a_second_factor_set_one_up_and_go_on(client, clerk) -> None:
    enter(client)
    page = client.get("/me/security/?next=/admin/")
    setting_up = client.get("/me/security/app/")
    secret = setting_up.context["form"].secret
    from salam.access.queries import authenticator_code

    code = authenticator_code(secret=secret, at=datetime.now(UTC))
    done = client.post("/me/security/app/", {"code": code})
    codes = client.get("/me/security/codes/")
    back = client.post("/me/security/go-on/")

    assert "عامل دوم لازم است" in page.content.decode()
    assert "<svg" in setting_up.content.decode()
    assert "data:image" not in setting_up.content.decode()
    assert secret in setting_up.content.decode()
    assert done.headers["Location"] == "/me/security/codes/"
    assert codes.status_code in {200, 302}
    assert back.headers["Location"] == "/admin/"
    assert gate_of(client) == "in"
    stored = Authenticator.objects.get(type=Authenticator.Type.TOTP).data["secret"]
    assert secret not in stored
    assert open_text(Purpose.SECOND_FACTOR, stored) == secret


def test_a_wrong_first_code_connects_no_app(client, clerk) -> None:
    enter(client)
    client.get("/me/security/app/")

    page = client.post("/me/security/app/", {"code": "000000"})

    assert "این کد درست نیست" in page.content.decode()
    assert not Authenticator.objects.exists()


def test_staff_come_in_with_the_code_of_their_app(client, clerk) -> None:
    give_app(clerk)
    entered = enter(client)
    with_wrong = client.post("/login/second-factor/", {"code": "000000"})
    before = is_logged_in(client)
    code = app_code(datetime.now(UTC)).translate(str.maketrans("0123456789", "۰۱۲۳۴۵۶۷۸۹"))
    came_in = client.post("/login/second-factor/", {"code": code})

    assert entered.headers["Location"] == "/login/second-factor/"
    assert "این کد درست نیست" in with_wrong.content.decode()
    assert not before
    assert came_in.headers["Location"] == "/me/"
    assert gate_of(client) == "in"
    assert client.session.get_expiry_age() == STAFF_SECONDS


def test_a_code_of_the_app_works_once(client, clerk) -> None:
    give_app(clerk)
    code = app_code(datetime.now(UTC))
    enter(client)
    client.post("/login/second-factor/", {"code": code})
    other = Client()
    with time_machine.travel(datetime.now(UTC) + timedelta(minutes=2)) as clock:
        enter(other)
        clock.shift(timedelta(minutes=-2))
        again = other.post("/login/second-factor/", {"code": code})

    assert again.status_code == 200
    assert not is_logged_in(other)


def test_the_app_cannot_be_guessed_on_and_on(client, clerk) -> None:
    give_app(clerk)
    enter(client)

    pages = [
        client.post("/login/second-factor/", {"code": "000000"}).content.decode() for _ in range(6)
    ]
    late = client.post("/login/second-factor/", {"code": app_code(datetime.now(UTC))})

    assert "پنج دقیقه صبر کنید" in pages[5]
    assert late.status_code == 200
    assert not is_logged_in(client)


def test_a_recovery_code_works_once(client, clerk) -> None:
    from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes

    give_app(clerk)
    [code, *_] = RecoveryCodes.activate(login_for(clerk)).generate_codes()
    enter(client)

    came_in = client.post("/login/second-factor/", {"code": code})

    assert came_in.headers["Location"] == "/me/"
    authenticator = Authenticator.objects.get(type=Authenticator.Type.RECOVERY_CODES)
    assert code not in authenticator.wrap().get_unused_codes()
    assert code not in json.dumps(authenticator.data)


def test_a_session_of_staff_ends_after_twelve_idle_hours(client, clerk) -> None:
    registered_at = datetime.now(UTC)
    give_app(clerk)
    with time_machine.travel(registered_at) as clock:
        enter(client)
        client.post("/login/second-factor/", {"code": app_code(datetime.now(UTC))})
        for _ in range(3):
            clock.shift(timedelta(hours=11))
            assert is_logged_in(client)
        clock.shift(timedelta(hours=12, seconds=1))
        assert not is_logged_in(client)


def test_a_session_of_a_resident_lives_thirty_days_after_the_last_visit(client, cast) -> None:
    registered(cast.places.here, phone=PHONE)
    with time_machine.travel(datetime.now(UTC)) as clock:
        enter(client)
        for _ in range(2):
            clock.shift(timedelta(days=29))
            assert is_logged_in(client)
        clock.shift(timedelta(days=30, seconds=1))
        assert not is_logged_in(client)


def test_a_visit_is_written_down_once_a_day_not_at_every_page(
    client,
    cast,
    django_assert_num_queries,
) -> None:
    log_in(client, cast.volunteer)
    client.get("/logout/")

    # The session, the login, and the roles that the menu shows.
    with django_assert_num_queries(3):
        client.get("/logout/")


def test_headquarters_reset_a_lost_second_factor_and_nobody_else(client, cast, clerk) -> None:
    give_app(clerk)
    log_in(client, clerk, second_factor=True)
    refused = []
    for person in (cast.coordinator_above, cast.centre_manager, clerk, cast.volunteer):
        try:
            reset_second_factor(
                actor=actor_for(person_id=person.pk, at=NOW),
                person_id=clerk.pk,
                now=NOW,
            )
        except PermissionRefused:
            refused.append(person)

    reset_second_factor(
        actor=actor_for(person_id=cast.national.pk, at=NOW),
        person_id=clerk.pk,
        now=NOW,
    )

    assert refused == [cast.coordinator_above, cast.centre_manager, clerk, cast.volunteer]
    assert not Authenticator.objects.exists()
    assert not is_logged_in(client)


def test_only_made_up_people_are_given_a_login(cast, clerk) -> None:
    sealed = seal_text(Purpose.SECOND_FACTOR, SECRET)
    with pytest.raises(PermissionRefused):
        give_login(actor=OPERATOR, person_id=clerk.pk, sealed_secret=sealed, now=NOW)
    clerk.is_generated = True
    clerk.save()

    login = give_login(
        actor=OPERATOR, person_id=clerk.pk, sealed_secret=sealed, now=NOW, pin="2795"
    )

    assert login.check_password("2795")
    assert Authenticator.objects.get(user=login).wrap().validate_code(app_code(datetime.now(UTC)))


def test_catalogues_are_for_national_headquarters_with_a_second_factor(client, cast) -> None:
    def sees() -> int:
        return client.get("/admin/people/skill/").status_code

    stranger = client.get("/admin/people/skill/")
    log_in(client, cast.national)
    without = sees()
    log_in(client, cast.coordinator_above, second_factor=True)
    provincial = sees()
    log_in(client, cast.volunteer, second_factor=True)
    resident = sees()
    log_in(client, cast.national, second_factor=True)

    assert stranger.headers["Location"].startswith("/admin/login/")
    asked = Client().get(stranger.headers["Location"])
    assert asked.headers["Location"].startswith("/login/?next=/admin/people/skill/")
    assert (without, provincial, resident, sees()) == (302, 302, 302, 200)


def test_catalogues_hold_no_people_and_are_read(client, cast) -> None:
    log_in(client, cast.national, second_factor=True)
    skill = Skill.objects.order_by("pk").first()

    assert {model._meta.label for model in admin.site._registry} == {
        "people.Area",
        "people.Skill",
        "places.Place",
    }
    for address in (
        "/admin/people/area/",
        "/admin/people/skill/?q=کودک",
        "/admin/places/place/?q=23",
        f"/admin/people/skill/{skill.pk}/change/",
    ):
        assert client.get(address).status_code == 200, address
    assert client.get("/admin/people/skill/add/").status_code == 403
    assert client.post(f"/admin/people/skill/{skill.pk}/delete/").status_code == 403
    changed = client.post(f"/admin/people/skill/{skill.pk}/change/", {"name_fa": "دیگر"})
    assert changed.status_code == 403
    assert Skill.objects.get(pk=skill.pk).name_fa == skill.name_fa


def test_a_skill_is_retired_through_its_action(client, cast) -> None:
    log_in(client, cast.national, second_factor=True)
    skill = Skill.objects.order_by("pk").first()
    bit = skill.bit

    client.post("/admin/people/skill/", {"action": "retire", "_selected_action": [skill.pk]})

    skill.refresh_from_db()
    assert (skill.bit, skill.retired_bit) == (None, bit)


def test_what_allauth_has_besides_is_not_there(client) -> None:
    for address in (
        "/accounts/login/",
        "/login/password/reset/",
        "/password/reset/",
        "/signup/",
        "/email/",
        "/confirm-email/",
    ):
        assert client.get(address).status_code == 404, address


def test_the_request_factory_needs_no_session_for_the_gate(cast) -> None:
    request = RequestFactory().get("/hq/?page=2")
    request.user = AnonymousUser()

    assert staff_required(lambda _: None)(request).headers["Location"] == (
        "/login/?next=/hq/%3Fpage%3D2"
    )
