"""Until now nobody could correct a score: what a post counts as is what the model said."""

from typing import Any

from django.db import migrations
from django.db.models import F


def fill(apps: Any, schema_editor: Any) -> None:
    apps.get_model("opinion", "Post")._base_manager.filter(model_sentiment="").update(model_sentiment=F("sentiment"))


class Migration(migrations.Migration):
    dependencies = [("opinion", "0002_understanding")]

    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]
