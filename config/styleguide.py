"""/styleguide/: every part of a page in every state, in both languages. Its samples are invented (styleguide.json)."""

import json
from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import Any

from django import forms
from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import get_language

from accounts.roles import Role

MARKS = ("09:30", "10:15", "12:30")
SAMPLES = Path(__file__).with_name("styleguide.json")


@cache
def samples() -> dict[str, Any]:
    """Invented words in both languages, and invented counts."""
    return json.loads(SAMPLES.read_text("utf-8"))


def sample_form(words: dict[str, Any], data: dict[str, Any] | None) -> forms.Form:
    """A form with one field of every kind we use; with `data`, in its state after a mistake."""
    title, text, level, when, mail, affects, told, help_text, options, file = words["fields"]

    class Sample(forms.Form):
        title_ = forms.CharField(label=title, help_text=help_text)
        text_ = forms.CharField(label=text, widget=forms.Textarea(attrs={"rows": 3}))
        level_ = forms.ChoiceField(label=level, choices=words["levels"][:3])
        when_ = forms.DateTimeField(label=when, widget=forms.DateTimeInput(attrs={"type": "datetime-local"}))
        mail_ = forms.EmailField(label=mail, required=False)
        affects_ = forms.MultipleChoiceField(
            label=affects, widget=forms.CheckboxSelectMultiple, choices=list(enumerate(options)), required=False
        )
        file_ = forms.FileField(label=file, required=False)
        told_ = forms.BooleanField(label=told, required=False)

    return Sample(data, prefix="wrong" if data is not None else "empty")


@login_required
def styleguide(request: HttpRequest) -> HttpResponse:
    """Every part in every state; for whoever has a role at the desk, and for anybody signed in while DEBUG is on."""
    if not (settings.DEBUG or request.user.holds(*Role.values)):  # type: ignore[union-attr]
        raise Http404
    words = samples()["en" if get_language() == "en" else "zh-hans"]
    hours, counts = samples()["hours"], samples()["counts"]
    now = timezone.now()
    series = [{"name": name, "tone": tone, "values": counts[tone]} for tone, name in words["sentiments"]]
    total = [sum(values) for values in zip(counts["neg"], counts["neu"], counts["pos"], strict=True)]
    context = {
        "w": words,
        "now": now,
        "volume": {
            "labels": hours,
            "series": series,
            "marks": [
                {"name": name, "at": at} for name, at in zip(words["marks"], ("09:30", "10:15", "12:30"), strict=True)
            ],
        },
        "usual": {
            "labels": hours,
            "series": [{"name": words["all"], "tone": "accent", "values": total}],
            "band": {"name": words["band"], "low": counts["low"], "high": counts["high"]},
            "threshold": {"name": words["limit"], "value": 250},
        },
        "hourly": counts["neg"][::2],
        "hours": hours[::2],
        "heat": [(day, [(h, (h * (d + 3)) % 5) for h in range(8, 22)]) for d, day in enumerate(words["days"])],
        "clocks": [
            (now - timedelta(minutes=30), now + timedelta(minutes=90), None),
            (now - timedelta(minutes=72), now + timedelta(minutes=28), None),
            (now - timedelta(hours=5), now - timedelta(minutes=10), None),
            (now - timedelta(hours=5), now - timedelta(hours=1), now - timedelta(hours=2)),
        ],
        "times": [
            now - timedelta(seconds=20),
            now - timedelta(minutes=12),
            now - timedelta(hours=3),
            now - timedelta(days=3),
        ],
        "numbers": [890, 18_600, 21_400_000, 1_430_000_000],
        "form": sample_form(words, None),
        "wrong": sample_form(words, {"wrong-title_": "", "wrong-mail_": "pr@", "wrong-affects_": ["0"]}),
        "page_obj": Paginator(range(380), 25).page(4),
    }
    return render(request, "styleguide.html", context)
