"""What a plan is worth and what it leaves, in sentences for a director."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from django.utils.html import format_html
from django.utils.translation import gettext as _

from salam.core.language import listed
from salam.core.quantities import grouped, kilometres
from salam.matching.enums import TotalKey
from salam.matching.queries import METRES_PER_POINT, Coverage, RunFigures, RunWeights, Step
from salam.needs.enums import Urgency
from salam.reporting.queries import RunReview
from salam.web.templatetags.persian import own_words, percent

# Shares nearer than this are called alike: a tenth of it is a matter of a few people.
_ALIKE_POINTS: Final = 2.0


def share(coverage: Coverage) -> str:
    """How much of what was asked is covered, «—» where nothing was."""
    return "—" if coverage.percent is None else percent(coverage.percent)


def value_points(run: object) -> int | None:
    """The value of a plan in points; a point is two kilometres."""
    value: int | None = getattr(run, "value", None)
    return None if value is None else round(value * 100 / METRES_PER_POINT)


def value_sentences(review: RunReview) -> list[str]:
    """The value of a plan in plain words; nothing for a run without figures."""
    totals, asked = review.figures.totals, review.figures.asked
    if not totals:
        return []
    if not asked.whole:
        return [_("هیچ نیاز بازی این‌جا نبود که کسی بخواهد؛ پس چیزی برای چیدن نبود.")]
    placed = asked.covered
    distance = totals.get(TotalKey.DISTANCE_100M, 0) * 100
    sentences = [
        _("از %(asked)s نفری که نیازهای باز می‌خواهند، %(covered)s نفر پیدا شده است (%(share)s).")
        % {"asked": grouped(asked.whole), "covered": grouped(placed), "share": share(asked)},
        _(
            "امتیاز نیازهایی که پوشیده می‌شود %(points)s است و رفت‌وآمد همه روی هم %(distance)s؛"
            " هر %(unit)s رفت‌وآمد یک امتیاز کم می‌کند و %(value)s امتیاز می‌ماند."
        )
        % {
            "points": grouped(totals.get(TotalKey.POINTS, 0)),
            "distance": kilometres(_round_metres(distance)) if distance else _("هیچ"),
            "unit": kilometres(METRES_PER_POINT),
            "value": grouped(value_points(review.run) or 0),
        },
    ]
    if placed:
        sentences.append(
            _("هر نفر به‌طور میانگین %(distance)s از خانه دور می‌شود.")
            % {"distance": kilometres(distance / placed)}
        )
    return sentences


def _round_metres(metres: float) -> float:
    """Long ways in whole kilometres: nobody needs the hundred metres of a country's travel."""
    return metres if metres < 100_000 else round(metres / 1000) * 1000.0


def parts_sentence(parts: Sequence[Coverage]) -> str:
    """Where most and where least is covered."""
    known = [part for part in parts if part.percent is not None]
    if len(known) < 2:
        return _("سهم نفرهای لازمی که این چینش می‌پوشاند.")
    most = max(known, key=lambda part: part.percent or 0)
    least = min(known, key=lambda part: part.percent or 0)
    if (most.percent or 0) - (least.percent or 0) < _ALIKE_POINTS:
        return _("همه‌جا نزدیک به هم است؛ کمترین %(least)s و بیشترین %(most)s.") % {
            "least": share(least),
            "most": share(most),
        }
    return format_html(
        _("بیشترین پوشش در {most} است ({most_share}) و کمترین در {least} ({least_share})."),
        most=own_words(most.name),
        most_share=share(most),
        least=own_words(least.name),
        least_share=share(least),
    )


def equity_sentence(figures: RunFigures) -> str:
    """Whether small places fare worse."""
    small, larger = figures.small_towns, figures.larger_towns
    if small.percent is None and larger.percent is None:
        return _("هیچ نیازی از این‌جا در این اجرا نبود.")
    if small.percent is None:
        return _("همهٔ نیازها از شهرهای ۵۰ هزار نفری و بزرگ‌تر است؛ چیزی برای سنجیدن نیست.")
    if larger.percent is None:
        return _("همهٔ نیازها از روستاها و شهرهای کوچک است؛ چیزی برای سنجیدن نیست.")
    words = {"small": share(small), "larger": share(larger)}
    if abs(small.percent - larger.percent) < _ALIKE_POINTS:
        return (
            _(
                "روستاها و شهرهای زیر ۵۰ هزار نفر (%(small)s) و شهرهای بزرگ‌تر (%(larger)s)"
                " نزدیک به هم پوشیده شده‌اند."
            )
            % words
        )
    if small.percent < larger.percent:
        return (
            _(
                "جاهای کوچک عقب‌ترند: در روستاها و شهرهای زیر ۵۰ هزار نفر %(small)s پوشیده شده"
                " و در شهرهای بزرگ‌تر %(larger)s."
            )
            % words
        )
    return (
        _(
            "جاهای کوچک عقب نمانده‌اند: در روستاها و شهرهای زیر ۵۰ هزار نفر %(small)s پوشیده شده"
            " و در شهرهای بزرگ‌تر %(larger)s."
        )
        % words
    )


def idle_sentence(figures: RunFigures) -> str:
    """How many volunteers the plan has nothing for, and the commonest reason."""
    volunteers = figures.volunteers_at_home
    if not volunteers.whole:
        return _("داوطلبی که بتوان به او پیشنهاد داد، این‌جا نیست.")
    if not volunteers.left:
        return _("هیچ داوطلبی بی‌پیشنهاد نمانده است.")
    told = _("%(left)s داوطلب از %(whole)s نفری که بررسی شدند (%(share)s) پیشنهادی ندارند.") % {
        "left": grouped(volunteers.left),
        "whole": grouped(volunteers.whole),
        "share": percent(100 * volunteers.left / volunteers.whole),
    }
    if not figures.idle:
        return told
    reason, count = figures.idle[0]
    most = _("بیشترشان (%(count)s نفر): %(reason)s.") % {
        "count": grouped(count),
        "reason": reason.label,
    }
    return f"{told} {most}" if count * 2 > volunteers.left else told


def unfilled_sentence(figures: RunFigures) -> str:
    """How many lines are short of people."""
    lines = sum(one.line_count for one in figures.unfilled)
    people = sum(one.people for one in figures.unfilled)
    if not lines:
        return _("همهٔ ردیف‌های نیاز، کسان لازم را دارند.")
    return _("%(lines)s ردیف نیاز هنوز کسان لازم را ندارد؛ روی هم %(people)s نفر کم است.") % {
        "lines": grouped(lines),
        "people": grouped(people),
    }


def weights_facts(weights: RunWeights) -> list[tuple[str, str]]:
    """The named weights with their figures."""
    facts = [
        (_("پایه برای یک نفر"), _points(weights.points_base)),
        (
            _("فوریت"),
            listed(f"«{Urgency(step.at).label}» {_times(step.factor)}" for step in weights.urgency),
        ),
        (_("بزرگی آبادی"), _ladder(weights.towns)),
        (_("شمار بهره‌مندان"), _ladder(weights.served)),
        (
            _("نفر دوم به بعدِ همان ردیف"),
            _("هر یک %(factor)s نفر پیش از خودش") % {"factor": _times(weights.next_person_factor)},
        ),
        (_("کمترین ارزش هر نفر"), _points(weights.points_min)),
        (
            _("رفت‌وآمد"),
            _("هر %(distance)s یک امتیاز کمتر") % {"distance": kilometres(METRES_PER_POINT)},
        ),
    ]
    if weights.waiting:
        facts.append((_("داوطلبی که مدت‌ها منتظر مانده"), _waiting(weights.waiting)))
    return facts


def _waiting(steps: Sequence[Step]) -> str:
    """Points by weeks without being asked or serving."""
    first, last = steps[0], steps[-1]
    return _("تا %(first)s هفته %(least)s؛ کم‌کم بیشتر، تا %(most)s برای %(last)s هفته و بیشتر") % {
        "first": grouped(first.at),
        "least": _points(first.factor) if first.factor else _("بی‌امتیاز"),
        "last": grouped(last.at),
        "most": _points(last.factor),
    }


def _ladder(steps: Sequence[Step]) -> str:
    """Steps in words; between them the factor changes little by little."""
    words = [
        _("تا %(people)s نفر %(factor)s"),
        *[_("%(people)s نفر %(factor)s")] * (len(steps) - 2),
        _("%(people)s نفر و بیشتر %(factor)s"),
    ]
    return listed(
        word % {"people": grouped(step.at), "factor": _times(step.factor)}
        for word, step in zip(words, steps, strict=True)
    )


def _times(factor: float) -> str:
    return f"×{grouped(factor if factor % 1 else int(factor))}"


def _points(points: float) -> str:
    return _("%(points)s امتیاز") % {"points": grouped(int(points) if points % 1 == 0 else points)}
