"""Account hook (settings.ACCOUNT_HOOKS): who hears, in which words, that roles, authority or accounts have changed.

Words are in the company's language, whoever's screen the act was done on. An event without an entry tells nobody.
"""

from collections.abc import Callable, Iterable
from typing import Any

from django.conf import settings
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import override

from accounts.models import BreakGlass, Delegation, LetterOfAuthority, Platform, PlatformIdentity, RoleChange, User
from accounts.roles import TWO_PERSON_ROLES, Role
from accounts.selectors import leadership_group
from notices.models import Urgency
from notices.services import notify

ASKS = ("accounts.break_glass_taken",)  # each leader says 收到; who speaks is told of those who did not

# who, subject, body, address, urgency
News = tuple[Iterable[User], str, str, str, int]


def tell(event: str, row: Any) -> None:
    """Put the news of `event` into the inboxes of those it concerns, inside the act's transaction."""
    words = NEWS.get(event)
    if words is None:
        return
    with override(settings.LANGUAGE_CODE):
        people, subject, body, url, urgency = words(row)
    notify(
        people,
        event=event,
        subject=subject,
        body=body,
        url=url,
        urgency=urgency,
        acknowledge=event in ASKS,
        sender=row.person if event in ASKS else None,
    )


def moment(at: Any) -> str:
    return date_format(timezone.localtime(at), "Y-m-d H:i")


def leaders_and(*people: User | None) -> list[User]:
    return [*leadership_group(), *(person for person in people if person is not None)]


# --- roles -----------------------------------------------------------------------------------------------------------
def role_words(change: RoleChange) -> dict[str, object]:
    return {
        "name": change.person,
        "role": Role(change.role).label,
        "asker": change.requested_by or "",
        "note": change.decision_note,
    }


def role_change_requested(change: RoleChange) -> News:
    words = _("%(asker)s wants to give %(name)s the role: %(role)s")
    if not change.grants:
        words = _("%(asker)s wants to take from %(name)s the role: %(role)s")
    body = _("Reason: %(reason)s. A second person must agree.") % {"reason": change.reason}
    return leadership_group(), words % role_words(change), body, reverse("accounts:role-changes"), Urgency.SOON


def role_change_applied(change: RoleChange) -> News:
    words = (
        _("%(name)s now has the role: %(role)s") if change.grants else _("%(name)s no longer has the role: %(role)s")
    )
    body = _("Asked by %(asker)s, agreed by %(second)s.") % {**role_words(change), "second": change.decided_by}
    people = leaders_and(change.person, change.requested_by)
    return people, words % role_words(change), body, person_url(change.person), Urgency.SOON


def role_change_refused(change: RoleChange) -> News:
    words = _("Refused: a change of the role %(role)s for %(name)s") % role_words(change)
    body = _("Asked by %(asker)s, refused by %(second)s. %(note)s") % {
        **role_words(change),
        "second": change.decided_by,
    }
    return leaders_and(change.requested_by), words, body.strip(), reverse("accounts:role-changes"), Urgency.CALM


# --- who speaks ------------------------------------------------------------------------------------------------------
def break_glass_taken(glass: BreakGlass) -> News:
    words = _("%(name)s speaks for the company until %(until)s (break-glass)")
    subject = words % {"name": glass.person, "until": moment(glass.ends_at)}
    return leadership_group(), subject, glass.reason, reverse("accounts:break-glass"), Urgency.NOW


def break_glass_ended(glass: BreakGlass) -> News:
    subject = _("The break-glass of %(name)s is over") % {"name": glass.person}
    body = _("Ended by %(name)s.") % {"name": glass.ended_by}
    return leaders_and(glass.person), subject, body, reverse("accounts:break-glass"), Urgency.SOON


def letter_issued(letter: LetterOfAuthority) -> News:
    subject = _("Letter of authority for %(name)s, until %(day)s") % {
        "name": letter.person,
        "day": letter.ends_on.isoformat(),
    }
    return leaders_and(letter.person), subject, letter.scope, reverse("accounts:letters"), Urgency.SOON


def letter_revoked(letter: LetterOfAuthority) -> News:
    subject = _("The letter of authority of %(name)s is revoked") % {"name": letter.person}
    body = _("Revoked by %(name)s.") % {"name": letter.revoked_by}
    return leaders_and(letter.person), subject, body, reverse("accounts:letters"), Urgency.SOON


# --- who decides for whom --------------------------------------------------------------------------------------------
def delegation_given(delegation: Delegation) -> News:
    words = _("%(delegate)s decides for %(name)s until %(until)s")
    subject = words % {
        "delegate": delegation.delegate,
        "name": delegation.principal,
        "until": moment(delegation.ends_at),
    }
    return leaders_and(delegation.delegate), subject, delegation.reason, reverse("accounts:delegation"), Urgency.SOON


def delegation_revoked(delegation: Delegation) -> News:
    words = _("%(delegate)s no longer decides for %(name)s")
    subject = words % {"delegate": delegation.delegate, "name": delegation.principal}
    return (
        leaders_and(delegation.delegate, delegation.principal),
        subject,
        "",
        reverse("accounts:delegation"),
        Urgency.SOON,
    )


# --- accounts of those who decide or speak ---------------------------------------------------------------------------
def account_news(subject: Callable[[], str], advice: Callable[[], str]) -> Callable[[User], News]:
    """News of one account to the leadership group and the person; the words are translated when it is told."""

    def words(person: User) -> News:
        return leaders_and(person), subject() % {"name": person}, advice(), person_url(person), Urgency.NOW

    return words


def identity_set(identity: PlatformIdentity) -> News:
    """The person always: an account that is not theirs would hear and speak for them. The leaders for one of them."""
    words = {"name": identity.person, "platform": Platform(identity.platform).label, "setter": identity.set_by}
    subject = _("A %(platform)s account was written down for %(name)s") % words
    body = _("By %(setter)s: %(subject)s. %(advice)s")
    told = leaders_and(identity.person) if identity.person.holds(*TWO_PERSON_ROLES) else [identity.person]
    advice = (
        if_unexpected() if identity.counts else _("It counts once a second person, or they themselves, confirm it.")
    )
    body %= {**words, "subject": identity.subject, "advice": advice}
    return told, subject, body, person_url(identity.person), Urgency.SOON


def person_url(person: User) -> str:
    return reverse("accounts:person", args=[person.uuid])


def if_unexpected() -> str:
    return _("If nobody asked for this, speak to the security administrator at once.")


NEWS: dict[str, Callable[[Any], News]] = {
    "accounts.role_change_requested": role_change_requested,
    "accounts.role_change_applied": role_change_applied,
    "accounts.role_change_refused": role_change_refused,
    "accounts.break_glass_taken": break_glass_taken,
    "accounts.break_glass_ended": break_glass_ended,
    "accounts.letter_issued": letter_issued,
    "accounts.letter_revoked": letter_revoked,
    "accounts.delegation_given": delegation_given,
    "accounts.delegation_revoked": delegation_revoked,
    "accounts.password_reset": account_news(lambda: _("The password of %(name)s was reset"), if_unexpected),
    "accounts.second_factors_cleared": account_news(
        lambda: _("The second factor of %(name)s was removed"), if_unexpected
    ),
    "accounts.identity_set": identity_set,
    "accounts.person_deactivated": account_news(lambda: _("The account of %(name)s was switched off"), if_unexpected),
    "accounts.person_reactivated": account_news(
        lambda: _("The account of %(name)s was switched on again"), if_unexpected
    ),
}
