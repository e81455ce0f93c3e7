from __future__ import annotations

from enum import IntEnum

from django.db import models
from django.utils.translation import gettext_lazy as _


class RunStatus(models.TextChoices):
    RUNNING = "running", _("در حال اجرا")
    PROPOSED = "proposed", _("آمادهٔ بازبینی")
    FAILED = "failed", _("ناتمام")
    # A person decided to send it: its people are being asked, some at a time.
    RELEASING = "releasing", _("در حال فرستادن")
    RELEASED = "released", _("فرستاده‌شده")
    DISCARDED = "discarded", _("کنار گذاشته")
    # A later run over the same place or a larger one has taken its place.
    SUPERSEDED = "superseded", _("جایگزین‌شده")


class RunStage(models.TextChoices):
    """How far a running run is. Each stage is written down when it begins, for whoever waits."""

    QUEUED = "queued", _("در صف")
    READ = "read", _("خواندن داوطلبان و نیازها")
    CANDIDATES = "candidates", _("یافتن افراد واجد شرط")
    SOLVE = "solve", _("یافتن بهترین چینش")
    CHECK = "check", _("بازبینی همهٔ شرط‌ها")
    STORE = "store", _("ذخیرهٔ پیشنهادها")


class FigureKind(models.TextChoices):
    """What a figure of a run counts, and what its key names."""

    TOTAL = "total"  # a TotalKey; the whole is the number itself
    PART = "part"  # the code of a part of the run's place; people asked for
    TOWN = "town"  # a TownSize; people asked for
    VOLUNTEERS = "volunteers"  # as PART, by their homes; volunteers
    IDLE = "idle"  # an IdleReason; volunteers
    UNFILLED = "unfilled"  # an UnfilledReason; people still missing


class TotalKey(models.TextChoices):
    PEOPLE = "people"  # volunteers with at least one new proposal
    POINTS = "points"  # of all placements, those that held before included
    DISTANCE_100M = "distance_100m"  # that they travel, likewise


class IdleReason(models.TextChoices):
    """The first thing that keeps a matchable volunteer without any place, in this order."""

    WEEK_TAKEN = "week_taken", _("هفته‌شان جای دیگری پر است")
    NOTHING_NEAR = "nothing_near", _("در شعاع رفت‌وآمدشان نیازی باز نیست")
    SKILL = "skill", _("نیازهای نزدیک، مهارت‌های آنان را نمی‌خواهند")
    HALF_DAY = "half_day", _("مهارتشان را می‌خواهند، اما در نیم‌روزهای دیگر")
    CONDITION = "condition", _("شرط دیگری کم دارند، مانند تأیید صلاحیت یا سن")
    OTHERS = "others", _("همهٔ شرط‌ها را دارند، اما جای نیازهای نزدیک پر شد یا پیش‌تر نه گفته‌اند")


class UnfilledReason(models.TextChoices):
    """The first thing that leaves a line short of people, in this order."""

    NOBODY = "nobody", _("کسِ دیگری با همهٔ شرط‌ها در دسترس نیست")
    SEATS_FULL = "seats_full", _("ظرفیت این هفتهٔ مؤسسهٔ واسط پر است")
    ELSEWHERE = "elsewhere", _("واجدان شرط، جای دیگری بیشتر به کار می‌آیند")


class Reason(models.IntegerChoices):
    """Why one person was proposed for one line: kept as a number, said in Persian on view."""

    BEST_OF_PLAN = 1, _("با این چینش، نیازهای بیشتری پوشیده می‌شود")
    ONLY_CANDIDATE = 2, _("تنها کسی که همهٔ شرط‌ها را دارد")
    NEAREST = 3, _("نزدیک‌ترین فردِ واجد شرط")


class AttributeBit(IntEnum):
    """Bits of the engine's attribute word: a line's bits must all be set in the volunteer.

    Levels are unary (tier 2 sets the bits of 1 and 2), so that one test of words answers "at
    least".
    """

    VETTED_CONTACT = 0
    VETTED_UNSUPERVISED = 1
    VETTED_PERSONAL_CARE = 2
    FEMALE = 3
    MALE = 4
    ADULT = 5
    AGE_21 = 6
    AGE_28 = 7
    # Language skills follow, in the order of their skill bits.
    FIRST_LANGUAGE = 16


class RecruitKind(models.TextChoices):
    """Of what one more is priced."""

    VOLUNTEER = "volunteer", _("داوطلب تازه")
    # Never by place: speakers of a language are not looked for on a map (mission, rule 5).
    LANGUAGE = "language", _("داوطلب هم‌زبان")
    HALF_DAY = "half_day", _("نیم‌روزِ بیشتر")
    SEAT = "seat", _("جای بیشتر در نهاد")
    VETTING = "vetting", _("یک پله تأیید")


# A run whose plan holds: under review, or sent to the intermediaries.
LIVE_RUNS = (RunStatus.PROPOSED, RunStatus.RELEASING, RunStatus.RELEASED)
