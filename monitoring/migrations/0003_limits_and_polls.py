"""The first tables of monitoring, and all that was added until the step this file is named after: docs/adr/0049."""

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
        ('opinion', '0007_exercises_apart_and_clocks_behind'),
    ]

    operations = [
        CreateModels([
            migrations.CreateModel(
                name='Poll',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('started_at', models.DateTimeField(db_index=True)),
                    ('ended_at', models.DateTimeField()),
                    ('health', models.CharField(choices=[('never', 'nothing heard yet'), ('ok', 'listening'), ('unchanged', 'listening, nothing new'), ('empty', 'a feed without entries'), ('not_a_feed', 'answered with something that is not a feed'), ('captcha', 'answered with a captcha or a sign-in page'), ('stale', 'answers, but brings nothing new any more'), ('quiet', 'has brought nothing for unusually long'), ('overdue', 'waits too long for its turn'), ('clock_wrong', 'its posts carry wrong times'), ('unreadable', 'the feed cannot be read'), ('too_large', 'the feed is too large'), ('slow', 'took too long to answer'), ('unreachable', 'cannot be reached'), ('refused_address', 'its address is not allowed'), ('http_error', 'answers with an error'), ('rate_limited', 'asks us to slow down'), ('gone', 'gone for good'), ('off', 'switched off')], max_length=16)),
                    ('words', models.CharField(blank=True, max_length=300)),
                    ('http_status', models.PositiveSmallIntegerField(null=True)),
                    ('entries', models.PositiveIntegerField(default=0)),
                    ('stored', models.PositiveIntegerField(default=0)),
                    ('known', models.PositiveIntegerField(default=0)),
                    ('source', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='polls', to='opinion.source')),
                ],
                options={
                    'ordering': ['-started_at'],
                    'indexes': [models.Index(fields=['source', '-started_at'], name='polls_of_a_source')],
                },
            ),
            migrations.CreateModel(
                name='Signal',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('uuid', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                    ('kind', models.CharField(choices=[('burst', 'burst'), ('negative_share', 'negative share'), ('key_source', 'key source'), ('risk_word', 'risk word at first sight')], max_length=16)),
                    ('opened_at', models.DateTimeField()),
                    ('grown_at', models.DateTimeField()),
                    ('suggestion', models.CharField(blank=True, choices=[('attention', 'daily attention'), ('3', 'level three'), ('2', 'level two'), ('1', 'level one')], max_length=10)),
                    ('reasons', models.JSONField(default=list)),
                    ('is_useful', models.BooleanField(null=True)),
                    ('verdict', models.CharField(blank=True, choices=[('attention', 'daily attention'), ('3', 'level three'), ('2', 'level two'), ('1', 'level one')], max_length=10)),
                    ('closed_at', models.DateTimeField(null=True)),
                    ('version', models.PositiveIntegerField(default=1)),
                    ('closed_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                    ('exercise', models.ForeignKey(blank=True, editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.exercise')),
                    ('posts', models.ManyToManyField(related_name='signals', to='opinion.post')),
                    ('topic', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='signals', to='opinion.topic')),
                    ('watch', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='signals', to='opinion.watch')),
                    ('previous', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='next_waves', to='monitoring.signal')),
                    ('snoozed_at', models.DateTimeField(null=True)),
                    ('snoozed_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ],
                options={
                    'ordering': ['-grown_at'],
                    'abstract': False,
                    'base_manager_name': 'everywhere',
                    'constraints': [models.UniqueConstraint(condition=models.Q(('closed_at__isnull', True)), fields=('topic',), name='one_open_signal_per_topic')],
                },
                managers=[
                    ('objects', django.db.models.manager.Manager()),
                    ('everywhere', django.db.models.manager.Manager()),
                ],
            ),
            migrations.CreateModel(
                name='SignalGrowth',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('at', models.DateTimeField()),
                    ('suggestion', models.CharField(blank=True, choices=[('attention', 'daily attention'), ('3', 'level three'), ('2', 'level two'), ('1', 'level one')], max_length=10)),
                    ('reasons', models.JSONField(default=list)),
                    ('signal', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='growths', to='monitoring.signal')),
                    ('kept', models.JSONField(default=dict)),
                    ('kept_hash', models.CharField(blank=True, max_length=64)),
                ],
                options={
                    'ordering': ['at', 'id'],
                },
            ),
            migrations.CreateModel(
                name='DutyRule',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('log_due', models.TimeField(default=datetime.time(18, 0), verbose_name='the log is due at')),
                    ('tell_after_minutes', models.PositiveIntegerField(default=30, verbose_name='tell of a source in trouble after (minutes)')),
                    ('version', models.PositiveIntegerField(default=1)),
                ],
            ),
            migrations.CreateModel(
                name='Vendor',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('uuid', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                    ('name', models.CharField(max_length=80, unique=True, verbose_name='name')),
                    ('contact', models.CharField(blank=True, max_length=200, verbose_name='contact')),
                    ('per_minute', models.PositiveIntegerField(default=60, verbose_name='requests a minute')),
                    ('mapping', models.JSONField(blank=True, default=dict)),
                    ('is_enabled', models.BooleanField(default=True, verbose_name='may push')),
                    ('version', models.PositiveIntegerField(default=1)),
                ],
                options={
                    'ordering': ['name'],
                },
            ),
            migrations.CreateModel(
                name='CoverageDay',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('day', models.DateField()),
                    ('source_class', models.CharField(choices=[('platform', 'online platform'), ('media', 'mainstream media'), ('own', 'own channel')], max_length=8)),
                    ('sources', models.PositiveIntegerField(default=0)),
                    ('polls_ok', models.PositiveIntegerField(default=0)),
                    ('polls_failed', models.PositiveIntegerField(default=0)),
                    ('posts', models.PositiveIntegerField(default=0)),
                    ('gaps', models.JSONField(default=list)),
                    ('counted_at', models.DateTimeField()),
                ],
                options={
                    'ordering': ['-day', 'source_class'],
                    'constraints': [models.UniqueConstraint(fields=('day', 'source_class'), name='coverage_day_once')],
                },
            ),
            migrations.CreateModel(
                name='DutyLog',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('uuid', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                    ('day', models.DateField(unique=True)),
                    ('figures', models.JSONField(default=dict)),
                    ('remarks', models.TextField(blank=True, max_length=4000, verbose_name='remarks')),
                    ('handover', models.TextField(blank=True, max_length=4000, verbose_name='to the next shift')),
                    ('signed_at', models.DateTimeField(null=True)),
                    ('instead_of', models.CharField(blank=True, max_length=200)),
                    ('is_late', models.BooleanField(default=False)),
                    ('flagged_at', models.DateTimeField(null=True)),
                    ('version', models.PositiveIntegerField(default=1)),
                    ('signed_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ],
                options={
                    'ordering': ['-day'],
                },
            ),
            migrations.CreateModel(
                name='DutyShift',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('uuid', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                    ('starts_at', models.DateTimeField(db_index=True, verbose_name='from')),
                    ('ends_at', models.DateTimeField(verbose_name='until')),
                    ('cancelled_at', models.DateTimeField(null=True)),
                    ('version', models.PositiveIntegerField(default=1)),
                    ('made_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                    ('person', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='shifts', to=settings.AUTH_USER_MODEL, verbose_name='on duty')),
                ],
                options={
                    'ordering': ['starts_at'],
                },
            ),
            migrations.CreateModel(
                name='Import',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('uuid', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                    ('name', models.CharField(max_length=200)),
                    ('format', models.CharField(choices=[('csv', 'CSV'), ('xlsx', 'XLSX'), ('jsonl', 'JSON Lines')], max_length=5)),
                    ('sha256', models.CharField(max_length=64)),
                    ('mapping', models.JSONField(default=dict)),
                    ('state', models.CharField(choices=[('mapping', 'columns to be named'), ('waiting', 'waiting'), ('running', 'running'), ('done', 'done'), ('failed', 'failed'), ('undoing', 'being taken back'), ('undone', 'taken back')], default='mapping', max_length=7)),
                    ('rows', models.PositiveIntegerField(default=0)),
                    ('done', models.PositiveIntegerField(default=0)),
                    ('stored', models.PositiveIntegerField(default=0)),
                    ('heard', models.PositiveIntegerField(default=0)),
                    ('duplicate', models.PositiveIntegerField(default=0)),
                    ('rejected', models.PositiveIntegerField(default=0)),
                    ('words', models.CharField(blank=True, max_length=300)),
                    ('at', models.DateTimeField()),
                    ('started_at', models.DateTimeField(null=True)),
                    ('leased_until', models.DateTimeField(null=True)),
                    ('ended_at', models.DateTimeField(null=True)),
                    ('undone_at', models.DateTimeField(null=True)),
                    ('version', models.PositiveIntegerField(default=1)),
                    ('by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                    ('posts', models.ManyToManyField(related_name='imports', to='opinion.post')),
                    ('source', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='imports', to='opinion.source')),
                    ('watch', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='opinion.watch')),
                    ('undone_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ],
                options={
                    'ordering': ['-at', '-id'],
                },
            ),
            migrations.CreateModel(
                name='Mailbox',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('uuid', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                    ('host', models.CharField(max_length=200, verbose_name='server')),
                    ('port', models.PositiveIntegerField(default=993, verbose_name='port')),
                    ('user', models.CharField(max_length=200, verbose_name='user')),
                    ('password', models.BinaryField()),
                    ('folder', models.CharField(default='INBOX', max_length=200, verbose_name='folder')),
                    ('uid_validity', models.BigIntegerField(null=True)),
                    ('last_uid', models.BigIntegerField(default=0)),
                    ('version', models.PositiveIntegerField(default=1)),
                    ('source', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='mailbox', to='opinion.source')),
                    ('watch', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='opinion.watch', verbose_name='kept for the watch')),
                ],
            ),
            migrations.CreateModel(
                name='PublicForm',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('uuid', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                    ('slug', models.SlugField(max_length=40, unique=True, verbose_name='address')),
                    ('title', models.CharField(max_length=80, verbose_name='title')),
                    ('welcome', models.TextField(blank=True, max_length=1000, verbose_name='what it says above the fields')),
                    ('is_open', models.BooleanField(default=True, verbose_name='open')),
                    ('version', models.PositiveIntegerField(default=1)),
                    ('made_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                    ('source', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='form', to='opinion.source')),
                    ('watch', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='opinion.watch', verbose_name='kept for the watch')),
                ],
                options={
                    'ordering': ['title'],
                },
            ),
            migrations.CreateModel(
                name='VendorKey',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('uuid', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                    ('prefix', models.CharField(max_length=12, unique=True)),
                    ('digest', models.CharField(max_length=64)),
                    ('signing', models.BinaryField()),
                    ('scopes', models.JSONField(default=list)),
                    ('made_at', models.DateTimeField()),
                    ('expires_at', models.DateTimeField(null=True)),
                    ('revoked_at', models.DateTimeField(null=True)),
                    ('last_used_at', models.DateTimeField(null=True)),
                    ('made_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                    ('revoked_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                    ('vendor', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='keys', to='monitoring.vendor')),
                ],
                options={
                    'ordering': ['-made_at'],
                },
            ),
            migrations.CreateModel(
                name='Push',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('uuid', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                    ('message_id', models.CharField(max_length=200)),
                    ('idempotency_key', models.CharField(blank=True, max_length=200)),
                    ('body_hash', models.CharField(max_length=64)),
                    ('received_at', models.DateTimeField(db_index=True)),
                    ('items', models.PositiveIntegerField(default=0)),
                    ('stored', models.PositiveIntegerField(default=0)),
                    ('heard', models.PositiveIntegerField(default=0)),
                    ('duplicate', models.PositiveIntegerField(default=0)),
                    ('rejected', models.PositiveIntegerField(default=0)),
                    ('answer', models.JSONField(null=True)),
                    ('vendor', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='pushes', to='monitoring.vendor')),
                    ('key', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='pushes', to='monitoring.vendorkey')),
                ],
                options={
                    'ordering': ['-received_at', '-id'],
                    'constraints': [models.UniqueConstraint(fields=('vendor', 'message_id'), name='push_message_once'), models.UniqueConstraint(condition=models.Q(('idempotency_key', ''), _negated=True), fields=('vendor', 'idempotency_key'), name='push_idempotent')],
                },
            ),
            migrations.CreateModel(
                name='PushedItem',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('uuid', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                    ('position', models.PositiveIntegerField()),
                    ('external_id', models.CharField(blank=True, max_length=500)),
                    ('outcome', models.CharField(choices=[('stored', 'stored'), ('heard', 'heard, wanted by no watch'), ('duplicate', 'known already'), ('rejected', 'rejected')], max_length=9)),
                    ('reason', models.CharField(blank=True, max_length=40)),
                    ('field', models.CharField(blank=True, max_length=40)),
                    ('delay_seconds', models.IntegerField(null=True)),
                    ('payload', models.BinaryField(null=True)),
                    ('settled_at', models.DateTimeField(null=True)),
                    ('post', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='pushed', to='opinion.post')),
                    ('push', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='results', to='monitoring.push')),
                    ('settled_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ],
                options={
                    'ordering': ['push', 'position'],
                    'indexes': [models.Index(condition=models.Q(('outcome', 'rejected'), ('settled_at__isnull', True)), fields=['push'], name='quarantine')],
                    'constraints': [models.UniqueConstraint(fields=('push', 'position'), name='pushed_item_once')],
                },
            ),
            migrations.CreateModel(
                name='RejectedRow',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('number', models.PositiveIntegerField()),
                    ('column', models.CharField(blank=True, max_length=100)),
                    ('reason', models.CharField(max_length=40)),
                    ('of', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='rejected_rows', to='monitoring.import')),
                ],
                options={
                    'ordering': ['of', 'number'],
                    'constraints': [models.UniqueConstraint(fields=('of', 'number'), name='rejected_row_once')],
                },
            ),
            migrations.CreateModel(
                name='VendorChannel',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('code', models.SlugField(default='default', max_length=40, verbose_name='code')),
                    ('source', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='vendor_channel', to='opinion.source')),
                    ('vendor', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='channels', to='monitoring.vendor')),
                ],
                options={
                    'ordering': ['code'],
                    'constraints': [models.UniqueConstraint(fields=('vendor', 'code'), name='vendor_channel_once')],
                },
            ),
        ]),
    ]
