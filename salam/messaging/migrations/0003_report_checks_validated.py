from django.contrib.postgres.operations import AddIndexConcurrently, ValidateConstraint
from django.db import migrations, models


class Migration(migrations.Migration):

    # An index that is built while messages are sent stands in no transaction.
    atomic = False

    dependencies = [
        ('messaging', '0002_reports'),
    ]

    operations = [
        ValidateConstraint(model_name='message', name='message_status_listed'),
        ValidateConstraint(model_name='message', name='message_sent_at_instant'),
        ValidateConstraint(model_name='message', name='message_only_sent_is_asked_about'),
        AddIndexConcurrently(
            model_name='message',
            index=models.Index(condition=models.Q(('report_due_at__isnull', False)), fields=['report_due_at', 'id'], name='message_report_due'),
        ),
    ]
