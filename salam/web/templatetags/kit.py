"""Tags of the kit's components: `{% load kit %}`."""

from __future__ import annotations

from django import template
from django.templatetags.static import static
from django.utils.html import format_html
from django.utils.safestring import SafeString

from salam.core.text import is_question

register = template.Library()

# These point along the line of text, so they turn with it.
_TURNING = frozenset({"chevron-left", "chevron-right", "box-arrow-left", "box-arrow-in-left"})


@register.simple_tag
def icon(name: str) -> SafeString:
    """A drawing beside a word, never instead of one: names stand in assets/icons.json."""
    return format_html(
        '<svg class="icon{}" width="16" height="16" aria-hidden="true" focusable="false">'
        '<use href="{}#{}"/></svg>',
        " icon--turning" if name in _TURNING else "",
        static("icons.svg"),
        name,
    )


@register.filter
def asks(label: str) -> bool:
    """Whether a label is a question, which takes no colon after it."""
    return is_question(label)
