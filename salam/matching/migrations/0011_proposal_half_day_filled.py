from django.db import migrations


class Migration(migrations.Migration):

    dependencies = [
        ('matching', '0010_proposal_half_day'),
    ]

    operations = [
        migrations.RunSQL(
            """
            UPDATE matching_proposal AS proposal
            SET half_day = line.half_day
            FROM needs_needline AS line
            WHERE line.id = proposal.need_line_id AND proposal.half_day IS NULL
            """,
            migrations.RunSQL.noop,
        ),
    ]
