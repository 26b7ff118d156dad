import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('opinion', '0001_initial'),
    ]

    operations = [
        migrations.AddField(
            model_name='post',
            name='platform',
            field=models.CharField(blank=True, max_length=40),
        ),
        migrations.AddField(
            model_name='post',
            name='risks',
            field=models.JSONField(default=list),
        ),
        migrations.AddField(
            model_name='topic',
            name='changed_at',
            field=models.DateTimeField(db_index=True, null=True),
        ),
        migrations.CreateModel(
            name='TopicCount',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('hour', models.DateTimeField()),
                ('platform', models.CharField(max_length=40)),
                ('sentiment', models.CharField(choices=[('neg', 'negative'), ('neu', 'neutral'), ('pos', 'positive')], max_length=3)),
                ('posts', models.PositiveIntegerField(default=0)),
                ('topic', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='counts', to='opinion.topic')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('topic', 'hour', 'platform', 'sentiment'), name='topic_count_once')],
            },
        ),
    ]
