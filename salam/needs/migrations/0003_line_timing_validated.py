from django.contrib.postgres.operations import ValidateConstraint
from django.db import migrations, models


class Migration(migrations.Migration):

    # Indexes of a big table are built beside its writers, which no transaction can do.
    atomic = False

    dependencies = [
        ('needs', '0002_line_timing'),
    ]

    operations = [
        ValidateConstraint(model_name='needline', name='need_line_timing_whole'),
        migrations.SeparateDatabaseAndState(
            database_operations=[
                migrations.RunSQL(
                    """
                    CREATE UNIQUE INDEX CONCURRENTLY IF NOT EXISTS need_line_flexible_once
                    ON needs_needline (need_id, half_day_bits, skill_bits, starts_on, ends_on)
                    NULLS NOT DISTINCT
                    WHERE NOT (timing = 'fixed')
                    """,
                    'DROP INDEX CONCURRENTLY IF EXISTS need_line_flexible_once',
                ),
            ],
            state_operations=[
                migrations.AddConstraint(
                    model_name='needline',
                    constraint=models.UniqueConstraint(condition=models.Q(('timing', 'fixed'), _negated=True), fields=('need', 'half_day_bits', 'skill_bits', 'starts_on', 'ends_on'), name='need_line_flexible_once', nulls_distinct=False),
                ),
            ],
        ),
    ]
