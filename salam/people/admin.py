"""The catalogue of skills and areas in the admin."""

from __future__ import annotations

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _

from salam.core.catalogues import Catalogue
from salam.core.errors import DomainError
from salam.people.actions import retire_skill
from salam.people.models import Area, Skill


@admin.register(Area)
class AreaCatalogue(Catalogue):
    """The 13 areas of cooperation."""

    list_display = ("number", "name_fa", "name_en", "code")
    ordering = ("number",)


@admin.register(Skill)
class SkillCatalogue(Catalogue):
    """Skills, of which at most 64 are in use; taking one out of use is an action."""

    list_display = ("name_fa", "name_en", "code", "area", "bit")
    list_filter = ("area",)
    list_select_related = ("area",)
    ordering = ("area__number", "code")
    search_fields = ("name_fa", "name_en", "code")
    actions = ("retire",)

    @admin.action(description=_("این مهارت را از فهرست برمی‌دارم"))
    def retire(self, request: HttpRequest, chosen: QuerySet[Skill]) -> None:
        """Through the room's action, which clears the skill from every profile."""
        for code in chosen.values_list("code", flat=True):
            try:
                retire_skill(actor=request.actor, code=code, now=timezone.now())  # type: ignore[attr-defined]
            except DomainError as refusal:
                self.message_user(request, refusal.sentence, messages.ERROR)
                return
        self.message_user(request, _("از فهرست برداشته شد."), messages.SUCCESS)
