"""Founding the demo company: its people, sources and watches, once."""

from datetime import datetime, timedelta
from urllib.parse import urljoin

from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.contrib.auth.models import Group
from django.db import transaction
from django.urls import reverse

from accounts import clock
from accounts.models import Department, LetterOfAuthority, User
from audit import services as audit
from config.demo import story
from config.demo.people import DEPARTMENTS, PEOPLE
from incidents.levels import Level
from opinion.models import Source, SourceHealth, Watch
from response.channels import fakes
from response.models import ChannelAccount, HoldingSignature, HoldingText, SignOff
from response.services.statements import hash_of, tidy
from response.signoff_rules import places_needed

SIGNERS: dict[str, str] = {SignOff.Place.LEGAL: "legal", SignOff.Place.TEAM_HEAD: "pr", SignOff.Place.LEADER: "deputy"}


class NotADemo(Exception):
    """The desk does not run as a demo, or already belongs to somebody."""


@transaction.atomic
def found(password: str) -> bool:
    """Found the demo company with this password for everybody. False when it is there already.

    Raises NotADemo outside a demo, and where people are who are not the demo's: a real desk is never mixed with it.
    """
    if not settings.DEMO:
        raise NotADemo("DEMO is not set: the demo company lives in a database of its own.")
    usernames = set(User.objects.values_list("username", flat=True))
    if usernames >= set(PEOPLE):
        _point_sources_here()
        _publication_channels()
        return False
    if usernames:
        raise NotADemo("This database has people of its own; the demo company needs an empty one.")
    now = clock.now()
    departments = {code: Department.objects.create(code=code, name=name) for code, name in DEPARTMENTS.items()}
    people = _people(password, departments)
    for username in ("spokesperson", "alternate"):
        LetterOfAuthority.objects.create(
            person=people[username],
            is_alternate=username == "alternate",
            scope="就演示公司的舆情事件对外发布声明",
            starts_on=now.date() - timedelta(days=30),
            ends_on=now.date() + timedelta(days=335),
            issued_by=people["gm"],
            issued_at=now - timedelta(days=30),
        )
    _sources()
    _publication_channels()
    _holding_texts(people, now)
    for watch in story.sources()["watches"]:
        Watch.objects.create(
            name=watch["name"],
            rule=watch["rule"],
            department=departments[watch["department"]],
            is_rival=watch.get("is_rival", False),
        )
    audit.record(
        "config.demo_founded", subject="demo", detail={"people": len(people), "sources": Source.objects.count()}
    )
    return True


def _people(password: str, departments: dict[str, Department]) -> dict[str, User]:
    groups = {group.name: group for group in Group.objects.all()}
    password = make_password(password)  # slow on purpose, so once: theirs is one and the same
    people = {}
    for username, (name, title, department, roles, speciality) in PEOPLE.items():
        person = User(
            username=username,
            name=name,
            title=title,
            email=f"{username}@demo.invalid",
            department=departments[department],
            speciality=speciality,
            password=password,
        )
        person.save()
        person.groups.set(groups[role] for role in roles)
        people[username] = person
    return people


def _feed_url(slug: str) -> str:
    return urljoin(settings.SITE_URL, reverse("demo-feed", args=[slug]))


def _point_sources_here() -> None:
    """The desk serves the demo's feeds itself: started on another port, it finds them there."""
    for each in story.sources()["demo"]:
        path = reverse("demo-feed", args=[each["slug"]])
        Source.objects.filter(url__endswith=path).exclude(url=_feed_url(each["slug"])).update(
            url=_feed_url(each["slug"])
        )


def _publication_channels() -> None:
    """The demo publishes on stand-ins, which `up` starts beside it; started on other ports, it finds them there."""
    if not settings.CHANNEL_BASE_URL:
        return
    today = clock.now().date()
    for kind, values in fakes.configs(settings.CHANNEL_BASE_URL).items():
        account, is_new = ChannelAccount.objects.get_or_create(kind=kind)
        if is_new:
            account.config_set_at = clock.now()
            account.expires_on = today + timedelta(days=90) if kind == "weibo" else None
        account.settings = values
        account.save()


def _holding_texts(people: dict[str, User], now: datetime) -> None:
    """Two texts signed in peacetime, so that the first word of a crisis takes minutes."""
    signed_at = now - timedelta(days=20)
    for each in story.holding_texts():
        title, words = each["title"], tidy(each["text"])
        text = HoldingText.objects.create(
            name=each["name"],
            cluster=each["cluster"],
            title=title,
            text=words,
            text_hash=hash_of(title, words),
            state=HoldingText.State.APPROVED,
            expires_on=now.date() + timedelta(days=180),
            created_at=signed_at,
            saved_at=signed_at,
            approved_at=signed_at,
        )
        text.writers.add(people["market"])
        HoldingSignature.objects.bulk_create(
            HoldingSignature(
                version=text,
                place=place,
                text_hash=text.text_hash,
                state=HoldingSignature.State.APPROVED,
                person=people[SIGNERS[place]],
                at=signed_at,
            )
            for place in places_needed(Level.TWO, is_flagged=True)
        )


def _sources() -> None:
    told = story.sources()
    Source.objects.bulk_create(
        Source(
            name=each["name"],
            url=_feed_url(each["slug"]),
            source_class=each["class"],
            platform=each["platform"],
            tier=each["tier"],
            is_key=each.get("key", False),
            poll_every_seconds=20,
        )
        for each in told["demo"]
    )
    Source.objects.bulk_create(
        Source(
            name=each["name"],
            url=each["url"],
            source_class=each["class"],
            platform=each["platform"],
            tier=each["tier"],
            is_enabled=False,
            health=SourceHealth.OFF,
        )
        for each in told["real"]
    )
