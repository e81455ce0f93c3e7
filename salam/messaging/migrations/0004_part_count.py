from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('messaging', '0003_report_checks_validated'),
    ]

    operations = [
        migrations.AlterField(
            model_name='message',
            name='status',
            field=models.CharField(choices=[('queued', 'در صف'), ('sending', 'در حال فرستادن'), ('sent', 'فرستاده\u200cشده'), ('delivered', 'رسیده'), ('failed', 'نرسیده'), ('undeliverable', 'نفرستاده')], default='queued', max_length=16),
        ),
        migrations.CreateModel(
            name='PartCount',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('day', models.DateField(db_comment='in Tehran')),
                ('gateway', models.CharField(max_length=16)),
                ('template', models.CharField(max_length=64)),
                ('message_count', models.PositiveIntegerField(default=0)),
                ('part_count', models.PositiveIntegerField(default=0)),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('day', 'gateway', 'template'), name='part_count_once_a_day')],
            },
        ),
    ]
