"""A person logged in, without walking through the door each time."""

from __future__ import annotations

import time
from importlib import import_module

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.base import SessionBase
from django.test import Client

from salam.access.models import Login
from salam.access.queries import login_of
from salam.people.models import Person
from tests.cast import NOW

_BACKEND = "salam.web.accounts.sessions.SessionBackend"


def log_in(client: Client, person: Person, *, second_factor: bool = False) -> Login:
    """The test client is this person from here on; returns the login."""
    login = login_for(person)
    session = _session_of(login, second_factor=second_factor)
    client.cookies[settings.SESSION_COOKIE_NAME] = session.session_key
    return login


def session_cookie(person: Person, *, second_factor: bool = False) -> dict[str, str]:
    """For a browser context: ``context.add_cookies([session_cookie(person) | {"url": url}])``."""
    session = _session_of(login_for(person), second_factor=second_factor)
    return {"name": settings.SESSION_COOKIE_NAME, "value": session.session_key or ""}


def login_for(person: Person) -> Login:
    """The person's login, made where there is none."""
    login = login_of(person_id=person.pk)
    if login is None:
        login = Login(person=person, created_at=NOW)
        login.set_unusable_password()
        login.save()
    return login


def _session_of(login: Login, *, second_factor: bool) -> SessionBase:
    session: SessionBase = import_module(settings.SESSION_ENGINE).SessionStore()
    session[SESSION_KEY] = str(login.pk)
    session[BACKEND_SESSION_KEY] = _BACKEND
    session[HASH_SESSION_KEY] = login.get_session_auth_hash()
    # Seen just now: a first page is not also the one that pushes the session's end on.
    session["salam_seen_at"] = int(time.time())
    if second_factor:
        # As allauth records it; the instant does not matter to the gate.
        session["account_authentication_methods"] = [{"method": "mfa", "at": 0, "type": "totp"}]
        session["account_authentication_methods_user"] = str(login.pk)
    session.save()
    return session
