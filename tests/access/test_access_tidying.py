"""Nightly tidying of the door."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.contrib.sessions.models import Session

from salam.access.actions import login_for_phone
from salam.access.actions.tidying import PHONE_LOGIN_IS_KEPT, tidy_logins
from salam.access.models import Login
from tests.cast import NOW, make_person
from tests.web.login import login_for

pytestmark = pytest.mark.django_db


def test_phones_that_only_asked_are_forgotten_and_people_are_not() -> None:
    own = login_for(make_person())
    login_for_phone(phone="+989125550101", now=NOW - PHONE_LOGIN_IS_KEPT - timedelta(minutes=1))
    fresh = login_for_phone(phone="+989125550102", now=NOW)
    Session.objects.create(session_key="over", session_data="", expire_date="2020-01-01T00:00Z")

    deleted = tidy_logins(now=NOW)

    assert deleted == 1
    assert set(Login.objects.all()) == {own, fresh}
    assert not Session.objects.exists()
