from django.contrib.postgres.operations import AddConstraintNotValid
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('needs', '0001_initial'),
    ]

    operations = [
        migrations.AddField(
            model_name='needline',
            name='timing',
            field=models.CharField(choices=[('fixed', 'در یک نیم\u200cروز ثابت، هر هفته'), ('window', 'در بازه\u200cای از روزها'), ('open', 'هر وقت کسی بتواند، تا نیاز باز است')], db_default='fixed', default='fixed', max_length=8),
        ),
        migrations.AddField(
            model_name='needline',
            name='half_day_bits',
            field=models.PositiveSmallIntegerField(db_comment='half-days that a flexible line allows', db_default=0, default=0),
        ),
        migrations.AddField(
            model_name='needline',
            name='half_days_weekly',
            field=models.PositiveSmallIntegerField(db_comment='how many half-days a week are wanted', db_default=1, default=1),
        ),
        migrations.AddField(
            model_name='needline',
            name='starts_on',
            field=models.DateField(db_comment='first day of a window', null=True),
        ),
        migrations.AddField(
            model_name='needline',
            name='ends_on',
            field=models.DateField(db_comment='last day of a window', null=True),
        ),
        migrations.AlterField(
            model_name='needline',
            name='half_day',
            field=models.PositiveSmallIntegerField(db_comment='0 = Saturday morning … 13 = Friday afternoon', null=True),
        ),
        AddConstraintNotValid(
            model_name='needline',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('ends_on__isnull', True), ('half_day__isnull', False), ('half_day_bits', 0), ('half_days_weekly', 1), ('starts_on__isnull', True), ('timing', 'fixed')), models.Q(('ends_on__gte', models.F('starts_on')), ('ends_on__isnull', False), ('half_day__isnull', True), ('half_day_bits__range', (1, 16383)), ('half_days_weekly__range', (1, 14)), ('starts_on__isnull', False), ('timing', 'window')), models.Q(('ends_on__isnull', True), ('half_day__isnull', True), ('half_day_bits__range', (1, 16383)), ('half_days_weekly__range', (1, 14)), ('starts_on__isnull', True), ('timing', 'open')), _connector='OR'), name='need_line_timing_whole'),
        ),
    ]
