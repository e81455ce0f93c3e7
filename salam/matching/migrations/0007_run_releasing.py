import django.db.models.deletion
from django.contrib.postgres.operations import AddConstraintNotValid
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('matching', '0006_volunteer_word'),
        ('people', '0002_skill_retired_bit'),
        ('places', '0001_initial'),
    ]

    operations = [
        migrations.AddField(
            model_name='proposal',
            name='has_more_candidates',
            field=models.BooleanField(db_comment='candidate_count is where counting stopped', db_default=False, default=False),
        ),
        migrations.AddField(
            model_name='run',
            name='decided_by',
            field=models.ForeignKey(db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='people.person'),
        ),
        migrations.AddField(
            model_name='run',
            name='released_up_to',
            field=models.BigIntegerField(db_comment='while releasing: everybody up to this person has been asked', db_default=0, default=0),
        ),
        migrations.AlterField(
            model_name='run',
            name='status',
            field=models.CharField(choices=[('running', 'در حال اجرا'), ('proposed', 'آمادهٔ بازبینی'), ('failed', 'ناتمام'), ('releasing', 'در حال فرستادن'), ('released', 'فرستاده\u200cشده'), ('discarded', 'کنار گذاشته'), ('superseded', 'جایگزین\u200cشده')], max_length=12),
        ),
        # What is checked goes under other names, so that the old checks fall only once the new
        # ones are there.
        AddConstraintNotValid(
            model_name='run',
            constraint=models.CheckConstraint(condition=models.Q(('status__in', ['running', 'proposed', 'failed', 'releasing', 'released', 'discarded', 'superseded'])), name='run_status_among_listed'),
        ),
        AddConstraintNotValid(
            model_name='run',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('status__in', ('proposed', 'releasing', 'released')), _negated=True), models.Q(('finished_at__isnull', False), ('value__isnull', False), ('violation_count', 0)), _connector='OR'), name='run_live_has_certificate'),
        ),
        migrations.RemoveConstraint(
            model_name='run',
            name='run_live_is_certified',
        ),
        migrations.RemoveConstraint(
            model_name='run',
            name='run_status_listed',
        ),
    ]
