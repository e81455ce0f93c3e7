"""How Django draws forms here, those of libraries too."""

from __future__ import annotations

from django.forms.renderers import TemplatesSetting


class KitRenderer(TemplatesSetting):
    """Every field through components/field.html, so that a form of a library looks like ours."""

    field_template_name = "components/field.html"
