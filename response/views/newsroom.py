"""The newsroom: public pages and feeds, no sign-in, no session. Only what was released is ever read here."""

from collections.abc import Callable
from hashlib import sha256
from typing import Any
from urllib.parse import urljoin

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import get_list_or_404, render
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.cache import patch_cache_control
from django.utils.feedgenerator import Atom1Feed, Rss201rev2Feed, SyndicationFeed
from django.utils.html import escape, linebreaks
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import condition, require_safe

from response.channels.newsroom.channel import address_of
from response.models import Release
from response.selectors.newsroom import changed_at, newest_public, public_releases
from response.wording import paragraphs, public_text

SHOWN = 50
FRESH_SECONDS = 60
View = Callable[[HttpRequest, list[Release]], HttpResponse]


def public(view: View) -> Callable[..., HttpResponseBase]:
    """Read once, answer 304 to who has it already, and let caches keep it for a minute. The view gets the releases."""

    @require_safe
    def answer(request: HttpRequest, **kwargs: Any) -> HttpResponseBase:
        # In the company's language, whoever reads: the page in memory, the copy on disk and this one are the same.
        with translation.override(settings.LANGUAGE_CODE):
            return answered(request, **kwargs)

    def answered(request: HttpRequest, **kwargs: Any) -> HttpResponseBase:
        releases = releases_of(**kwargs)
        marks = [f"{one.pk} {one.state} {one.text_hash} {one.withdrawn_at}" for one in releases]
        seal = sha256("\n".join([settings.COMPANY_NAME, get_language() or "", *marks]).encode()).hexdigest()
        last_change = changed_at(releases)

        @condition(lambda _request: f'"{seal[:32]}"', lambda _request: last_change)
        def conditional(request: HttpRequest) -> HttpResponse:
            return view(request, releases)

        response = conditional(request)
        patch_cache_control(response, public=True, max_age=FRESH_SECONDS)
        response.headers["Content-Language"] = get_language() or settings.LANGUAGE_CODE
        return response

    return answer


def releases_of(number: str | None = None) -> list[Release]:
    """The newest public release of each statement, or every one of a single statement, newest first; 404 for none."""
    if number is None:
        return list(newest_public()[:SHOWN])
    return get_list_or_404(public_releases(), version__statement__number=number)


def described(release: Release) -> dict[str, Any]:
    """A release as the public reads it. A withdrawn one keeps its title, number and note, not its words."""
    version = release.version
    is_withdrawn = release.state == Release.State.WITHDRAWN
    return {
        "number": version.statement.number,
        "version": version.number,
        "url": address_of(version.statement.number),
        "title": public_text(version.title),
        "text": "" if is_withdrawn else public_text(version.text),
        "paragraphs": [] if is_withdrawn else paragraphs(public_text(version.text)),
        "published_at": timezone.localtime(release.public_at),
        "first_published_at": timezone.localtime(getattr(release, "first_public_at", release.public_at)),
        "changed_at": timezone.localtime(release.withdrawn_at or release.public_at),
        "withdrawn_at": timezone.localtime(release.withdrawn_at) if release.withdrawn_at else None,
        "withdrawal_note": release.words if is_withdrawn else "",
        "change_note": version.change_note,
    }


@public
def newsroom(request: HttpRequest, releases: list[Release]) -> HttpResponse:
    statements = [described(release) for release in releases]
    return render(request, "newsroom/list.html", {"statements": statements, "company": settings.COMPANY_NAME})


@public
def statement_page(request: HttpRequest, releases: list[Release]) -> HttpResponse:
    """One statement at its canonical address: the version that counts, and the trace of those before it."""
    trace = [described(release) for release in releases]
    context = {"statement": trace[0], "trace": trace, "company": settings.COMPANY_NAME}
    return render(request, "newsroom/statement.html", context)


def plain_words(one: dict[str, Any]) -> str:
    """What a feed carries: the text with its notes before it."""
    notes = []
    if one["withdrawal_note"]:
        notes.append(_("Withdrawn: %(note)s") % {"note": one["withdrawal_note"]})
    elif one["change_note"]:
        notes.append(_("Corrected: %(note)s") % {"note": one["change_note"]})
    return "\n\n".join([*notes, one["text"]]).strip()


def feed_title() -> str:
    return f"{settings.COMPANY_NAME} · {_('Newsroom')}" if settings.COMPANY_NAME else _("Newsroom")


@public
def feed_xml(request: HttpRequest, releases: list[Release]) -> HttpResponse:
    """Atom 1.0."""
    feed = filled(Atom1Feed, "response:newsroom-feed", releases)
    return HttpResponse(feed.writeString("utf-8"), content_type="application/atom+xml; charset=utf-8")


@public
def feed_rss(request: HttpRequest, releases: list[Release]) -> HttpResponse:
    """RSS 2.0, for readers that know no Atom."""
    feed = filled(Rss201rev2Feed, "response:newsroom-rss", releases)
    return HttpResponse(feed.writeString("utf-8"), content_type="application/rss+xml; charset=utf-8")


def filled(kind: type[SyndicationFeed], url_name: str, releases: list[Release]) -> SyndicationFeed:
    feed = kind(
        title=feed_title(),
        link=urljoin(settings.NEWSROOM_URL, reverse("response:newsroom")),
        description=feed_title(),
        language=(get_language() or "").replace("zh-hans", "zh-CN"),
        feed_url=urljoin(settings.NEWSROOM_URL, reverse(url_name)),
        author_name=settings.COMPANY_NAME or None,
    )
    for release in releases:
        one = described(release)
        feed.add_item(
            title=one["title"],
            link=one["url"],
            description=linebreaks(escape(plain_words(one))),
            unique_id=one["url"],
            pubdate=one["first_published_at"],
            updateddate=one["changed_at"],
        )
    return feed


@public
def feed_json(request: HttpRequest, releases: list[Release]) -> HttpResponse:
    """JSON Feed 1.1."""
    items = []
    for release in releases:
        one = described(release)
        items.append(
            {
                "id": one["url"],
                "url": one["url"],
                "title": one["title"],
                "content_text": plain_words(one),
                "date_published": one["first_published_at"].isoformat(timespec="seconds"),
                "date_modified": one["changed_at"].isoformat(timespec="seconds"),
            }
        )
    feed = {
        "version": "https://jsonfeed.org/version/1.1",
        "title": feed_title(),
        "home_page_url": urljoin(settings.NEWSROOM_URL, reverse("response:newsroom")),
        "feed_url": urljoin(settings.NEWSROOM_URL, reverse("response:newsroom-json")),
        "language": (get_language() or "").replace("zh-hans", "zh-CN"),
        "items": items,
    }
    return JsonResponse(
        feed,
        content_type="application/feed+json; charset=utf-8",
        json_dumps_params={"ensure_ascii": False, "indent": 1},
    )
