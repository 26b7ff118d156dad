"""Notices about releases and the accounts they go out from."""

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from notices.models import Urgency
from response.messages.common import Message, in_company_language
from response.models import (
    ChannelAccount,
    Release,
)


@in_company_language
def release_ended(release: Release, channel: str) -> Message:
    """Not out, or nobody knows, or a person must publish it: in words for who can do something about it."""
    sentence = _("%(statement)s was not published on %(channel)s: %(words)s")
    if release.state == Release.State.UNKNOWN:
        sentence = _("Please look whether %(statement)s is on %(channel)s: %(words)s")
    elif release.state == Release.State.QUEUED:
        sentence = _("Please publish %(statement)s on %(channel)s by hand: %(words)s")
    event = "by_hand" if release.state == Release.State.QUEUED else release.state
    return about_release(release, f"response.release_{event}", sentence, channel, release.words)


@in_company_language
def take_it_down(release: Release, channel: str, words: str) -> Message:
    sentence = _("Please take %(statement)s down on %(channel)s by hand: %(words)s")
    return about_release(release, "response.release_to_take_down", sentence, channel, words)


@in_company_language
def second_wanted(release: Release, channel: str) -> Message:
    sentence = _("%(statement)s is to go out on %(channel)s: a second person must agree")
    return about_release(release, "response.release_second_wanted", sentence, channel, "")


@in_company_language
def removed_there(release: Release, channel: str, words: str) -> Message:
    sentence = _("%(statement)s is gone from %(channel)s: %(words)s")
    return about_release(release, "response.release_removed", sentence, channel, words)


def about_release(release: Release, event: str, sentence: str, channel: str, words: str) -> Message:
    statement = release.version.statement
    return {
        "event": event,
        "subject": sentence % {"statement": statement.number, "channel": channel, "words": words},
        "body": "",
        "url": reverse("response:publish", args=[statement.uuid]),
        "urgency": Urgency.NOW,
        "about": statement.incident.about,
        "exercise": release.exercise,
    }


@in_company_language
def account_troubled(account: ChannelAccount) -> Message:
    return {
        "event": "response.account_troubled",
        "subject": _("The account for publishing on %(channel)s does not work: %(words)s")
        % {"channel": account_name(account), "words": account.last_error},
        "url": reverse("response:channel-account", args=[account.kind]),
        "urgency": Urgency.SOON,
    }


@in_company_language
def authorisation_ends(account: ChannelAccount, days: int) -> Message:
    subject = ngettext(
        "The authorisation to publish on %(channel)s ends in %(days)s day",
        "The authorisation to publish on %(channel)s ends in %(days)s days",
        days,
    )
    if days <= 0:
        subject = _("The authorisation to publish on %(channel)s has ended: until it is renewed, publish by hand")
    return {
        "event": "response.authorisation_ends",
        "subject": subject % {"channel": account_name(account), "days": days},
        "url": reverse("response:channel-account", args=[account.kind]),
        "urgency": Urgency.SOON if days > 1 else Urgency.NOW,
    }


def account_name(account: ChannelAccount) -> str:
    from response.channels import account_named  # the channels know the models, the models' words do not know them

    return str(account_named(account.kind).NAME)
