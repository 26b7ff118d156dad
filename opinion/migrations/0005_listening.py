"""Sources that are not polled, watches and sources of exercises, edits, evidence, trials."""

import django.db.models.deletion
import django.db.models.manager
import django.utils.timezone
import uuid
from django.conf import settings
from django.db import migrations, models

from opinion.recalling import prints
from opinion.text import fold


def name_what_is_entered_by_hand(apps, schema_editor):
    """Its address was a made-up one, because every source had to have one."""
    made_up = apps.get_model("opinion", "Source").objects.filter(url="https://localhost/entered-by-hand")
    made_up.update(kind="hand", url="")


def remember_what_was_corrected(apps, schema_editor):
    """Words people have judged are found again from now on: those of before this, too."""
    corrections = apps.get_model("opinion", "Correction").objects
    for said in corrections.filter(post__erased_at__isnull=True).select_related("post").iterator(chunk_size=200):
        words = f"{said.post.title}\n{said.post.text}".strip()
        corrections.filter(pk=said.pk).update(said_hash=next(iter(prints(fold(words).text)), ""))


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0001_initial'),
        ('opinion', '0004_search_index'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Evidence',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('uuid', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ('sha256', models.CharField(db_index=True, max_length=64)),
                ('name', models.CharField(max_length=200)),
                ('content_type', models.CharField(max_length=60)),
                ('size', models.PositiveIntegerField()),
                ('added_at', models.DateTimeField()),
            ],
            options={
                'ordering': ['added_at'],
            },
        ),
        migrations.CreateModel(
            name='PostEdit',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('title', models.CharField(blank=True, max_length=500)),
                ('text', models.TextField(blank=True)),
                ('seen_at', models.DateTimeField()),
            ],
            options={
                'ordering': ['-seen_at', '-id'],
            },
        ),
        migrations.CreateModel(
            name='WatchTrial',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('uuid', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ('asked', models.JSONField(default=dict)),
                ('at', models.DateTimeField()),
                ('total', models.PositiveIntegerField(default=0)),
                ('done', models.PositiveIntegerField(default=0)),
                ('leased_until', models.DateTimeField(null=True)),
                ('result', models.JSONField(default=dict)),
                ('ended_at', models.DateTimeField(null=True)),
            ],
            options={
                'ordering': ['-at'],
            },
        ),
        migrations.AlterModelOptions(
            name='watch',
            options={'base_manager_name': 'everywhere', 'ordering': ['name']},
        ),
        migrations.AlterModelManagers(
            name='watch',
            managers=[
                ('objects', django.db.models.manager.Manager()),
                ('everywhere', django.db.models.manager.Manager()),
            ],
        ),
        migrations.AlterModelOptions(
            name='source',
            options={'base_manager_name': 'everywhere', 'ordering': ['source_class', 'name']},
        ),
        migrations.AlterModelManagers(
            name='source',
            managers=[
                ('objects', django.db.models.manager.Manager()),
                ('everywhere', django.db.models.manager.Manager()),
            ],
        ),
        migrations.AddField(
            model_name='correction',
            name='said_hash',
            field=models.CharField(blank=True, db_index=True, max_length=64),
        ),
        migrations.AddField(
            model_name='post',
            name='is_redacted',
            field=models.BooleanField(default=False),
        ),
        migrations.AddField(
            model_name='post',
            name='recalled',
            field=models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='recalled_by', to='opinion.correction'),
        ),
        migrations.AddIndex(
            model_name='post',
            index=models.Index(condition=models.Q(('recalled__isnull', False)), fields=['recalled'], name='post_recalled'),
        ),
        migrations.AddField(
            model_name='source',
            name='access',
            field=models.BinaryField(null=True),
        ),
        migrations.AddField(
            model_name='source',
            name='body_hash',
            field=models.CharField(blank=True, max_length=32),
        ),
        migrations.AddField(
            model_name='source',
            name='canary',
            field=models.CharField(blank=True, help_text='A word this source always brings. A day without it means that we hear only a part.', max_length=60, verbose_name='canary word'),
        ),
        migrations.AddField(
            model_name='source',
            name='canary_at',
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name='source',
            name='exercise',
            field=models.ForeignKey(blank=True, editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.exercise'),
        ),
        migrations.AddField(
            model_name='source',
            name='health_since',
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name='source',
            name='kind',
            field=models.CharField(choices=[('feed', 'feed'), ('hot_list', 'hot list'), ('mailbox', 'complaint mailbox'), ('vendor', 'vendor'), ('import', 'file import'), ('form', 'public form'), ('hand', 'entered by hand')], default='feed', max_length=8, verbose_name='how its posts come'),
        ),
        migrations.AddField(
            model_name='source',
            name='preset',
            field=models.CharField(blank=True, max_length=40),
        ),
        migrations.AddField(
            model_name='source',
            name='trouble_told',
            field=models.CharField(blank=True, max_length=16),
        ),
        migrations.AddField(
            model_name='source',
            name='ttl_seconds',
            field=models.PositiveIntegerField(null=True),
        ),
        migrations.AddField(
            model_name='source',
            name='usual_gap_seconds',
            field=models.PositiveIntegerField(null=True),
        ),
        migrations.AddField(
            model_name='watch',
            name='burst_from',
            field=models.PositiveSmallIntegerField(blank=True, help_text="In six hours. Empty: worked out from the watch's own past.", null=True, verbose_name='fewest posts of a burst'),
        ),
        migrations.AddField(
            model_name='watch',
            name='exercise',
            field=models.ForeignKey(blank=True, editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.exercise'),
        ),
        migrations.AddField(
            model_name='watch',
            name='languages',
            field=models.JSONField(blank=True, default=list),
        ),
        migrations.AddField(
            model_name='watch',
            name='listens_since',
            field=models.DateTimeField(default=django.utils.timezone.now, editable=False),
        ),
        migrations.AddField(
            model_name='watch',
            name='owner',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='owner'),
        ),
        migrations.AddField(
            model_name='watch',
            name='source_classes',
            field=models.JSONField(blank=True, default=list),
        ),
        migrations.AlterField(
            model_name='post',
            name='triage',
            field=models.CharField(choices=[('waiting', 'waiting'), ('attached', 'attached to an incident'), ('snoozed', 'kept an eye on'), ('ignored', 'ignored'), ('rival', 'about a rival only'), ('undone', 'taken back with its import')], default='waiting', max_length=8),
        ),
        migrations.AlterField(
            model_name='source',
            name='health',
            field=models.CharField(choices=[('never', 'not polled yet'), ('ok', 'listening'), ('unchanged', 'listening, nothing new'), ('empty', 'a feed without entries'), ('not_a_feed', 'answered with something that is not a feed'), ('captcha', 'answered with a captcha or a sign-in page'), ('stale', 'answers, but brings nothing new any more'), ('clock_wrong', 'its posts carry wrong times'), ('unreadable', 'the feed cannot be read'), ('too_large', 'the feed is too large'), ('slow', 'took too long to answer'), ('unreachable', 'cannot be reached'), ('refused_address', 'its address is not allowed'), ('http_error', 'answers with an error'), ('rate_limited', 'asks us to slow down'), ('gone', 'gone for good'), ('off', 'switched off')], default='never', max_length=16),
        ),
        migrations.AlterField(
            model_name='source',
            name='url',
            field=models.URLField(blank=True, max_length=2000, verbose_name='feed address'),
        ),
        migrations.AlterField(
            model_name='watch',
            name='name',
            field=models.CharField(max_length=80, verbose_name='name'),
        ),
        migrations.AddConstraint(
            model_name='source',
            constraint=models.UniqueConstraint(condition=models.Q(('url', ''), _negated=True), fields=('url',), name='one_source_per_address'),
        ),
        migrations.AddConstraint(
            model_name='watch',
            constraint=models.UniqueConstraint(condition=models.Q(('exercise__isnull', True)), fields=('name',), name='watch_name_live'),
        ),
        migrations.AddConstraint(
            model_name='watch',
            constraint=models.UniqueConstraint(condition=models.Q(('exercise__isnull', False)), fields=('name', 'exercise'), name='watch_name_drilled'),
        ),
        migrations.AddField(
            model_name='evidence',
            name='added_by',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='evidence',
            name='post',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='evidence', to='opinion.post'),
        ),
        migrations.AddField(
            model_name='postedit',
            name='post',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='edits', to='opinion.post'),
        ),
        migrations.AddField(
            model_name='watchtrial',
            name='by',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='watchtrial',
            name='watch',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='trials', to='opinion.watch'),
        ),
        migrations.AddConstraint(
            model_name='evidence',
            constraint=models.UniqueConstraint(fields=('post', 'sha256'), name='evidence_once'),
        ),
        migrations.AddIndex(
            model_name='post',
            index=models.Index(models.Func(models.F('url'), output_field=models.CharField(), template='SUBSTR(%(expressions)s, 1, 250)'), name='post_address'),
        ),
        migrations.RunPython(name_what_is_entered_by_hand, migrations.RunPython.noop),
        migrations.RunPython(remember_what_was_corrected, migrations.RunPython.noop),
    ]
