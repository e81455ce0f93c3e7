"""Runs of the matching engine and the proposals they made."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from salam.matching.enums import (
    LIVE_RUNS,
    FigureKind,
    Reason,
    RecruitKind,
    RunStage,
    RunStatus,
)
from salam.needs.models import NeedLine
from salam.organizations.models import Organization
from salam.people.models import Person
from salam.places.models import Place


class Run(models.Model):
    """One solved plan: what was asked, what it is worth and how far from the best possible it can
    be.
    """

    place = models.ForeignKey(Place, models.PROTECT, related_name="+")
    province_code = models.CharField(max_length=2, blank=True)
    status = models.CharField(max_length=12, choices=RunStatus.choices)
    # Of a run that ended it is the last stage that began.
    stage = models.CharField(
        max_length=12, choices=RunStage.choices, default=RunStage.READ, db_default=RunStage.READ
    )
    stop_asked_at = models.DateTimeField(null=True, db_comment="a person asked the run to stop")
    started_by = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")
    started_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)
    decided_at = models.DateTimeField(null=True, db_comment="released or discarded by a person")
    # Without a constraint of the database: a person's row stays when the person is forgotten.
    decided_by = models.ForeignKey(
        Person,
        models.PROTECT,
        null=True,
        related_name="+",
        db_constraint=False,
        db_index=False,
    )
    released_up_to = models.BigIntegerField(
        db_default=0,
        default=0,
        db_comment="while releasing: everybody up to this person has been asked",
    )
    solve_seconds = models.FloatField(null=True)
    parameters = models.JSONField(
        default=dict, db_comment="weights, solver, week: all that shaped the plan"
    )
    volunteer_count = models.PositiveIntegerField(default=0)
    line_count = models.PositiveIntegerField(default=0)
    unit_count = models.PositiveIntegerField(
        default=0, db_comment="people asked for, over all lines"
    )
    proposed_count = models.PositiveIntegerField(default=0)
    violation_count = models.PositiveIntegerField(default=0)
    value = models.BigIntegerField(null=True)
    upper_bound = models.BigIntegerField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="run_status_among_listed", condition=Q(status__in=RunStatus.values)
            ),
            models.CheckConstraint(
                name="run_value_under_bound",
                condition=Q(value__isnull=True) | Q(value__lte=F("upper_bound")),
            ),
            models.CheckConstraint(
                name="run_live_has_certificate",
                condition=~Q(status__in=LIVE_RUNS)
                | Q(value__isnull=False, violation_count=0, finished_at__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"run {self.pk}"


class Renewal(models.Model):
    """A run that nobody started: after changes it made a plan anew in one province."""

    run = models.OneToOneField(Run, models.CASCADE, primary_key=True, related_name="renewal")
    renewed = models.ForeignKey(Run, models.CASCADE, related_name="renewals")
    change_count = models.PositiveIntegerField(db_comment="changes that it answers")

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="renewal_of_earlier_run", condition=Q(run_id__gt=F("renewed_id"))
            ),
        ]

    def __str__(self) -> str:
        return f"renewal {self.run_id}"


class RunFigure(models.Model):
    """One count of a run, made once when its plan is stored, so that no page counts proposals.

    Counts are of people or of half-days of need, never of somebody by name; small ones stand here
    as they are and are for headquarters alone.
    """

    run = models.ForeignKey(Run, models.CASCADE, related_name="figures")
    kind = models.CharField(max_length=12, choices=FigureKind.choices)
    key = models.CharField(max_length=24, db_comment="what is counted apart: see FigureKind")
    whole = models.PositiveIntegerField(db_comment="people asked for, or volunteers")
    proposed = models.PositiveIntegerField(default=0, db_comment="of them by this run")
    kept = models.PositiveIntegerField(default=0, db_comment="of them by offers that already held")
    line_count = models.PositiveIntegerField(default=0, db_comment="lines of needs, where it says")

    class Meta:
        constraints = [
            models.UniqueConstraint(name="run_figure_once", fields=["run", "kind", "key"]),
            models.CheckConstraint(
                name="run_figure_kind_listed", condition=Q(kind__in=FigureKind.values)
            ),
            models.CheckConstraint(
                name="run_figure_part_of_whole",
                condition=Q(whole__gte=F("proposed") + F("kept")),
            ),
        ]

    def __str__(self) -> str:
        return f"figure {self.pk}"


class RunComparison(models.Model):
    """What a plan changed of an earlier one over the same place, counted when it was stored."""

    run = models.ForeignKey(Run, models.CASCADE, related_name="comparisons")
    earlier = models.ForeignKey(Run, models.CASCADE, related_name="+")
    same_count = models.PositiveIntegerField(db_comment="the same person at the same line")
    changed_count = models.PositiveIntegerField(db_comment="somebody else at the same line")
    added_count = models.PositiveIntegerField(db_comment="people more than before at their lines")
    gone_count = models.PositiveIntegerField(db_comment="people fewer than before at their lines")

    class Meta:
        constraints = [
            models.UniqueConstraint(name="run_comparison_once", fields=["run", "earlier"]),
            models.CheckConstraint(
                name="run_comparison_with_earlier", condition=Q(run_id__gt=F("earlier_id"))
            ),
        ]

    def __str__(self) -> str:
        return f"comparison {self.pk}"


class RecruitFigure(models.Model):
    """What one more of something would add to a run's plan, at its lowered prices."""

    run = models.ForeignKey(Run, models.CASCADE, related_name="recruit_figures")
    kind = models.CharField(max_length=12, choices=RecruitKind.choices)
    place = models.ForeignKey(
        Place, models.PROTECT, related_name="+", db_comment="a county; the run's for languages"
    )
    key = models.CharField(
        max_length=40, blank=True, db_comment="code of a skill, or tier of vetting that is reached"
    )
    organization = models.ForeignKey(
        Organization, models.CASCADE, null=True, related_name="+", db_comment="whose seat it is"
    )
    worth = models.BigIntegerField(db_comment="units of 100 m: 20 are one point")
    worth_of_two = models.BigIntegerField(
        default=0, db_comment="of two half-days a week together, for volunteers"
    )

    class Meta:
        indexes = [models.Index(fields=["run", "-worth"], name="recruit_figure_best_first")]
        constraints = [
            models.UniqueConstraint(
                name="recruit_figure_once",
                fields=["run", "kind", "place", "key", "organization"],
                nulls_distinct=False,
            ),
            models.CheckConstraint(
                name="recruit_figure_kind_listed", condition=Q(kind__in=RecruitKind.values)
            ),
            models.CheckConstraint(name="recruit_figure_worthwhile", condition=Q(worth__gt=0)),
        ]

    def __str__(self) -> str:
        return f"recruit figure {self.pk}"


class Proposal(models.Model):
    """One person for one line of a need, with the parts of the reason as integers."""

    run = models.ForeignKey(Run, models.CASCADE, related_name="proposals")
    need_line = models.ForeignKey(NeedLine, models.PROTECT, related_name="+")
    half_day = models.PositiveSmallIntegerField(
        db_comment="the line's own, or one of those that a flexible line allows"
    )
    person = models.ForeignKey(Person, models.CASCADE, related_name="+")
    province_code = models.CharField(max_length=2)
    unit = models.PositiveSmallIntegerField(db_comment="1 = first person of the line")
    points = models.IntegerField(db_comment="worth of that unit, in points")
    distance_100m = models.IntegerField()
    reason = models.PositiveSmallIntegerField(choices=Reason.choices)
    candidate_count = models.PositiveIntegerField(db_comment="feasible people of the line")
    has_more_candidates = models.BooleanField(
        default=False,
        db_default=False,
        db_comment="candidate_count is where counting stopped",
    )

    class Meta:
        indexes = [models.Index(fields=["person"], name="proposal_of_person")]
        constraints = [
            models.UniqueConstraint(
                name="proposal_person_once_a_half_day",
                fields=["run", "need_line", "half_day", "person"],
            ),
            models.UniqueConstraint(
                name="proposal_unit_once_a_half_day",
                fields=["run", "need_line", "half_day", "unit"],
            ),
            models.CheckConstraint(
                name="proposal_half_day_0_to_13",
                condition=Q(half_day__isnull=False, half_day__range=(0, 13)),
            ),
        ]

    def __str__(self) -> str:
        return f"proposal {self.pk}"


class VolunteerWord(models.Model):
    """What matching needs to know of a volunteer besides the profile, worked out beforehand.

    Only a shelf: what is not here, or not valid on the day, is worked out anew
    (``matching.queries.volunteers``).
    """

    person = models.OneToOneField(Person, models.CASCADE, primary_key=True, related_name="+")
    is_matchable = models.BooleanField(db_comment="people.queries.matchable_volunteers")
    word = models.BigIntegerField(db_comment="attribute bits, without languages")
    valid_from = models.DateField()
    valid_until = models.DateField(
        db_comment="the next day on which age or vetting may change it by themselves"
    )

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="word_valid_until_after_from",
                condition=Q(valid_until__gt=F("valid_from")),
            ),
        ]

    def __str__(self) -> str:
        return f"word of {self.person_id}"


class ChangedVolunteer(models.Model):
    """Somebody whose word may have become wrong; triggers write these rows (migration 0006).

    Rows are only added and deleted, and nobody waits for another's: whoever changes a person never
    meets whoever renews the words.
    """

    id = models.BigAutoField(primary_key=True)
    person_id = models.BigIntegerField(db_comment="no key: the person may be gone by now")

    def __str__(self) -> str:
        return f"changed {self.person_id}"


class TouchedProvince(models.Model):
    """Changes that no live plan of a province knows of; a renewal answers them all at once."""

    province_code = models.CharField(max_length=2, primary_key=True)
    change_count = models.PositiveIntegerField(default=0)
    since = models.DateTimeField(db_comment="when the first of them was counted")

    def __str__(self) -> str:
        return f"touched {self.province_code}"
