from django.contrib.postgres.operations import ValidateConstraint
from django.db import migrations, models


def unique(name, column):
    """A unique constraint on an index that was built beside the table's writers."""
    return migrations.SeparateDatabaseAndState(
        database_operations=[
            migrations.RunSQL(
                f"""
                CREATE UNIQUE INDEX CONCURRENTLY IF NOT EXISTS {name}
                ON matching_proposal (run_id, need_line_id, half_day, {column}_id)
                """.replace('unit_id', 'unit'),
                f'DROP INDEX CONCURRENTLY IF EXISTS {name}',
            ),
            migrations.RunSQL(
                f'ALTER TABLE matching_proposal ADD CONSTRAINT {name} UNIQUE USING INDEX {name}',
                f'ALTER TABLE matching_proposal DROP CONSTRAINT {name}',
            ),
        ],
        state_operations=[
            migrations.AddConstraint(
                model_name='proposal',
                constraint=models.UniqueConstraint(fields=('run', 'need_line', 'half_day', column), name=name),
            ),
        ],
    )


class Migration(migrations.Migration):

    # Indexes of a big table are built beside its writers, which no transaction can do.
    atomic = False

    dependencies = [
        ('matching', '0012_proposal_half_day_checked'),
    ]

    operations = [
        ValidateConstraint(model_name='proposal', name='proposal_half_day_0_to_13'),
        # With the check in force PostgreSQL reads no row for this.
        migrations.AlterField(
            model_name='proposal',
            name='half_day',
            field=models.PositiveSmallIntegerField(db_comment="the line's own, or one of those that a flexible line allows"),
        ),
        unique('proposal_person_once_a_half_day', 'person'),
        unique('proposal_unit_once_a_half_day', 'unit'),
        migrations.RemoveConstraint(model_name='proposal', name='proposal_person_once_a_line'),
        migrations.RemoveConstraint(model_name='proposal', name='proposal_unit_once'),
    ]
