
import django.db.models.deletion
import uuid
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('needs', '0001_initial'),
        ('organizations', '0001_initial'),
        ('people', '0002_skill_retired_bit'),
        ('timebank', '0003_post'),
    ]

    operations = [
        migrations.CreateModel(
            name='Offer',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('public_id', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ('half_day', models.PositiveSmallIntegerField()),
                ('province_code', models.CharField(max_length=2)),
                ('origin', models.CharField(db_comment='opaque: who or what asked for the offer', max_length=64)),
                ('distance_100m', models.IntegerField(null=True)),
                ('status', models.CharField(choices=[('open', 'در انتظار پاسخ شما'), ('accepted', 'پذیرفته'), ('declined', 'نپذیرفته'), ('expired', 'بی\u200cپاسخ ماند'), ('withdrawn', 'پس گرفته شد'), ('fulfilled', 'به پایان رسید')], max_length=12)),
                ('decline_reason', models.CharField(blank=True, choices=[('no_time', 'این روزها وقت ندارم'), ('other_hour', 'این نیم\u200cروز برایم مناسب نیست'), ('too_far', 'دور است'), ('not_for_me', 'این کار از من برنمی\u200cآید'), ('other', 'دلیل دیگری دارم'), ('unstated', 'نمی\u200cخواهم بگویم')], max_length=12)),
                ('opened_at', models.DateTimeField()),
                ('answer_by', models.DateTimeField()),
                ('answered_at', models.DateTimeField(null=True)),
                ('need_line', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='needs.needline')),
                ('organization', models.ForeignKey(db_comment='the intermediary that brokers', on_delete=django.db.models.deletion.PROTECT, related_name='+', to='organizations.organization')),
                ('person', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='people.person')),
            ],
        ),
        migrations.CreateModel(
            name='Assignment',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('public_id', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ('province_code', models.CharField(max_length=2)),
                ('status', models.CharField(choices=[('active', 'در جریان'), ('paused', 'درنگ'), ('ended', 'پایان\u200cیافته')], max_length=8)),
                ('started_at', models.DateTimeField()),
                ('ends_at', models.DateTimeField(db_comment='no later than this; agreed anew afterwards')),
                ('ended_at', models.DateTimeField(null=True)),
                ('end_reason', models.CharField(blank=True, choices=[('completed', 'کار به پایان رسید'), ('volunteer_left', 'به خواست داوطلب'), ('need_closed', 'نیاز برطرف شد'), ('host_ended', 'به خواست میزبان'), ('consent_withdrawn', 'رضایت پس گرفته شد'), ('host_closed', 'میزبان دیگر کار نمی\u200cکند'), ('term_over', 'مدتش تمام شد')], max_length=20)),
                ('host', models.ForeignKey(db_comment='confirms the hours', on_delete=django.db.models.deletion.PROTECT, related_name='+', to='organizations.organization')),
                ('organization', models.ForeignKey(db_comment='the intermediary that brokers', on_delete=django.db.models.deletion.PROTECT, related_name='+', to='organizations.organization')),
                ('person', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='people.person')),
                ('offer', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='assignment', to='service.offer')),
            ],
        ),
        migrations.CreateModel(
            name='Session',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('public_id', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ('happens_on', models.DateField()),
                ('province_code', models.CharField(max_length=2)),
                ('status', models.CharField(choices=[('planned', 'پیش رو'), ('served', 'انجام شد، در انتظار تأیید'), ('confirmed', 'ساعت\u200cها تأیید شد'), ('cancelled', 'برگزار نشد')], max_length=12)),
                ('reported_minutes', models.PositiveSmallIntegerField(db_comment='what the volunteer said', null=True)),
                ('reported_at', models.DateTimeField(null=True)),
                ('assignment', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='sessions', to='service.assignment')),
            ],
        ),
        migrations.CreateModel(
            name='Hours',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('duration_minutes', models.PositiveSmallIntegerField()),
                ('confirmed_at', models.DateTimeField()),
                ('reverse_reason', models.CharField(blank=True, choices=[('wrong_minutes', 'مدت درست ثبت نشده بود'), ('wrong_person', 'به حساب شخص دیگری ثبت شده بود'), ('wrong_day', 'روز خدمت درست ثبت نشده بود'), ('recorded_twice', 'دو بار ثبت شده بود'), ('not_served', 'این خدمت انجام نشده بود'), ('dispute_settled', 'پس از رسیدگی به اختلاف اصلاح شد')], max_length=16)),
                ('reversed_at', models.DateTimeField(null=True)),
                ('confirmed_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='people.person')),
                ('reversal', models.OneToOneField(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='timebank.transfer')),
                ('transfer', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='timebank.transfer')),
                ('session', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='hours', to='service.session')),
            ],
        ),
        migrations.AddIndex(
            model_name='offer',
            index=models.Index(fields=['person', 'status'], name='offer_of_person'),
        ),
        migrations.AddIndex(
            model_name='offer',
            index=models.Index(fields=['organization', 'status'], name='offer_of_organization'),
        ),
        migrations.AddIndex(
            model_name='offer',
            index=models.Index(condition=models.Q(('status', 'open')), fields=['answer_by'], name='offer_to_expire'),
        ),
        migrations.AddIndex(
            model_name='offer',
            index=models.Index(fields=['need_line', 'status'], name='offer_of_line'),
        ),
        migrations.AddConstraint(
            model_name='offer',
            constraint=models.CheckConstraint(condition=models.Q(('status__in', ['open', 'accepted', 'declined', 'expired', 'withdrawn', 'fulfilled'])), name='offer_status_known'),
        ),
        migrations.AddConstraint(
            model_name='offer',
            constraint=models.CheckConstraint(condition=models.Q(('half_day__range', (0, 13))), name='offer_half_day_0_to_13'),
        ),
        migrations.AddConstraint(
            model_name='offer',
            constraint=models.CheckConstraint(condition=models.Q(('answer_by__gt', models.F('opened_at'))), name='offer_answer_after_opening'),
        ),
        migrations.AddConstraint(
            model_name='offer',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('status', 'open'), _negated=True), ('answered_at__isnull', True), _connector='OR'), name='offer_open_is_unanswered'),
        ),
        migrations.AddConstraint(
            model_name='offer',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('decline_reason__in', ['no_time', 'other_hour', 'too_far', 'not_for_me', 'other', 'unstated']), ('status', 'declined')), models.Q(models.Q(('status', 'declined'), _negated=True), ('decline_reason', '')), _connector='OR'), name='offer_declined_says_why'),
        ),
        migrations.AddConstraint(
            model_name='offer',
            constraint=models.UniqueConstraint(condition=models.Q(('status__in', ('open', 'accepted'))), fields=('person', 'half_day'), name='offer_one_live_a_half_day'),
        ),
        migrations.AddIndex(
            model_name='assignment',
            index=models.Index(fields=['person', 'status'], name='assignment_of_person'),
        ),
        migrations.AddIndex(
            model_name='assignment',
            index=models.Index(fields=['organization', 'status'], name='assignment_of_organization'),
        ),
        migrations.AddIndex(
            model_name='assignment',
            index=models.Index(condition=models.Q(('ended_at__isnull', True)), fields=['ends_at'], name='assignment_to_end'),
        ),
        migrations.AddConstraint(
            model_name='assignment',
            constraint=models.CheckConstraint(condition=models.Q(('status__in', ['active', 'paused', 'ended'])), name='assignment_status_known'),
        ),
        migrations.AddConstraint(
            model_name='assignment',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('end_reason__in', ['completed', 'volunteer_left', 'need_closed', 'host_ended', 'consent_withdrawn', 'host_closed', 'term_over']), ('ended_at__isnull', False), ('status', 'ended')), models.Q(models.Q(('status', 'ended'), _negated=True), ('end_reason', ''), ('ended_at__isnull', True)), _connector='OR'), name='assignment_ended_says_when_and_why'),
        ),
        migrations.AddConstraint(
            model_name='assignment',
            constraint=models.CheckConstraint(condition=models.Q(('ends_at__gt', models.F('started_at'))), name='assignment_ends_after_start'),
        ),
        migrations.AddIndex(
            model_name='session',
            index=models.Index(fields=['status', 'happens_on'], name='session_to_confirm'),
        ),
        migrations.AddConstraint(
            model_name='session',
            constraint=models.UniqueConstraint(fields=('assignment', 'happens_on'), name='session_once_a_day'),
        ),
        migrations.AddConstraint(
            model_name='session',
            constraint=models.CheckConstraint(condition=models.Q(('status__in', ['planned', 'served', 'confirmed', 'cancelled'])), name='session_status_known'),
        ),
        migrations.AddConstraint(
            model_name='session',
            constraint=models.CheckConstraint(condition=models.Q(('reported_minutes__isnull', True), ('reported_minutes__range', (1, 720)), _connector='OR'), name='session_reported_minutes_1_to_720'),
        ),
        migrations.AddConstraint(
            model_name='hours',
            constraint=models.CheckConstraint(condition=models.Q(('duration_minutes__range', (1, 720))), name='hours_minutes_1_to_720'),
        ),
        migrations.AddConstraint(
            model_name='hours',
            constraint=models.UniqueConstraint(condition=models.Q(('reversed_at__isnull', True)), fields=('session',), name='hours_one_live_a_session'),
        ),
        migrations.AddConstraint(
            model_name='hours',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('reversal__isnull', True), ('reverse_reason', ''), ('reversed_at__isnull', True)), models.Q(('reversal__isnull', False), ('reverse_reason__in', ['wrong_minutes', 'wrong_person', 'wrong_day', 'recorded_twice', 'not_served', 'dispute_settled']), ('reversed_at__isnull', False)), _connector='OR'), name='hours_reversal_is_whole'),
        ),
    ]
