"""Reads of the library of holding texts."""

from datetime import date

from django.db.models import QuerySet

from response.models import HoldingText


def holding_texts() -> QuerySet[HoldingText]:
    """All of them but the retired, by name, with who wrote and who signed."""
    return HoldingText.objects.exclude(state=HoldingText.State.RETIRED).prefetch_related(
        "writers__groups", "signoffs__person"
    )


def texts_in_force(today: date) -> list[HoldingText]:
    """Those that may be used today."""
    return list(HoldingText.objects.filter(state=HoldingText.State.APPROVED, expires_on__gte=today))
