"""Reads of the fact sheet."""

from django.db.models import QuerySet

from incidents.models import Incident
from response.models import Fact


def facts_of(incident: Incident) -> QuerySet[Fact]:
    return incident.facts.select_related("added_by", "signed_by__department")
