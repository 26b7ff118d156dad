"""The queue, today's work and authors among a million posts. The index of words: opinion/index.py, after migrate."""

from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    dependencies = [("accounts", "0001_initial"), ("opinion", "0003_model_said")]

    operations = [
        migrations.RemoveIndex(model_name="post", name="post_inbox"),
        migrations.AddIndex(
            model_name="post",
            index=models.Index(
                fields=["triage", "-published_at", "-id"],
                name="post_queue",
                condition=Q(original__isnull=True, exercise__isnull=True),
            ),
        ),
        migrations.AddIndex(
            model_name="post",
            index=models.Index(
                fields=["-published_at", "-id"],
                name="post_leads",
                condition=Q(original__isnull=True, exercise__isnull=True),
            ),
        ),
        migrations.AlterField(
            model_name="post",
            name="original",
            field=models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=models.deletion.PROTECT,
                related_name="copies",
                to="opinion.post",
            ),
        ),
        migrations.AddIndex(
            model_name="post",
            index=models.Index(fields=["original"], name="post_copies", condition=Q(original__isnull=False)),
        ),
        migrations.AddIndex(
            model_name="post",
            index=models.Index(fields=["triaged_at"], name="post_sorted", condition=Q(triaged_at__isnull=False)),
        ),
        migrations.AddIndex(model_name="post", index=models.Index(fields=["author"], name="post_author")),
        migrations.AddIndex(
            model_name="post",
            index=models.Index(
                fields=["published_at"], name="post_named", condition=Q(is_author_hashed=False, is_held=False)
            ),
        ),
    ]
