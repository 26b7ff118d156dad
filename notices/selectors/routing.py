"""Which channels carry a notice: routes, hours, addresses, and who wants their peace."""

from collections.abc import Sequence
from datetime import datetime

from django.utils.timezone import get_default_timezone, localtime

from accounts.models import User
from notices.channels import channel_named
from notices.hours import lies_in, over_at
from notices.models import NoticeChannel, NoticeRoute, NoticeRule, QuietHours, Urgency


def rule() -> NoticeRule:
    """The company's numbers; the plan's own until somebody changes them."""
    return NoticeRule.objects.filter(pk=1).first() or NoticeRule(pk=1)


def is_group(channel: NoticeChannel) -> bool:
    return channel_named(channel.kind).IS_GROUP


def routes_now(urgency: int, now: datetime) -> list[NoticeRoute]:
    """The routes that carry a notice of this urgency at this hour, on channels that are switched on, in order."""
    local = localtime(now, get_default_timezone())
    found = NoticeRoute.objects.filter(least__gte=urgency, channel__is_on=True).select_related("channel")
    return [
        route
        for route in found
        if route.since is None or route.until is None or lies_in(local, route.since, route.until)
    ]


def carriers(person: User, routes: Sequence[NoticeRoute], now: datetime) -> list[NoticeChannel]:
    """The channels on which this person can be told, the best first; those that are at rest come last.

    routes  what `routes_now` found. The person's own count; without any those of their roles; without any everybody's.
    """
    personal = [route for route in routes if not is_group(route.channel)]
    own = [route for route in personal if route.person_id == person.pk]
    of_role = [route for route in personal if route.role and route.role in person.roles]
    of_all = [route for route in personal if not route.role and route.person_id is None]
    channels = {route.channel_id: route.channel for route in own or of_role or of_all}
    reaching = [channel for channel in channels.values() if channel_named(channel.kind).address_of(person)]
    return sorted(reaching, key=lambda channel: channel.is_resting(now))


def chats(routes: Sequence[NoticeRoute]) -> list[NoticeChannel]:
    """The group chats in which such a notice is posted."""
    return list({route.channel_id: route.channel for route in routes if is_group(route.channel)}.values())


def quiet_until(person: User | None, now: datetime) -> datetime | None:
    """When the quiet hours are over in which this person is now (None: the company); None: they are not in any."""
    theirs: NoticeRule | QuietHours = rule()
    if person is not None:
        theirs = QuietHours.objects.filter(person=person).first() or theirs
    return over_at(localtime(now, get_default_timezone()), theirs.quiet_from, theirs.quiet_until)


def first_try_at(person: User | None, urgency: int, now: datetime) -> datetime:
    """When a notice is sent: at once, or after the quiet hours for what can wait."""
    return (quiet_until(person, now) or now) if urgency == Urgency.CALM else now
