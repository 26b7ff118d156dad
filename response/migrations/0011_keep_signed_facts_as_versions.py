"""What was signed before facts had versions becomes the first version of each."""

from typing import Any

from django.db import migrations


def keep(apps: Any, schema_editor: Any) -> None:
    fact, version = apps.get_model("response", "Fact"), apps.get_model("response", "FactVersion")
    signed = fact.objects.filter(signed_by__isnull=False, versions__isnull=True)
    version.objects.bulk_create(
        version(
            fact=one,
            number=1,
            claim=one.claim,
            state=one.state,
            evidence=one.evidence,
            signed_by_id=one.signed_by_id,
            signed_at=one.signed_at,
        )
        for one in signed
    )


class Migration(migrations.Migration):
    dependencies = [("response", "0010_add_fact_history_rumours_evidence_and_law")]
    operations = [migrations.RunPython(keep, migrations.RunPython.noop)]
