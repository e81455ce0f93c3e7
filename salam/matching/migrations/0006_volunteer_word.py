"""Words of volunteers on the shelf, and triggers that tell whose may have become wrong."""

import django.db.models.deletion
from django.db import migrations, models

# What a word is made of: the person's record, the profile, consents and credentials. One trigger a
# statement, whoever writes it (COPY too), in the transaction of the change itself.
_CHILDREN = ("people_volunteerprofile", "people_consent", "people_credential")
_EVENTS = (
    ("INSERT", "NEW"),
    ("UPDATE", "NEW"),
    ("UPDATE", "OLD"),  # should a row ever be handed to somebody else
    ("DELETE", "OLD"),
)

_NOTE = """
CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO matching_changedvolunteer (person_id)
    SELECT DISTINCT {key} FROM changed;
    RETURN NULL;
END
$$
"""
_TRIGGER = """
CREATE TRIGGER {name} AFTER {event} ON {table}
REFERENCING {side} TABLE AS changed
FOR EACH STATEMENT EXECUTE FUNCTION {function}()
"""


def _operations():
    """A person's own record is seen only when it changes: a new one has no profile yet."""
    person, child = "matching_note_person", "matching_note_volunteer"
    for function, key in ((person, "id"), (child, "person_id")):
        yield migrations.RunSQL(
            _NOTE.format(name=function, key=key), f"DROP FUNCTION {function}()"
        )
    wanted = [("people_person", "UPDATE", "NEW", person)]
    wanted += [(table, *event, child) for table in _CHILDREN for event in _EVENTS]
    for table, event, side, function in wanted:
        name = f"matching_note_{event}_{side}".lower()
        yield migrations.RunSQL(
            _TRIGGER.format(name=name, event=event, table=table, side=side, function=function),
            f"DROP TRIGGER {name} ON {table}",
        )


class Migration(migrations.Migration):

    dependencies = [
        ('matching', '0005_run_stage'),
        ('people', '0002_skill_retired_bit'),
    ]

    operations = [
        migrations.CreateModel(
            name='ChangedVolunteer',
            fields=[
                ('id', models.BigAutoField(primary_key=True, serialize=False)),
                ('person_id', models.BigIntegerField(db_comment='no key: the person may be gone by now')),
            ],
        ),
        migrations.CreateModel(
            name='VolunteerWord',
            fields=[
                ('person', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name='+', serialize=False, to='people.person')),
                ('is_matchable', models.BooleanField(db_comment='people.queries.matchable_volunteers')),
                ('word', models.BigIntegerField(db_comment='attribute bits, without languages')),
                ('valid_from', models.DateField()),
                ('valid_until', models.DateField(db_comment='the next day on which age or vetting may change it by themselves')),
            ],
            options={
                'constraints': [models.CheckConstraint(condition=models.Q(('valid_until__gt', models.F('valid_from'))), name='word_valid_until_after_from')],
            },
        ),
        *_operations(),
    ]
