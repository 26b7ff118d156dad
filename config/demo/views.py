"""The demo's feeds over HTTP. They exist only where DEMO is set."""

from datetime import datetime
from hashlib import sha256

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.cache import get_conditional_response
from django.utils.http import quote_etag

from accounts import clock
from accounts.models import User
from config.demo import feeds, story


def began_at() -> datetime:
    """When the demo company was founded: the crisis counts from here. Raises Http404 where there is no demo."""
    founded = User.objects.filter(username="admin").values_list("date_joined", flat=True).first()
    if not settings.DEMO or founded is None:
        raise Http404
    return founded


def feed(request: HttpRequest, slug: str) -> HttpResponse:
    """One source of the demo, as it stands now."""
    source = next((each for each in story.sources()["demo"] if each["slug"] == slug), None)
    if source is None:
        raise Http404
    entries = story.published(slug, began_at(), clock.now())
    link = request.build_absolute_uri(reverse("demo-post", args=[slug]))
    body, content_type = feeds.FORMATS[source["format"]](source["name"], link, entries)
    etag = quote_etag(sha256(body).hexdigest()[:16])
    answer = get_conditional_response(request, etag=etag) or HttpResponse(body, content_type=content_type)
    answer["ETag"] = etag
    return answer


def post(request: HttpRequest, slug: str) -> HttpResponse:
    """Where the posts of a demo source link to: their plain text, so that 查看原文 opens something."""
    entries = story.published(slug, began_at(), clock.now())
    text = "\n\n".join(
        f"[演示 #{line.number}] {line.author} {at:%F %H:%M}\n{line.title}\n{line.text}" for line, at in entries
    )
    return HttpResponse(text, content_type="text/plain; charset=utf-8")
