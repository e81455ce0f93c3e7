"""Django's admin for catalogues alone: national headquarters with a second factor, mostly reading.

A room that has a catalogue registers it in its ``admin.py`` with :func:`register`. People, contact
data, events and logins are never registered (a test says so).
"""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.contrib.auth.views import redirect_to_login
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _

from salam.core.actors import Scope
from salam.core.verbs import Verb


class CatalogueSite(admin.AdminSite):
    """Entered by our own door; whoever may not enter sees a page that does not exist."""

    site_header = _("سلام محله: فهرست‌های پایه")
    site_title = _("سلام محله")
    index_title = _("فهرست‌های پایه")
    enable_nav_sidebar = False
    empty_value_display = "—"

    def has_permission(self, request: HttpRequest) -> bool:
        """Who edits the catalogue country-wide, in a session that passed a second factor."""
        return bool(
            request.has_second_factor  # type: ignore[attr-defined]
            and request.actor.can(Verb.SKILL_EDIT, Scope())  # type: ignore[attr-defined]
        )

    def login(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        """Never the admin's own form: it would ask for a user name."""
        del extra_context
        if request.user.is_authenticated:
            raise Http404
        return redirect_to_login(request.GET.get("next", request.get_full_path()))


class Catalogue(admin.ModelAdmin):  # type: ignore[type-arg]
    """Reading for whoever entered the site; changes are actions of the room."""

    list_per_page = 50
    show_full_result_count = False

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        del obj
        return self.admin_site.has_permission(request)

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self.admin_site.has_permission(request)

    def has_add_permission(self, request: HttpRequest) -> bool:
        del request
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        del request, obj
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        del request, obj
        return False
