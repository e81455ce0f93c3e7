from django.contrib.postgres.operations import AddConstraintNotValid
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('matching', '0002_run_superseded'),
        ('people', '0002_skill_retired_bit'),
        ('places', '0001_initial'),
    ]

    operations = [
        migrations.AddField(
            model_name='run',
            name='decided_at',
            field=models.DateTimeField(db_comment='released or discarded by a person', null=True),
        ),
        migrations.AlterField(
            model_name='run',
            name='status',
            field=models.CharField(choices=[('running', 'در حال اجرا'), ('proposed', 'آمادهٔ بازبینی'), ('failed', 'ناتمام'), ('released', 'فرستاده\u200cشده'), ('discarded', 'کنار گذاشته'), ('superseded', 'جایگزین\u200cشده')], max_length=12),
        ),
        # What is checked goes under other names, so that the old checks fall only once the new
        # ones are there.
        AddConstraintNotValid(
            model_name='run',
            constraint=models.CheckConstraint(condition=models.Q(('status__in', ['running', 'proposed', 'failed', 'released', 'discarded', 'superseded'])), name='run_status_listed'),
        ),
        AddConstraintNotValid(
            model_name='run',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('status__in', ('proposed', 'released')), _negated=True), models.Q(('finished_at__isnull', False), ('value__isnull', False), ('violation_count', 0)), _connector='OR'), name='run_live_is_certified'),
        ),
        migrations.RemoveConstraint(
            model_name='run',
            name='run_proposed_is_certified',
        ),
        migrations.RemoveConstraint(
            model_name='run',
            name='run_status_known',
        ),
    ]
