"""What kind of trouble a crisis term names: the categories of opinion/sentiment/data/crisis_terms.csv in words."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class RiskCategory(models.TextChoices):
    CASUALTIES = "casualties", _("people hurt")
    FOOD_DRUG = "food_drug", _("food or medicine safety")
    ENFORCEMENT = "enforcement", _("authorities, courts")
    ACCIDENT = "accident", _("accident")
    ENVIRONMENT = "environment", _("environment")
    LEAK = "leak", _("data leak")
    FRAUD = "fraud", _("fraud")
    DIGNITY = "dignity", _("dignity, discrimination")
    ARREARS = "arrears", _("arrears, layoffs")
    SHUTDOWN = "shutdown", _("closure, insolvency")
    OUTAGE = "outage", _("outage")
    RECALL = "recall", _("recall")
    OUTRAGE = "outrage", _("outrage")


def label(category: str) -> str:
    """The category in words; one that is new to us is shown as it is."""
    return str(RiskCategory(category).label) if category in RiskCategory.values else category
