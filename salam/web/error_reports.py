"""What a report of an error may repeat: nothing that anybody typed."""

from __future__ import annotations

from collections.abc import ItemsView
from types import FrameType
from typing import Any

from django.http import HttpRequest
from django.views.debug import SafeExceptionReporterFilter


class NothingTyped(SafeExceptionReporterFilter):
    """Django's reports, without form data and without the values of variables.

    Either may hold a phone number or a national ID. Django hides what a view names; we hide all of
    it, whatever a view forgot.
    """

    def is_active(self, request: HttpRequest | None) -> bool:
        del request
        return True

    def get_post_parameters(self, request: HttpRequest | None) -> dict[str, Any]:
        if request is None:
            return {}
        return dict.fromkeys(request.POST, self.cleansed_substitute)

    def get_traceback_frame_variables(
        self,
        request: HttpRequest | None,
        tb_frame: FrameType,
    ) -> ItemsView[str, Any]:
        del request
        return dict.fromkeys(tb_frame.f_locals, self.cleansed_substitute).items()
