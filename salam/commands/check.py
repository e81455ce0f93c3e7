"""`salam check`: what is wrong with this installation, and how to mend it."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import timedelta

import click
import django
from django.conf import settings
from django.core.checks import run_checks
from django.core.exceptions import ImproperlyConfigured

from salam.commands.runtime import answer, instant, operator
from salam.core.dates import local_day
from salam.core.errors import DomainError
from salam.core.quantities import grouped

FREE_BYTES_MIN = 2 << 30
COSTS_WITHIN = timedelta(days=30)


@dataclass(frozen=True)
class Finding:
    """One thing looked at: all right, or what to do."""

    subject: str
    is_good: bool
    sentence: str


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print the findings as JSON.")
def check(*, as_json: bool) -> None:
    """Look at configuration, database, storage, vault, outbox, jobs and messages; exit 1 when
    something must be mended.
    """
    try:
        django.setup()
    except ImproperlyConfigured as problem:
        raise click.ClickException(f"پیکربندی درست نیست: {problem}") from None
    findings = [_looked_at(subject, look) for subject, look in _LOOKS]
    if as_json:
        answer(json.dumps([asdict(finding) for finding in findings], ensure_ascii=False))
    else:
        for finding in findings:
            answer(f"{'✓' if finding.is_good else '✗'} {finding.subject}: {finding.sentence}")
    if not all(finding.is_good for finding in findings):
        raise click.exceptions.Exit(1)


def _looked_at(subject: str, look: Callable[[], tuple[bool, str]]) -> Finding:
    try:
        return Finding(subject, *look())
    except DomainError as refusal:
        return Finding(subject, is_good=False, sentence=refusal.sentence)


def _configuration() -> tuple[bool, str]:
    problems = [problem for problem in run_checks() if problem.is_serious()]
    if problems:
        return False, "؛ ".join(str(problem.msg) for problem in problems)
    if settings.DEBUG:
        return False, "SALAM_DEBUG روشن است؛ روی کارگزار واقعی آن را بردارید."
    return True, "تنظیم‌ها درست است."


def _database() -> tuple[bool, str]:
    from django.db import DatabaseError, connection

    if not settings.DATABASE_URL:
        from salam.config import postgres

        if postgres.status(home=settings.SALAM_HOME).state is not postgres.State.RUNNING:
            return False, "پایگاه همراه برنامه خاموش است؛ با «salam up» روشن می‌شود."
    try:
        connection.ensure_connection()
        version = connection.pg_version  # type: ignore[attr-defined]
    except DatabaseError:
        return False, "پایگاه داده پاسخ نمی‌دهد؛ نشانی و دسترسی DATABASE_URL را ببینید."
    if version < 150_000:
        return False, f"PostgreSQL نسخهٔ {version // 10_000} است؛ ۱۵ یا تازه‌تر لازم است."
    return True, f"PostgreSQL نسخهٔ {grouped(version // 10_000)} پاسخ می‌دهد."


def _tables() -> tuple[bool, str]:
    from django.db import DatabaseError, connection
    from django.db.migrations.executor import MigrationExecutor

    try:
        executor = MigrationExecutor(connection)
    except DatabaseError:
        return False, "جدول‌ها خوانده نشد؛ اول پایگاه داده را درست کنید."
    waiting = executor.migration_plan(executor.loader.graph.leaf_nodes())
    if waiting:
        return False, f"{grouped(len(waiting))} به‌روزرسانی جدول مانده است؛ «salam up» انجامش می‌دهد."
    return True, "جدول‌ها به‌روز است."


def _storage() -> tuple[bool, str]:
    home = settings.SALAM_HOME
    if not os.access(home, os.W_OK):
        return False, f"در پوشهٔ {home} نمی‌شود نوشت؛ مالک و اجازه‌هایش را ببینید."
    free = shutil.disk_usage(home).free
    if free < FREE_BYTES_MIN:
        return False, f"فقط {grouped(free >> 20)} مگابایت جا مانده است؛ دست‌کم ۲ گیگابایت لازم است."
    return True, f"{grouped(free >> 30)} گیگابایت جا هست."


def _vault() -> tuple[bool, str]:
    from django.db import DatabaseError

    from salam.people.queries import vault_holds_nothing, vault_opens

    key = settings.SALAM_VAULT_KEY_FILE
    if key.resolve().is_relative_to(settings.SALAM_HOME):
        return False, (
            "کلید صندوق کنار داده‌هاست؛ آن را بیرون از پوشهٔ داده بگذارید (SALAM_VAULT_KEY_FILE)."
        )
    try:
        if key.exists() and key.stat().st_mode & 0o077:
            return False, f"پروندهٔ کلید صندوق را دیگران هم می‌خوانند: chmod 600 {key}"
        if vault_holds_nothing():
            return True, "هنوز چیزی در صندوق نیست."
        vault_opens()
    except OSError:
        return False, f"پروندهٔ کلید صندوق در {key} خوانده نمی‌شود؛ مالک و اجازه‌هایش را ببینید."
    except DatabaseError:
        return False, "صندوق خوانده نشد؛ اول پایگاه داده را درست کنید."
    return True, "کلیدها صندوق را باز می‌کنند."


def _outbox() -> tuple[bool, str]:
    from django.db import DatabaseError

    from salam.core.events import waiting_counts

    try:
        counts = waiting_counts()
    except DatabaseError:
        return False, "رویدادها خوانده نشد؛ اول پایگاه داده را درست کنید."
    if not counts:
        return True, "هنوز خواننده‌ای برای رویدادها نیست."
    worst = max(counts.values())
    return worst < 100_000, f"بیشترین رویداد خوانده‌نشده {grouped(worst)} است."


def _jobs() -> tuple[bool, str]:
    from django.db import DatabaseError

    from salam.core.dates import jalali_instant
    from salam.core.job_board import job_board

    now = instant()
    try:
        board = job_board(actor=operator(), now=now)
    except DatabaseError:
        return False, "کارها خوانده نشد؛ اول پایگاه داده را درست کنید."
    waiting = f"{grouped(board.waiting)} کار در صف است"
    if not board.workers:
        last = f" (آخرین نشانه: {jalali_instant(board.heard_at)})" if board.heard_at else ""
        return False, (
            f"{waiting} و کارگری روشن نیست{last}؛ «salam up» یا «salam work» راهش می‌اندازد."
        )
    if board.failed_lately:
        return False, (
            f"{waiting}؛ {grouped(board.failed_lately)} کار در یک روز گذشته انجام نشد: "
            "در /hq/jobs/failed/ ببینید کدام، و علتش را در گزارش کارگر."
        )
    return True, (
        f"{grouped(board.workers)} کارگر روشن است (آخرین نشانه: "
        f"{jalali_instant(board.heard_at or now)})؛ {waiting}."
    )


def _sweeps() -> tuple[bool, str]:
    """Sweeps that are late or take too long, while a worker is there."""
    from django.db import DatabaseError

    from salam.core.durations import duration_in_words
    from salam.core.job_board import job_board

    now = instant()
    try:
        board = job_board(actor=operator(), now=now)
    except DatabaseError:
        return False, "کارها خوانده نشد؛ اول پایگاه داده را درست کنید."

    def words(length: timedelta) -> str:
        return duration_in_words(minutes=int(length.total_seconds() // 60))

    long = [
        f"«{one.label}» {words(now - one.since)} است که تمام نشده"
        for one in board.long_running(now=now)
        if one.since is not None
    ]
    late = [
        f"«{one.label}» {words(now - one.expected_since)} است که انجام نشده "
        f"(نوبتش هر {words(one.period)} است)"
        for one in board.late(now=now)
        if one.expected_since is not None
    ]
    if long:
        long[-1] += "، کارگر را از نو راه بیندازید"
    if late:
        late[-1] += "، در /hq/jobs/ بخواهید که اکنون انجام شود"
    if long or late:
        return False, f"{'؛ '.join([*long, *late])}. علتش در گزارش کارگر است."
    return True, "کارهای نوبتی سر وقت انجام می‌شود."


def _messages() -> tuple[bool, str]:
    from django.db import DatabaseError

    from salam.messaging.gateways import chosen_gateway
    from salam.messaging.queries import costs_since, delivery_state

    try:
        state = delivery_state()
        parts = sum(cost.parts for cost in costs_since(since=local_day(instant()) - COSTS_WITHIN))
    except DatabaseError:
        return False, "پیام‌ها خوانده نشد؛ اول پایگاه داده را درست کنید."
    counts = f"{grouped(state.waiting)} پیام در صف، {grouped(state.failed)} نرسیده"
    if state.unsure:
        counts = f"{counts}، {grouped(state.unsure)} شاید دو بار رسیده"
    if parts:
        counts = f"{counts}؛ در ۳۰ روز گذشته {grouped(parts)} بخش پیامک فرستاده شد"
    if chosen_gateway().reaches_people:
        return True, f"{counts}."
    # Behind TLS the site is meant for people, who wait for a code that never comes.
    setting = f"SALAM_SMS_GATEWAY={settings.SALAM_SMS_GATEWAY}"
    return not settings.SECURE_HTTPS, f"{counts}؛ با {setting} پیامی به کسی نمی‌رسد."


def _runs() -> tuple[bool, str]:
    from django.db import DatabaseError

    from salam.matching.queries import unfinished_runs

    try:
        count = unfinished_runs()
    except DatabaseError:
        return False, "اجراها خوانده نشد؛ اول پایگاه داده را درست کنید."
    if count:
        return False, f"{grouped(count)} اجرا نیمه‌کاره مانده است؛ اجرای بعدی آن را می‌بندد."
    return True, "هیچ اجرایی نیمه‌کاره نمانده است."


def _ledger() -> tuple[bool, str]:
    """The guards only: the whole audit reads every entry and has a command of its own."""
    from django.db import DatabaseError

    from salam.timebank.queries import missing_guards

    try:
        missing = missing_guards()
    except DatabaseError:
        return False, "دفتر کل ساعت‌ها خوانده نشد؛ اول پایگاه داده را درست کنید."
    if missing:
        return False, (
            f"{grouped(len(missing))} نگهبان دفتر کل خاموش است یا نیست؛ "
            "«salam timebank audit» نشان می‌دهد کدام."
        )
    return True, "نگهبان‌های دفتر کل روشن‌اند؛ «salam timebank audit» همهٔ ردیف‌ها را می‌سنجد."


_LOOKS: tuple[tuple[str, Callable[[], tuple[bool, str]]], ...] = (
    ("پیکربندی", _configuration),
    ("پایگاه داده", _database),
    ("جدول‌ها", _tables),
    ("جای ذخیره", _storage),
    ("صندوق اطلاعات تماس", _vault),
    ("رویدادها", _outbox),
    ("کارها", _jobs),
    ("کارهای نوبتی", _sweeps),
    ("پیام‌ها", _messages),
    ("اجراهای پیشنهاد", _runs),
    ("دفتر کل ساعت‌ها", _ledger),
)
