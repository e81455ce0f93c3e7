from django.contrib.postgres.operations import AddConstraintNotValid
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('messaging', '0001_initial'),
        ('people', '0002_skill_retired_bit'),
    ]

    operations = [
        migrations.AddField(
            model_name='message',
            name='handed_at',
            field=models.DateTimeField(db_comment='of the last attempt: the gateway was about to be asked; null: surely not', null=True),
        ),
        migrations.AddField(
            model_name='message',
            name='report_due_at',
            field=models.DateTimeField(db_comment='when the provider is asked what became of it; null: it is not', null=True),
        ),
        migrations.AddField(
            model_name='message',
            name='reported_at',
            field=models.DateTimeField(db_comment='when its final answer came', null=True),
        ),
        migrations.AddField(
            model_name='message',
            name='unsure_count',
            field=models.PositiveSmallIntegerField(db_comment='attempts after which nobody knows whether it left: so often it may have more', db_default=0, default=0),
        ),
        migrations.AlterField(
            model_name='message',
            name='status',
            field=models.CharField(choices=[('queued', 'در صف'), ('sending', 'در حال فرستادن'), ('sent', 'فرستاده\u200cشده'), ('delivered', 'رسیده'), ('failed', 'نرسیده'), ('undeliverable', 'بی\u200cشماره')], default='queued', max_length=16),
        ),
        # What is checked goes under other names, so that the old checks fall only once the new
        # ones are there.
        AddConstraintNotValid(
            model_name='message',
            constraint=models.CheckConstraint(condition=models.Q(('status__in', ['queued', 'sending', 'sent', 'delivered', 'failed', 'undeliverable'])), name='message_status_listed'),
        ),
        AddConstraintNotValid(
            model_name='message',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('sent_at__isnull', False), ('status__in', ('sent', 'delivered'))), ('status', 'failed'), models.Q(models.Q(('status__in', ('sent', 'delivered')), _negated=True), ('sent_at__isnull', True)), _connector='OR'), name='message_sent_at_instant'),
        ),
        AddConstraintNotValid(
            model_name='message',
            constraint=models.CheckConstraint(condition=models.Q(('status', 'sent'), ('report_due_at__isnull', True), _connector='OR'), name='message_only_sent_is_asked_about'),
        ),
        migrations.RemoveConstraint(
            model_name='message',
            name='message_status_known',
        ),
        migrations.RemoveConstraint(
            model_name='message',
            name='message_sent_has_instant',
        ),
    ]
