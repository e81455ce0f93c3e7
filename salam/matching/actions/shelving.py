"""Keeping the words of volunteers, so that a run need not work all of them out anew."""

from __future__ import annotations

from datetime import date
from typing import Final

import numpy as np
from django.db import connection, transaction
from django.db.models import Exists, OuterRef

from salam.core.columns import among, read_columns
from salam.matching.models import VolunteerWord
from salam.matching.queries.attributes import AGE_BITS, volunteer_word
from salam.matching.queries.volunteers import stale_profiles
from salam.people.models import VolunteerProfile
from salam.people.queries import matchable_volunteers

# Held by whoever renews the words. Any constant does that nobody else takes.
_WORDS_LOCK: Final = 7_300_213

# So many new rows make the planner's picture of the table wrong, and a run follows at once.
_ANALYZE_FROM: Final = 1000

_RENEW: Final = """
    INSERT INTO matching_volunteerword (person_id, is_matchable, word, valid_from, valid_until)
    SELECT profile.person_id, matchable.word IS NOT NULL, coalesce(matchable.word, 0), %s,
           least('9999-12-31'::date, {birthdays}, vetting.changes_on)
    FROM people_volunteerprofile AS profile
    JOIN people_person AS person ON person.id = profile.person_id
    LEFT JOIN ({matchable}) AS matchable (person_id, word)
           ON matchable.person_id = profile.person_id
    LEFT JOIN (
        SELECT person_id,
               least(min(issued_on) FILTER (WHERE issued_on > %s),
                     min(expires_on) FILTER (WHERE expires_on > %s)) AS changes_on
        FROM people_credential
        WHERE person_id IN ({among})
        GROUP BY person_id
    ) AS vetting ON vetting.person_id = profile.person_id
    WHERE profile.person_id IN ({among})
    ON CONFLICT (person_id) DO UPDATE SET
        (is_matchable, word, valid_from, valid_until) =
        (excluded.is_matchable, excluded.word, excluded.valid_from, excluded.valid_until)
"""
# Who was born on 29 February is of age on 1 March, while PostgreSQL adds years up to 28 February:
# both days are seen, since a word that is renewed too often is still right.
_BIRTHDAY: Final = """
    CASE WHEN (person.birth_date + interval '{age} years')::date > %s
         THEN (person.birth_date + interval '{age} years')::date
         WHEN (person.birth_date + interval '{age} years')::date + 1 > %s
         THEN (person.birth_date + interval '{age} years')::date + 1 END
"""


def refresh_words(*, on: date) -> int:
    """Work out the words that are missing, were not made for this day, or whose person has changed;
    returns how many. Four statements, however many people.

    Whoever changes somebody meanwhile waits for nothing and is not lost: the note of the change
    comes with the change itself, and only notes that were there at the beginning are taken away.
    Words are worked out after that, so they are at least as new. Nothing depends on this being
    done: :func:`salam.matching.queries.volunteers.read_volunteers` works out what is missing.
    """
    with transaction.atomic(), connection.cursor() as cursor:
        # An older picture of a person must not be written over a newer one.
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_WORDS_LOCK])
        stale = read_columns(
            rows=stale_profiles(on=on), columns={"person_id": np.int64}, order_by=["person_id"]
        )["person_id"]
        cursor.execute("DELETE FROM matching_changedvolunteer RETURNING person_id")
        noted = np.array([person_id for (person_id,) in cursor.fetchall()], np.int64)
        stale = np.union1d(stale, noted)
        if not len(stale):
            return 0
        matchable, parameters = (
            matchable_volunteers(on=on)
            .filter(person_id__in=among(keys=stale))
            .annotate(word=volunteer_word(on=on))
            .order_by()
            .values_list("person_id", "word")
            .query.sql_with_params()
        )
        birthdays = ", ".join(_BIRTHDAY.format(age=age.value) for age in AGE_BITS)
        chosen = among(keys=stale)
        cursor.execute(
            _RENEW.format(birthdays=birthdays, matchable=matchable, among=chosen.sql),
            [
                on,
                *[on] * (2 * len(AGE_BITS)),
                *parameters,
                on,
                on,
                *chosen.params,
                *chosen.params,
            ],
        )
        renewed: int = cursor.rowcount
        profiles = VolunteerProfile.objects.filter(person_id=OuterRef("person_id"))
        words = VolunteerWord.objects.filter(person_id__in=chosen)
        words.filter(~Exists(profiles)).delete()
        if renewed >= _ANALYZE_FROM:
            cursor.execute("ANALYZE matching_volunteerword")
        return renewed
