"""What messages cost: parts by day, gateway and template, without the people."""

from __future__ import annotations

from datetime import date

from django.db import connection


def count_parts(*, day: date, gateway: str, template: str, parts: int) -> None:
    """Add one message of so many parts to what a gateway took on a day. For this room.

    What a killed worker had handed over is not counted: the provider's bill is the truth, and this
    shows early where it comes from.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO messaging_partcount (day, gateway, template, message_count, part_count) "
            "VALUES (%s, %s, %s, 1, %s) ON CONFLICT (day, gateway, template) DO UPDATE SET "
            "message_count = messaging_partcount.message_count + 1, "
            "part_count = messaging_partcount.part_count + excluded.part_count",
            [day, gateway, template, parts],
        )
