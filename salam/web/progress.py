"""Work that takes a while, as components/progress.html shows it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from salam.core.quantities import grouped


class ProgressState(Enum):
    RUNNING = gettext_lazy("در کار")
    DONE = gettext_lazy("تمام شد")
    STOPPED = gettext_lazy("متوقف شد")
    FAILED = gettext_lazy("به پایان نرسید")


@dataclass(frozen=True, kw_only=True)
class Progress:
    """How far a piece of work is. ``total`` is None while nobody knows how much there is.

    ``poll_url`` answers with a page that holds this part again (the whole page will do); ``url`` is
    what a browser without scripts opens for news; ``stop_url`` takes a POST.
    """

    element_id: str
    label: str | Promise
    state: ProgressState
    done: int = 0
    total: int | None = None
    sentence: str | Promise = ""
    url: str = ""
    poll_url: str = ""
    stop_url: str = ""

    @property
    def is_running(self) -> bool:
        return self.state is ProgressState.RUNNING

    @property
    def is_done(self) -> bool:
        return self.state is ProgressState.DONE

    @property
    def state_name(self) -> str | Promise:
        return self.state.value

    @property
    def percent(self) -> int:
        """Whole percent, 100 only once all is done."""
        if self.is_done:
            return 100
        if not self.total:
            return 0
        return min(99, max(0, 100 * self.done // self.total))

    @property
    def told(self) -> str:
        """How far it is, in words."""
        if self.sentence:
            return str(self.sentence)
        if self.total is None:
            return _("%(done)s تا اکنون") % {"done": grouped(self.done)}
        return _("%(done)s از %(total)s") % {
            "done": grouped(self.done),
            "total": grouped(self.total),
        }
