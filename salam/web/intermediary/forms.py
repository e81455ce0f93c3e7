"""What an officer is asked before something ends or is taken back: a choice from a list."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from salam.service.enums import HOST_END_REASONS
from salam.timebank.enums import ReversalReason
from salam.web.forms import JalaliDateField, KitForm


class EndForm(KitForm):
    """About the post, never about conduct."""

    reason = forms.ChoiceField(
        label=_("چرا پایان می‌یابد؟"),
        choices=[(reason.value, reason.label) for reason in HOST_END_REASONS],
        widget=forms.RadioSelect,
    )


class ReverseForm(KitForm):
    reason = forms.ChoiceField(
        label=_("چرا برمی‌گردانید؟"),
        choices=ReversalReason.choices,
        widget=forms.RadioSelect,
    )


class PlanForm(KitForm):
    happens_on = JalaliDateField(label=_("روز نوبت"))
