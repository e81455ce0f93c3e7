from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('matching', '0009_figures'),
        ('needs', '0003_line_timing_validated'),
    ]

    operations = [
        migrations.AddField(
            model_name='proposal',
            name='half_day',
            field=models.PositiveSmallIntegerField(db_comment="the line's own, or one of those that a flexible line allows", null=True),
        ),
    ]
