"""The first tables of incidents, and all that was added until the step this file is named after: docs/adr/0049."""

import django.db.models.deletion
import django.db.models.manager
import django_fsm
import uuid
from django.conf import settings
from django.db import migrations, models

from audit.tables import CreateModels


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('accounts', '0002_platform_identities'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
        ('monitoring', '0003_limits_and_polls'),
        ('opinion', '0007_exercises_apart_and_clocks_behind'),
    ]

    operations = [
        CreateModels([
            migrations.CreateModel(
                name='AffectedKind',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('code', models.SlugField(max_length=40, unique=True)),
                    ('name', models.CharField(max_length=60, unique=True, verbose_name='name')),
                    ('name_en', models.CharField(blank=True, max_length=60, verbose_name='name in English')),
                    ('retired_at', models.DateTimeField(null=True)),
                    ('version', models.PositiveIntegerField(default=1)),
                ],
                options={
                    'ordering': ['id'],
                },
            ),
            migrations.CreateModel(
                name='Incident',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('stage', django_fsm.FSMField(choices=[('triaged', 'triaged'), ('responding', 'responding'), ('observing', 'observing'), ('reviewing', 'reviewing'), ('archived', 'archived'), ('dismissed', 'false alarm'), ('merged', 'merged')], default='triaged', max_length=50, protected=True)),
                    ('level', django_fsm.FSMIntegerField(choices=[(0, 'level not set'), (3, 'level three'), (2, 'level two'), (1, 'level one')], default=0, protected=True)),
                    ('uuid', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                    ('number', models.CharField(max_length=24)),
                    ('title', models.CharField(max_length=200, verbose_name='title')),
                    ('summary', models.TextField(blank=True, max_length=4000, verbose_name='what happened')),
                    ('is_confidential', models.BooleanField(default=False, verbose_name='confidential')),
                    ('opened_at', models.DateTimeField()),
                    ('first_known_at', models.DateTimeField()),
                    ('first_post_at', models.DateTimeField(blank=True, null=True)),
                    ('activated_at', models.DateTimeField(blank=True, null=True)),
                    ('closed_at', models.DateTimeField(blank=True, null=True)),
                    ('version', models.PositiveIntegerField(default=1)),
                    ('affects', models.ManyToManyField(blank=True, related_name='incidents', to='incidents.affectedkind', verbose_name='affects')),
                    ('department', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.department', verbose_name='owning department')),
                    ('exercise', models.ForeignKey(blank=True, editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.exercise')),
                    ('lead', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='led_incidents', to=settings.AUTH_USER_MODEL, verbose_name='lead')),
                    ('merged_into', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='absorbed', to='incidents.incident')),
                    ('opened_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                    ('signals', models.ManyToManyField(blank=True, related_name='incidents', to='monitoring.signal')),
                    ('topics', models.ManyToManyField(blank=True, related_name='incidents', to='opinion.topic')),
                    ('posts', models.ManyToManyField(related_name='incidents', through='incidents.IncidentPost', to='opinion.post')),
                ],
                options={
                    'ordering': ['-opened_at'],
                    'abstract': False,
                    'base_manager_name': 'everywhere',
                    'constraints': [models.UniqueConstraint(condition=models.Q(('exercise__isnull', True)), fields=('number',), name='incident_number_live'), models.UniqueConstraint(condition=models.Q(('exercise__isnull', False)), fields=('number', 'exercise'), name='incident_number_drilled')],
                },
                bases=(django_fsm.ConcurrentTransitionMixin, models.Model),
                managers=[
                    ('objects', django.db.models.manager.Manager()),
                    ('everywhere', django.db.models.manager.Manager()),
                ],
            ),
            migrations.CreateModel(
                name='Assessment',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('at', models.DateTimeField()),
                    ('formula', models.CharField(max_length=20)),
                    ('inputs', models.JSONField()),
                    ('severity', models.FloatField()),
                    ('confidence', models.FloatField()),
                    ('parts', models.JSONField()),
                    ('red_lines', models.JSONField(default=list)),
                    ('suggestion', models.CharField(max_length=10)),
                    ('note', models.TextField(blank=True)),
                    ('made_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                    ('incident', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='assessments', to='incidents.incident')),
                ],
                options={
                    'ordering': ['-at', '-id'],
                },
            ),
            migrations.CreateModel(
                name='IncidentPost',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('attached_at', models.DateTimeField()),
                    ('detached_at', models.DateTimeField(blank=True, null=True)),
                    ('attached_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                    ('incident', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='attachments', to='incidents.incident')),
                    ('post', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='attachments', to='opinion.post')),
                    ('voided_at', models.DateTimeField(blank=True, null=True)),
                ],
                options={
                    'constraints': [models.UniqueConstraint(condition=models.Q(('detached_at__isnull', True)), fields=('incident', 'post'), name='post_attached_once')],
                },
            ),
            migrations.CreateModel(
                name='LevelRequest',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('uuid', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                    ('from_level', models.PositiveSmallIntegerField(choices=[(0, 'level not set'), (3, 'level three'), (2, 'level two'), (1, 'level one')])),
                    ('to_level', models.PositiveSmallIntegerField(choices=[(0, 'level not set'), (3, 'level three'), (2, 'level two'), (1, 'level one')])),
                    ('reason', models.TextField(max_length=2000)),
                    ('state', models.CharField(choices=[('requested', 'waiting for a decision'), ('provisional', 'provisional, waiting to be ratified'), ('approved', 'approved'), ('oral', 'approved by word of mouth, waiting for the countersignature'), ('decided_otherwise', 'decided otherwise'), ('returned', 'returned'), ('withdrawn', 'withdrawn'), ('lapsed', 'lapsed'), ('taken_back', 'taken back'), ('revoked', 'revoked')], default='requested', max_length=20)),
                    ('requested_at', models.DateTimeField()),
                    ('decided_at', models.DateTimeField(null=True)),
                    ('decided_level', models.PositiveSmallIntegerField(choices=[(0, 'level not set'), (3, 'level three'), (2, 'level two'), (1, 'level one')], null=True)),
                    ('decision_note', models.TextField(blank=True, max_length=2000)),
                    ('stage_before', models.CharField(blank=True, max_length=12)),
                    ('version', models.PositiveIntegerField(default=1)),
                    ('acting_for', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                    ('assessment', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='incidents.assessment')),
                    ('decided_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                    ('incident', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='level_requests', to='incidents.incident')),
                    ('requested_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                    ('kind', models.CharField(choices=[('level', 'level'), ('end', 'end of the response')], default='level', max_length=8)),
                    ('requested_for', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                    ('way', models.CharField(choices=[('asked', 'asked for'), ('provisional', 'started provisionally'), ('standing', 'under the standing authority')], default='asked', max_length=12)),
                    ('climbed_at', models.DateTimeField(null=True)),
                ],
                options={
                    'ordering': ['-requested_at', '-id'],
                    'constraints': [models.UniqueConstraint(condition=models.Q(('state__in', ['requested', 'provisional'])), fields=('incident',), name='one_open_level_request_per_incident')],
                },
            ),
            migrations.CreateModel(
                name='Membership',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('added_at', models.DateTimeField()),
                    ('removed_at', models.DateTimeField(blank=True, null=True)),
                    ('added_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                    ('incident', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='memberships', to='incidents.incident')),
                    ('person', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='memberships', to=settings.AUTH_USER_MODEL)),
                    ('removed_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                    ('function', models.CharField(blank=True, max_length=60, verbose_name='what they do here')),
                    ('on_since', models.DateTimeField(blank=True, null=True)),
                ],
                options={
                    'constraints': [models.UniqueConstraint(condition=models.Q(('removed_at__isnull', True)), fields=('incident', 'person'), name='member_once')],
                },
            ),
            migrations.CreateModel(
                name='NumberSeries',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('prefix', models.CharField(max_length=8)),
                    ('year', models.PositiveSmallIntegerField()),
                    ('last', models.PositiveIntegerField(default=0)),
                    ('exercise', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.exercise')),
                ],
                options={
                    'constraints': [models.UniqueConstraint(condition=models.Q(('exercise__isnull', True)), fields=('prefix', 'year'), name='one_number_series_live'), models.UniqueConstraint(condition=models.Q(('exercise__isnull', False)), fields=('prefix', 'year', 'exercise'), name='one_number_series_drilled')],
                },
            ),
            migrations.CreateModel(
                name='TimelineEntry',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('at', models.DateTimeField()),
                    ('event', models.CharField(max_length=80)),
                    ('before', models.JSONField(default=dict)),
                    ('after', models.JSONField(default=dict)),
                    ('detail', models.JSONField(default=dict)),
                    ('note', models.TextField(blank=True)),
                    ('url', models.CharField(blank=True, max_length=500)),
                    ('acting_for', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                    ('actor', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                    ('incident', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='timeline', to='incidents.incident')),
                    ('corrects', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='corrections', to='incidents.timelineentry')),
                ],
                options={
                    'ordering': ['-at', '-id'],
                    'indexes': [models.Index(fields=['incident', '-at'], name='timeline_of')],
                },
            ),
            migrations.CreateModel(
                name='Brief',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('number', models.PositiveIntegerField()),
                    ('text', models.CharField(max_length=300)),
                    ('chart', models.JSONField(default=dict)),
                    ('data_as_of', models.DateTimeField()),
                    ('made_at', models.DateTimeField()),
                    ('incident', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='briefs', to='incidents.incident')),
                    ('made_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ],
                options={
                    'ordering': ['-number'],
                    'constraints': [models.UniqueConstraint(fields=('incident', 'number'), name='one_brief_of_a_number')],
                },
            ),
            migrations.CreateModel(
                name='LevelProposal',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('uuid', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                    ('kind', models.CharField(choices=[('level', 'level'), ('end', 'end of the response')], default='level', max_length=8)),
                    ('from_level', models.PositiveSmallIntegerField(choices=[(0, 'level not set'), (3, 'level three'), (2, 'level two'), (1, 'level one')])),
                    ('to_level', models.PositiveSmallIntegerField(choices=[(0, 'level not set'), (3, 'level three'), (2, 'level two'), (1, 'level one')])),
                    ('reasons', models.JSONField()),
                    ('state', models.CharField(choices=[('open', 'open'), ('taken_up', 'taken up'), ('dismissed', 'dismissed'), ('overtaken', 'overtaken')], default='open', max_length=10)),
                    ('opened_at', models.DateTimeField()),
                    ('answered_at', models.DateTimeField(null=True)),
                    ('note', models.TextField(blank=True, max_length=2000)),
                    ('answered_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                    ('assessment', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='incidents.assessment')),
                    ('incident', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='proposals', to='incidents.incident')),
                ],
                options={
                    'ordering': ['-opened_at', '-id'],
                    'constraints': [models.UniqueConstraint(condition=models.Q(('state', 'open')), fields=('incident',), name='one_open_proposal_per_incident')],
                },
            ),
            migrations.CreateModel(
                name='OralApproval',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('given_at', models.DateTimeField()),
                    ('means', models.CharField(choices=[('phone', 'by phone'), ('chat', 'by chat message'), ('in_person', 'in person')], max_length=10)),
                    ('words', models.TextField(max_length=2000)),
                    ('file_sha256', models.CharField(blank=True, max_length=64)),
                    ('file_name', models.CharField(blank=True, max_length=200)),
                    ('file_type', models.CharField(blank=True, max_length=60)),
                    ('recorded_at', models.DateTimeField()),
                    ('answered_at', models.DateTimeField(null=True)),
                    ('flagged_at', models.DateTimeField(null=True)),
                    ('given_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                    ('recorded_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                    ('request', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='oral', to='incidents.levelrequest')),
                ],
            ),
            migrations.CreateModel(
                name='SeverityHour',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('at', models.DateTimeField()),
                    ('severity', models.FloatField()),
                    ('posts', models.PositiveIntegerField()),
                    ('unusual_from', models.PositiveIntegerField(null=True)),
                    ('size_seen', models.PositiveIntegerField()),
                    ('incident', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='severity_hours', to='incidents.incident')),
                ],
                options={
                    'ordering': ['-at'],
                    'constraints': [models.UniqueConstraint(fields=('incident', 'at'), name='one_severity_an_hour')],
                },
            ),
            migrations.CreateModel(
                name='IncidentChange',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('uuid', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                    ('kind', models.CharField(choices=[('merge', 'merged'), ('split', 'split')], max_length=5)),
                    ('effects', models.JSONField(default=dict)),
                    ('at', models.DateTimeField()),
                    ('undone_at', models.DateTimeField(null=True)),
                    ('by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                    ('incident', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='changes', to='incidents.incident')),
                    ('other', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='departures', to='incidents.incident')),
                    ('undone_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ],
                options={
                    'ordering': ['-at', '-id'],
                },
            ),
            migrations.CreateModel(
                name='Proposal',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('proposed', models.CharField(choices=[('open', 'open an incident'), ('put_in', 'put into an incident'), ('ignore', 'ignore')], max_length=6)),
                    ('suggestion', models.CharField(choices=[('attention', 'daily attention'), ('3', 'level three'), ('2', 'level two'), ('1', 'level one')], max_length=10)),
                    ('done', models.CharField(choices=[('open', 'open an incident'), ('put_in', 'put into an incident'), ('ignore', 'ignore')], max_length=6)),
                    ('at', models.DateTimeField(db_index=True)),
                    ('undone_at', models.DateTimeField(null=True)),
                    ('by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                    ('done_incident', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='incidents.incident')),
                    ('incident', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='incidents.incident')),
                    ('post', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='opinion.post')),
                    ('signal', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='monitoring.signal')),
                    ('topic', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='opinion.topic')),
                ],
                options={
                    'ordering': ['-at', '-id'],
                    'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('post__isnull', False), ('signal__isnull', True), ('topic__isnull', True)), models.Q(('post__isnull', True), ('signal__isnull', True), ('topic__isnull', False)), models.Q(('post__isnull', True), ('signal__isnull', False), ('topic__isnull', True)), _connector='OR'), name='proposal_for_one_thing')],
                },
            ),
            migrations.CreateModel(
                name='Clock',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('uuid', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                    ('kind', models.CharField(choices=[('assess', 'Assess'), ('confirm', 'Set the level'), ('decide', 'Decide'), ('speak', 'First statement'), ('report', 'Report to the regulator'), ('close', 'Close')], max_length=8)),
                    ('level', models.PositiveSmallIntegerField(choices=[(0, 'level not set'), (3, 'level three'), (2, 'level two'), (1, 'level one')])),
                    ('started_at', models.DateTimeField()),
                    ('minutes', models.PositiveIntegerField()),
                    ('due_at', models.DateTimeField()),
                    ('met_at', models.DateTimeField(null=True)),
                    ('stopped_at', models.DateTimeField(null=True)),
                    ('paused_at', models.DateTimeField(null=True)),
                    ('told_percent', models.PositiveSmallIntegerField(default=0)),
                    ('next_word_at', models.DateTimeField(null=True)),
                    ('incident', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='clocks', to='incidents.incident')),
                    ('met_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='incidents.timelineentry')),
                    ('opened_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='incidents.timelineentry')),
                    ('request', models.OneToOneField(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='clock', to='incidents.levelrequest')),
                    ('stopped_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='incidents.timelineentry')),
                ],
                options={
                    'ordering': ['due_at', 'id'],
                    'indexes': [models.Index(condition=models.Q(('next_word_at__isnull', False)), fields=['next_word_at'], name='clock_words_due'), models.Index(fields=['started_at', 'kind', 'level'], name='clock_rate')],
                    'constraints': [models.UniqueConstraint(condition=models.Q(('met_at__isnull', True), ('request__isnull', True), ('stopped_at__isnull', True)), fields=('incident', 'kind'), name='one_running_clock_of_a_kind')],
                },
            ),
            migrations.CreateModel(
                name='ClockChange',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('level', models.PositiveSmallIntegerField(choices=[(0, 'level not set'), (3, 'level three'), (2, 'level two'), (1, 'level one')])),
                    ('started_at', models.DateTimeField()),
                    ('minutes', models.PositiveIntegerField()),
                    ('due_at', models.DateTimeField()),
                    ('clock', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='changes', to='incidents.clock')),
                    ('entry', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='incidents.timelineentry')),
                ],
                options={
                    'ordering': ['id'],
                },
            ),
            migrations.CreateModel(
                name='ClockPause',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('paused_at', models.DateTimeField()),
                    ('reason', models.TextField(max_length=2000)),
                    ('resumed_at', models.DateTimeField(null=True)),
                    ('clock', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='pauses', to='incidents.clock')),
                    ('paused_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                    ('resumed_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ],
                options={
                    'ordering': ['paused_at', 'id'],
                    'constraints': [models.UniqueConstraint(condition=models.Q(('resumed_at__isnull', True)), fields=('clock',), name='one_pause_at_a_time')],
                },
            ),
        ]),
    ]
