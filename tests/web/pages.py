"""Every address of the site, once: how it is built, who may see it, who is turned away.

``PAGES`` names every pattern of the URL configuration. A pattern that is missing here fails
``test_web_every_page.py``, so a new page is looked at by the browser (``test_web_every_page.py``)
and searched for contact data (``test_leaks.py``) from its first day.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from django.urls import URLPattern, URLResolver, get_resolver, reverse

from tests.web.scene import Scene, Visitor

_EVERYBODY: Final = tuple(Visitor)

Arguments = Callable[[Scene], Mapping[str, Any]]


@dataclass(frozen=True)
class Page:
    """An address that answers GET.

    ``visitors`` see it with ``status``; a browser looks at it as the first of them. With
    ``missing`` arguments, which name nothing, everybody else must get the same answer to both.
    """

    visitors: tuple[Visitor, ...] = _EVERYBODY
    arguments: Arguments = lambda _scene: {}
    missing: Arguments | None = None
    query: str | Callable[[Scene], str] = ""
    status: int = 200
    # A file or a redirect is searched for contact data, but has nothing for a browser to look at.
    is_screen: bool = True
    # Why Latin digits may stand in Persian text here, or Persian letters in English text.
    digits_reason: str = ""
    persian_reason: str = ""

    def address(self, name: str, scene: Scene) -> str:
        return reverse(name, kwargs=dict(self.arguments(scene))) + self._query(scene)

    def missing_address(self, name: str, scene: Scene) -> str:
        assert self.missing is not None
        return reverse(name, kwargs=dict(self.missing(scene))) + self._query(scene)

    def _query(self, scene: Scene) -> str:
        return self.query if isinstance(self.query, str) else self.query(scene)


@dataclass(frozen=True)
class NoPage:
    """An address that answers nothing to GET, and why."""

    reason: str


_LOGGED_IN: Final = tuple(visitor for visitor in Visitor if visitor is not Visitor.STRANGER)
_POST: Final = NoPage("POST alone")
_MIDWAY: Final = NoPage("stands midway in a log-in; tests/web/test_web_login*.py walk through it")
_OWN_FACTOR: Final = NoPage("needs a second factor of one's own; see test_web_login_staff.py")

_DOOR: Final[Mapping[str, Page | NoPage]] = {
    "account_login": Page(visitors=(Visitor.STRANGER,)),
    "account_confirm_login_code": _MIDWAY,
    "account_who": _MIDWAY,
    "account_reauthenticate": _MIDWAY,
    "mfa_authenticate": _MIDWAY,
    "mfa_reauthenticate": _MIDWAY,
    "mfa_reauthenticate_webauthn": _MIDWAY,
    "account_logout": Page(visitors=_LOGGED_IN),
}
_SECURITY: Final[Mapping[str, Page | NoPage]] = {
    "mfa_index": Page(visitors=_LOGGED_IN),
    "account_go_on": _POST,
    "account_pin": Page(visitors=_LOGGED_IN),
    "account_pin_removal": _POST,
    "account_other_devices": _POST,
    "account_another": _POST,
    "mfa_activate_totp": Page(visitors=_LOGGED_IN),
    "mfa_deactivate_totp": _OWN_FACTOR,
    "mfa_view_recovery_codes": _OWN_FACTOR,
    "mfa_generate_recovery_codes": Page(visitors=_LOGGED_IN),
    "mfa_download_recovery_codes": _OWN_FACTOR,
    "mfa_list_webauthn": Page(visitors=_LOGGED_IN),
    "mfa_add_webauthn": Page(visitors=_LOGGED_IN),
    "mfa_remove_webauthn": _OWN_FACTOR,
    "mfa_edit_webauthn": _OWN_FACTOR,
}
# Django's own screens, for the two catalogues: searched for contact data, looked at by their tests.
_CATALOGUE_PAGE: Final = Page(visitors=(Visitor.HQ,), is_screen=False)
_CATALOGUE: Final[Mapping[str, Page | NoPage]] = {
    "admin:index": _CATALOGUE_PAGE,
    "admin:login": NoPage("leads to our own log-in"),
    "admin:logout": _POST,
    "admin:password_change": _CATALOGUE_PAGE,
    "admin:password_change_done": _CATALOGUE_PAGE,
    "admin:autocomplete": NoPage("answers scripts of a form that is not offered"),
    "admin:jsi18n": _CATALOGUE_PAGE,
    "admin:view_on_site": NoPage("no object has a page of its own on the site"),
    "admin:app_list": Page(
        visitors=(Visitor.HQ,),
        arguments=lambda _scene: {"app_label": "people"},
        is_screen=False,
    ),
    **{
        f"admin:{model}_{view}": page
        for model in ("people_area", "people_skill", "places_place")
        for view, page in {
            "changelist": _CATALOGUE_PAGE,
            "add": NoPage("nobody adds rows by hand"),
            "delete": NoPage("nobody deletes rows"),
            "history": Page(
                visitors=(Visitor.HQ,),
                arguments=lambda _scene: {"object_id": "1"},
                is_screen=False,
            ),
            "change": Page(
                visitors=(Visitor.HQ,),
                arguments=lambda _scene: {"object_id": "1"},
                is_screen=False,
            ),
        }.items()
    },
    "admin:unnamed <path:object_id>/": NoPage("leads to the page of the row"),
    "admin:unnamed (?P<url>.*)$": NoPage("adds a slash"),
}
_KIT: Final[Mapping[str, Page | NoPage]] = dict.fromkeys(
    (
        "kit:parts",
        "kit:forms",
        "kit:lists",
        "kit:empty_list",
        "kit:charts",
        "kit:staff",
        "kit:confirm",
        "kit:place_options",
    ),
    NoPage("404 unless SALAM_DEBUG is on; test_web_kit.py looks at them"),
)

_NAMES: Final = "needs, people and institutions bear Persian names"
_HEADQUARTERS: Final[Mapping[str, Page | NoPage]] = {
    "hq:dashboard": Page(visitors=(Visitor.HQ,)),
    "hq:place": Page(
        visitors=(
            Visitor.HQ,
            Visitor.COORDINATOR,
            Visitor.AGENCY_READER,
            Visitor.FACILITATOR,
            Visitor.CENTRE_MANAGER,
        ),
        arguments=lambda scene: {"code": scene.cast.places.here.code},
        missing=lambda _scene: {"code": "nowhere"},
    ),
    "hq:runs": Page(visitors=(Visitor.HQ, Visitor.COORDINATOR)),
    "hq:choose_place": Page(visitors=(Visitor.HQ, Visitor.COORDINATOR)),
    "hq:start_run": Page(
        visitors=(Visitor.HQ, Visitor.COORDINATOR),
        arguments=lambda scene: {"code": scene.cast.places.province.code},
        missing=lambda _scene: {"code": "nowhere"},
    ),
    **{
        f"hq:{name}": Page(
            visitors=(Visitor.HQ,),
            arguments=lambda scene: {"run_id": scene.run_id},
            missing=lambda _scene: {"run_id": 10**9},
        )
        for name in (
            "run",
            "run_proposals",
            "run_recruits",
            "compare_runs",
            "release_run",
            "discard_run",
        )
    },
    "hq:explain_proposal": Page(
        visitors=(Visitor.HQ,),
        arguments=lambda scene: {"run_id": scene.run_id, "proposal_id": scene.proposal_id},
        missing=lambda scene: {"run_id": scene.run_id, "proposal_id": 10**9},
    ),
    "hq:choose_need": Page(visitors=(Visitor.HQ, Visitor.COORDINATOR), persian_reason=_NAMES),
    "hq:explain_need": Page(
        visitors=(Visitor.HQ, Visitor.COORDINATOR),
        arguments=lambda scene: {"need_id": scene.need_id},
        missing=lambda _scene: {"need_id": UUID(int=0)},
        query=lambda scene: f"?volunteer={scene.volunteer_code}",
        persian_reason=_NAMES,
    ),
    "hq:messages": Page(
        visitors=(Visitor.HQ,),
        persian_reason="texts of messages are Persian",
    ),
    "hq:retry_messages": Page(
        visitors=(Visitor.HQ,),
        arguments=lambda scene: {
            "template": scene.failed_message.template,
            "error_code": scene.failed_message.error_code,
        },
        missing=lambda scene: {"template": scene.failed_message.template, "error_code": "none"},
        persian_reason="texts of messages are Persian",
    ),
    "hq:jobs": Page(visitors=(Visitor.HQ,)),
    "hq:failed_jobs": Page(visitors=(Visitor.HQ,)),
    "hq:try_job_again": Page(
        visitors=(Visitor.HQ,),
        arguments=lambda scene: {"job_id": scene.failed_job_id},
        missing=lambda _scene: {"job_id": 10**9},
    ),
    "hq:ask_for_sweep": Page(
        visitors=(Visitor.HQ,),
        arguments=lambda _scene: {"name": "needs.close_passed"},
        missing=lambda _scene: {"name": "nothing.here"},
    ),
    "hq:stop_release": _POST,
    "hq:stop_run": _POST,
}
_OF_NEEDS: Final = (
    Visitor.FACILITATOR,
    Visitor.COORDINATOR,
    Visitor.HQ,
)
_FACILITATOR: Final[Mapping[str, Page | NoPage]] = {
    "facilitator:needs": Page(
        visitors=(*_OF_NEEDS, Visitor.FACILITATOR_ELSEWHERE),
        persian_reason=_NAMES,
    ),
    "facilitator:place_options": Page(
        visitors=(*_OF_NEEDS, Visitor.FACILITATOR_ELSEWHERE),
        query="?place_words=جوانمرد",
        is_screen=False,
    ),
    # A facilitator of one place is led on.
    "facilitator:choose_place": Page(
        visitors=(Visitor.HQ, *_OF_NEEDS, Visitor.FACILITATOR_ELSEWHERE),
    ),
    "facilitator:new_need": Page(
        visitors=_OF_NEEDS,
        arguments=lambda scene: {"code": scene.cast.places.here.code},
        missing=lambda _scene: {"code": "nowhere"},
        persian_reason=_NAMES,
    ),
    **{
        f"facilitator:{name}": Page(
            visitors=_OF_NEEDS,
            arguments=lambda scene: {"need_id": scene.need_id},
            missing=lambda _scene: {"need_id": UUID(int=0)},
            persian_reason=_NAMES,
        )
        for name in ("need", "close_need")
    },
}
_BROKER: Final = (Visitor.OFFICER,)
_BROKERS: Final = (Visitor.OFFICER, Visitor.OTHER_OFFICER)
_INTERMEDIARY: Final[Mapping[str, Page | NoPage]] = {
    **{
        f"intermediary:{name}": Page(visitors=_BROKERS, persian_reason=_NAMES)
        for name in ("desk", "offers", "assignments", "hours", "confirmed")
    },
    "intermediary:contact": _POST,
    "intermediary:plan_session": _POST,
    **{
        f"intermediary:{name}": Page(
            visitors=_BROKER,
            arguments=lambda scene: {"assignment_id": scene.assignment.public_id},
            missing=lambda _scene: {"assignment_id": UUID(int=0)},
            persian_reason=_NAMES,
        )
        for name in ("assignment", "pause", "resume", "end")
    },
    "intermediary:withdraw_offer": Page(
        visitors=_BROKER,
        arguments=lambda scene: {"offer_id": scene.assignment.offer.public_id},
        missing=lambda _scene: {"offer_id": UUID(int=0)},
        persian_reason=_NAMES,
    ),
    "intermediary:cancel_session": Page(
        visitors=_BROKER,
        arguments=lambda scene: {"session_id": scene.session_id},
        missing=lambda _scene: {"session_id": UUID(int=0)},
        persian_reason=_NAMES,
    ),
    "intermediary:reverse_hours": Page(
        visitors=_BROKER,
        arguments=lambda scene: {"session_id": scene.session_id},
        missing=lambda _scene: {"session_id": UUID(int=0)},
        persian_reason=_NAMES,
    ),
}

# Registration is walked through with a proven phone in test_web_join.py and looked at in
# test_web_resident_look.py; strangers prove a phone first.
_JOIN: Final = Page(visitors=(Visitor.STRANGER,), status=302, is_screen=False)


def _own(thing: str, key: str) -> Page:
    """A page on one thing of the resident's own, the same for everybody else as a missing one."""
    return Page(
        visitors=(Visitor.RESIDENT,),
        arguments=lambda scene: {key: getattr(scene, thing).public_id},
        missing=lambda _scene: {key: UUID(int=0)},
    )


_RESIDENT: Final[Mapping[str, Page | NoPage]] = {
    "resident:join": _JOIN,
    "resident:review": _JOIN,
    "resident:joined": _JOIN,
    "resident:join_step": Page(
        visitors=(Visitor.STRANGER,),
        arguments=lambda _scene: {"slug": "name"},
        status=302,
        is_screen=False,
    ),
    "resident:home": Page(visitors=_LOGGED_IN),
    "resident:offer": _own("own_offer", "offer_id"),
    "resident:accept": _own("own_offer", "offer_id"),
    "resident:decline": _own("own_offer", "offer_id"),
    "resident:report": _own("own_session", "session_id"),
    "resident:cancel": _own("own_session", "session_id"),
    "resident:assignment": _own("own_assignment", "assignment_id"),
    "resident:leave": _own("own_assignment", "assignment_id"),
    "resident:looks": Page(visitors=_LOGGED_IN),
    "resident:hours": Page(visitors=_LOGGED_IN),
    "resident:consents": Page(visitors=_LOGGED_IN),
    "resident:profile": Page(visitors=_LOGGED_IN),
    "resident:rest": Page(visitors=_LOGGED_IN),
    "resident:data": Page(visitors=_LOGGED_IN),
    "resident:download": Page(visitors=_LOGGED_IN, is_screen=False),
    "resident:forget": Page(visitors=_LOGGED_IN),
}

# By audience.
PAGES: Final[Mapping[str, Page | NoPage]] = {
    "set_language": NoPage("POST alone: sets a cookie and goes back"),
    **_DOOR,
    **_SECURITY,
    **_RESIDENT,
    **_CATALOGUE,
    "public:place_options": Page(query="?field=home&home_words=تهران", is_screen=False),
    **_KIT,
    **_FACILITATOR,
    **_INTERMEDIARY,
    **_HEADQUARTERS,
    "public:home": Page(),
    "public:results": Page(),
    "public:province": Page(
        arguments=lambda scene: {"code": scene.cast.places.province.code},
        missing=lambda _scene: {"code": "99"},
    ),
}
# Answers without a name of their own.
UNNAMED: Final = {"missing": ("/nothing/", 404)}


def pages() -> Iterator[tuple[str, Page]]:
    return ((name, page) for name, page in PAGES.items() if isinstance(page, Page))


def configured_names(resolver: URLResolver | None = None, prefix: str = "") -> Iterator[str]:
    """Names of all patterns with their namespaces; a pattern without a name by its address."""
    for pattern in (resolver or get_resolver()).url_patterns:
        if isinstance(pattern, URLPattern):
            yield prefix + (pattern.name or f"unnamed {pattern.pattern}")
        else:
            inner = f"{prefix}{pattern.namespace}:" if pattern.namespace else prefix
            yield from configured_names(pattern, inner)
