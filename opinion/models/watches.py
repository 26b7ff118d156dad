"""What we listen for."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.exercises import Exercised, LiveManager, unique_in_exercise
from accounts.models import Department
from opinion.categories import RiskCategory
from opinion.languages import language_of


class Watch(Exercised):
    """What we listen for: a rule over words (opinion.rules). 监测方案. A replay has watches of its own."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    name = models.CharField(_("name"), max_length=80)
    rule = models.TextField(_("rule"), max_length=4000)
    department = models.ForeignKey(
        Department, verbose_name=_("department"), null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("owner"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
    )
    languages = models.JSONField(default=list, blank=True)  # codes of opinion.languages; [] means all
    source_classes = models.JSONField(default=list, blank=True)  # codes of SourceClass; [] means all
    burst_from = models.PositiveSmallIntegerField(
        _("fewest posts of a burst"),
        null=True,
        blank=True,
        help_text=_("In six hours. Empty: worked out from the watch's own past."),
    )
    is_rival = models.BooleanField(
        _("a rival"),
        default=False,
        help_text=_("Counted for comparison only: its posts are not sorted and raise no signal."),
    )
    is_enabled = models.BooleanField(pgettext_lazy("watch", "listening"), default=True)
    terms_of = models.ForeignKey(  # in a trial: the live watch whose own terms count for this one
        "self", null=True, editable=False, on_delete=models.PROTECT, related_name="+"
    )
    listens_since = models.DateTimeField(default=timezone.now, editable=False)  # its silence before says nothing
    version = models.PositiveIntegerField(default=1)

    objects = LiveManager()
    everywhere = models.Manager()

    class Meta(Exercised.Meta):
        ordering = ["name"]
        constraints = [*unique_in_exercise(["name"], "watch_name")]

    def __str__(self) -> str:
        return self.name

    def listens_to(self, source_class: str, text: str) -> bool:
        """Whether it wants to hear of a text of this class of source and this language at all."""
        if self.source_classes and source_class not in self.source_classes:
            return False
        return not self.languages or language_of(text) in self.languages


class WatchTrial(models.Model):
    """试跑: a rule tried on what was heard in the last days, in the background where there is much of it."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    watch = models.ForeignKey(Watch, null=True, on_delete=models.PROTECT, related_name="trials")  # None: a new one
    asked = models.JSONField(default=dict)  # the watch's fields as they stood in the form
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
    total = models.PositiveIntegerField(default=0)
    done = models.PositiveIntegerField(default=0)
    leased_until = models.DateTimeField(null=True)
    result = models.JSONField(default=dict)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-at"]

    def __str__(self) -> str:
        return f"{self.done} of {self.total}"


class TermKind(models.TextChoices):
    """What a word of the company's own is to the engines and to the dictionary."""

    NAME = "name", _("name, kept whole")
    CRISIS = "crisis", _("crisis term")
    NEG = "neg", _("bad word")
    POS = "pos", _("good word")


class CompanyTerm(models.Model):
    """A word the company adds to the shipped lists: for every post, or for those one watch wants."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    text = models.CharField(_("word"), max_length=60)
    kind = models.CharField(_("what it is"), max_length=6, choices=TermKind)
    category = models.CharField(_("category"), max_length=12, choices=RiskCategory, blank=True)
    severity = models.PositiveSmallIntegerField(_("severity"), null=True, blank=True)  # 2, or 3 for the graver
    watch = models.ForeignKey(Watch, null=True, blank=True, on_delete=models.PROTECT, related_name="terms")
    is_enabled = models.BooleanField(_("in use"), default=True)
    added_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    added_at = models.DateTimeField()
    version = models.PositiveIntegerField(default=1)

    class Meta:
        ordering = ["kind", "text"]
        constraints = [
            models.UniqueConstraint(fields=["text"], condition=Q(watch__isnull=True), name="company_term_once"),
            models.UniqueConstraint(fields=["text", "watch"], name="watch_term_once"),
        ]

    def __str__(self) -> str:
        return self.text


class SavedSearch(models.Model):
    """A search a person keeps. `query` is in the watch rule language, so it can become a watch."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    name = models.CharField(_("name"), max_length=80)
    query = models.TextField(_("words"), max_length=4000, blank=True)
    filters = models.JSONField(default=dict)  # the other words of the search page's address
    made_at = models.DateTimeField()

    class Meta:
        ordering = ["name"]
        constraints = [models.UniqueConstraint(fields=["owner", "name"], name="saved_search_once")]

    def __str__(self) -> str:
        return self.name
