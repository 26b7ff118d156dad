"""The first tables of notices, and all that was added until the step this file is named after: docs/adr/0049."""

import datetime
import django.db.models.deletion
import django.db.models.manager
import uuid
from django.conf import settings
from django.db import migrations, models

from audit.tables import CreateModels


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('accounts', '0002_platform_identities'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        CreateModels([
            migrations.CreateModel(
                name='NoticeChannel',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('uuid', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                    ('kind', models.CharField(editable=False, max_length=24)),
                    ('name', models.CharField(max_length=60, unique=True, verbose_name='name')),
                    ('config', models.BinaryField(default=bytes)),
                    ('config_set_at', models.DateTimeField(editable=False, null=True)),
                    ('is_on', models.BooleanField(default=True, editable=False)),
                    ('off_words', models.CharField(blank=True, editable=False, max_length=500)),
                    ('paused_until', models.DateTimeField(editable=False, null=True)),
                    ('tested_at', models.DateTimeField(editable=False, null=True)),
                    ('test_went_well', models.BooleanField(default=False, editable=False)),
                    ('test_words', models.CharField(blank=True, editable=False, max_length=500)),
                    ('last_success_at', models.DateTimeField(editable=False, null=True)),
                    ('last_error_at', models.DateTimeField(editable=False, null=True)),
                    ('last_error', models.CharField(blank=True, editable=False, max_length=500)),
                    ('failures', models.PositiveIntegerField(default=0, editable=False)),
                    ('refusals', models.PositiveIntegerField(default=0, editable=False)),
                    ('version', models.PositiveIntegerField(default=1)),
                ],
                options={
                    'ordering': ['pk'],
                },
            ),
            migrations.CreateModel(
                name='NoticeRule',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('quiet_from', models.TimeField(default=datetime.time(22, 0), verbose_name='quiet from')),
                    ('quiet_until', models.TimeField(default=datetime.time(7, 30), verbose_name='quiet until')),
                    ('now_minutes', models.PositiveSmallIntegerField(default=5, verbose_name='level one: minutes to acknowledge')),
                    ('soon_minutes', models.PositiveSmallIntegerField(default=15, verbose_name='level two: minutes to acknowledge')),
                    ('calm_minutes', models.PositiveSmallIntegerField(default=60, verbose_name='level three: minutes to acknowledge')),
                    ('version', models.PositiveIntegerField(default=1)),
                ],
            ),
            migrations.CreateModel(
                name='Call',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('uuid', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                    ('event', models.CharField(max_length=80)),
                    ('about', models.CharField(blank=True, max_length=80)),
                    ('subject', models.CharField(max_length=200)),
                    ('body', models.TextField(blank=True)),
                    ('url', models.CharField(blank=True, max_length=500)),
                    ('urgency', models.PositiveSmallIntegerField(choices=[(1, 'at once'), (2, 'soon'), (3, 'when convenient')])),
                    ('one_is_enough', models.BooleanField()),
                    ('every', models.DurationField()),
                    ('created_at', models.DateTimeField()),
                    ('next_at', models.DateTimeField()),
                    ('ended_at', models.DateTimeField(null=True)),
                    ('end', models.CharField(blank=True, choices=[('acknowledged', 'acknowledged'), ('stood_down', 'no longer needed'), ('unanswered', 'nobody left to tell')], max_length=12)),
                    ('exercise', models.ForeignKey(blank=True, editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.exercise')),
                    ('sender', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                    ('is_answered_there', models.BooleanField(default=False)),
                ],
                options={
                    'ordering': ['-created_at', '-id'],
                    'abstract': False,
                    'base_manager_name': 'everywhere',
                    'indexes': [models.Index(condition=models.Q(('ended_at__isnull', True)), fields=['next_at'], name='call_to_chase'), models.Index(fields=['about', '-created_at'], name='call_about')],
                },
                managers=[
                    ('objects', django.db.models.manager.Manager()),
                    ('everywhere', django.db.models.manager.Manager()),
                ],
            ),
            migrations.CreateModel(
                name='Notice',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('uuid', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                    ('event', models.CharField(max_length=80)),
                    ('subject', models.CharField(max_length=200)),
                    ('body', models.TextField(blank=True)),
                    ('url', models.CharField(blank=True, max_length=500)),
                    ('urgency', models.PositiveSmallIntegerField(choices=[(1, 'at once'), (2, 'soon'), (3, 'when convenient')], default=2)),
                    ('created_at', models.DateTimeField()),
                    ('read_at', models.DateTimeField(blank=True, null=True)),
                    ('exercise', models.ForeignKey(blank=True, editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.exercise')),
                    ('person', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='notices', to=settings.AUTH_USER_MODEL)),
                    ('about', models.CharField(blank=True, max_length=80)),
                    ('acknowledged_at', models.DateTimeField(null=True)),
                    ('call', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='notices', to='notices.call')),
                ],
                options={
                    'ordering': ['-created_at', '-id'],
                    'abstract': False,
                    'base_manager_name': 'everywhere',
                    'indexes': [models.Index(fields=['person', 'read_at', '-created_at'], name='notice_inbox'), models.Index(fields=['about', '-created_at'], name='notice_about')],
                },
                managers=[
                    ('objects', django.db.models.manager.Manager()),
                    ('everywhere', django.db.models.manager.Manager()),
                ],
            ),
            migrations.CreateModel(
                name='DeliveryAttempt',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('uuid', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                    ('event', models.CharField(max_length=80)),
                    ('urgency', models.PositiveSmallIntegerField(choices=[(1, 'at once'), (2, 'soon'), (3, 'when convenient')])),
                    ('notices', models.PositiveIntegerField(default=1)),
                    ('began_at', models.DateTimeField()),
                    ('ended_at', models.DateTimeField(null=True)),
                    ('outcome', models.CharField(choices=[('trying', 'being sent'), ('sent', 'sent'), ('put_off', 'not taken, to be tried again'), ('refused', 'refused'), ('unknown', 'unknown whether it arrived')], default='trying', max_length=8)),
                    ('code', models.CharField(blank=True, max_length=60)),
                    ('words', models.CharField(blank=True, max_length=500)),
                    ('receipt', models.CharField(blank=True, max_length=200)),
                    ('person', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                    ('channel', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='attempts', to='notices.noticechannel')),
                ],
                options={
                    'ordering': ['-began_at', '-id'],
                    'indexes': [models.Index(fields=['channel', '-began_at'], name='attempt_pace'), models.Index(fields=['-began_at'], name='attempt_ledger'), models.Index(fields=['person', '-began_at'], name='attempt_of_person')],
                },
            ),
            migrations.CreateModel(
                name='Delivery',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('state', models.CharField(choices=[('queued', 'queued'), ('sent', 'sent'), ('unknown', 'unknown whether it arrived'), ('moved', 'another channel took over'), ('failed', 'given up')], default='queued', max_length=8)),
                    ('claimed_at', models.DateTimeField(blank=True, null=True)),
                    ('attempts', models.PositiveSmallIntegerField(default=0)),
                    ('next_try_at', models.DateTimeField()),
                    ('sent_at', models.DateTimeField(blank=True, null=True)),
                    ('receipt', models.CharField(blank=True, max_length=200)),
                    ('error', models.CharField(blank=True, max_length=500)),
                    ('notice', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='deliveries', to='notices.notice')),
                    ('attempt', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='deliveries', to='notices.deliveryattempt')),
                    ('channel', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='deliveries', to='notices.noticechannel')),
                ],
                options={
                    'indexes': [models.Index(fields=['state', 'next_try_at'], name='delivery_due')],
                    'constraints': [models.UniqueConstraint(fields=('notice', 'channel'), name='one_delivery_per_channel')],
                },
            ),
            migrations.CreateModel(
                name='NoticeRoute',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('role', models.CharField(blank=True, choices=[('leader_head', 'leadership group head'), ('leader_deputy', 'leadership group deputy'), ('leader_member', 'leadership group member'), ('team_head', 'working group head'), ('team_member', 'working group member'), ('spokesperson', 'spokesperson'), ('alternate', 'alternate spokesperson'), ('monitor', 'monitor on duty'), ('department_head', 'department head'), ('department_staff', 'department staff'), ('system_admin', 'system administrator'), ('security_admin', 'security administrator'), ('auditor', 'auditor')], max_length=24, verbose_name='role')),
                    ('least', models.PositiveSmallIntegerField(choices=[(1, 'at once'), (2, 'soon'), (3, 'when convenient')], default=3, verbose_name='at least')),
                    ('since', models.TimeField(blank=True, null=True, verbose_name='from')),
                    ('until', models.TimeField(blank=True, null=True, verbose_name='until')),
                    ('position', models.PositiveSmallIntegerField(default=10, verbose_name='place in the order')),
                    ('channel', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='routes', to='notices.noticechannel', verbose_name='channel')),
                    ('person', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='person')),
                ],
                options={
                    'ordering': ['position', 'pk'],
                    'constraints': [models.CheckConstraint(condition=models.Q(('role', ''), ('person__isnull', True), _connector='OR'), name='route_for_role_or_person'), models.CheckConstraint(condition=models.Q(models.Q(('since__isnull', True), ('until__isnull', True)), models.Q(('since__isnull', False), ('until__isnull', False)), _connector='OR'), name='route_hours_whole')],
                },
            ),
            migrations.CreateModel(
                name='QuietHours',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('quiet_from', models.TimeField(verbose_name='quiet from')),
                    ('quiet_until', models.TimeField(verbose_name='quiet until')),
                    ('person', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='quiet_hours', to=settings.AUTH_USER_MODEL)),
                ],
            ),
            migrations.CreateModel(
                name='Standby',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('position', models.PositiveSmallIntegerField()),
                    ('told_at', models.DateTimeField(null=True)),
                    ('call', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='standbys', to='notices.call')),
                    ('person', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ],
                options={
                    'ordering': ['position'],
                    'constraints': [models.UniqueConstraint(fields=('call', 'position'), name='one_standby_per_position')],
                },
            ),
        ]),
    ]
