"""The accounts statements go out from: set up, tested, watched. No act tells a secret."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from accounts.models import User
from accounts.roles import SPEAKERS, Role
from accounts.selectors import people_with
from accounts.versions import save_if_current
from audit import services as audit
from notices.services import notify
from response import channels, messages
from response.channels import NEWSROOM, Later, Refused, Unclear, account_named
from response.models import WARN_DAYS, ChannelAccount
from response.permissions import require

DOWN_AFTER = 2  # failures in a row


@transaction.atomic
def set_up(
    kind: str,
    values: Mapping[str, str],
    *,
    expires_on: date | None = None,
    seen_version: int | None = None,
    actor: User,
    now: datetime,
) -> ChannelAccount:
    """Give an account its settings; an empty secret stays what it was. Raises KeyError (no such kind), Stale.

    seen_version  the version the person saw; None: there was none yet
    """
    require(actor, "edit_channel_accounts")
    fields = account_named(kind).FIELDS
    account, is_new = ChannelAccount.objects.get_or_create(kind=kind)
    before = account.readable_settings
    kept = {field.name: before[field.name] for field in fields if field.is_secret and field.name in before}
    after = {**kept, **{name: value for name, value in values.items() if value or name not in kept}}
    changed = sorted(name for name in after if after[name] != before.get(name, ""))
    if account.expires_on != expires_on:
        changed.append("expires_on")
        account.warned_days = None
    account.settings, account.config_set_at, account.expires_on = after, now, expires_on
    account.failures = 0
    seen = account.version if is_new else seen_version or 0
    save_if_current(account, seen, ["config", "config_set_at", "expires_on", "warned_days", "failures"])
    audit.record("response.account_set_up", actor=actor, subject=kind, detail={"changed": changed})
    return account


@transaction.atomic
def switch(account: ChannelAccount, *, on: bool, actor: User) -> None:
    """Off: the channel is served by hand. Pressing twice changes nothing."""
    require(actor, "edit_channel_accounts")
    if ChannelAccount.objects.filter(pk=account.pk, is_on=not on).update(is_on=on, failures=0):
        event = "response.account_switched_on" if on else "response.account_switched_off"
        audit.record(event, actor=actor, subject=account.kind)


def test(account: ChannelAccount, *, actor: User, now: datetime) -> ChannelAccount:
    """Ask the platform something harmless and keep its answer. Call outside of a transaction: it uses the network."""
    require(actor, "edit_channel_accounts")
    try:
        words, went_well = account_named(account.kind).test(account.readable_settings), True
    except (Refused, Later, Unclear) as trouble:
        words, went_well = str(trouble), False
    with transaction.atomic():
        ChannelAccount.objects.filter(pk=account.pk).update(
            tested_at=now, test_went_well=went_well, test_words=words[:500]
        )
        write_health(account.kind, now, "" if went_well else words)
        audit.record("response.account_tested", actor=actor, subject=account.kind, detail={"went_well": went_well})
    account.refresh_from_db()
    return account


# --- health ----------------------------------------------------------------------------------------------------------
def note_health(channel: str, now: datetime, *, error: str = "") -> None:
    """What a call on a channel says about its account. Call inside a transaction.

    The newsroom is not called but marked in our own database: that says nothing of whether its page answers.
    """
    kind = channels.channel_named(channel).ACCOUNT
    if kind:
        write_health(kind, now, error)


def write_health(kind: str, now: datetime, error: str) -> None:
    """Keep the last success or error; the second failure in a row is told to those who must know."""
    account = ChannelAccount.objects.filter(kind=kind)
    if not error:
        account.update(last_success_at=now, failures=0)
        return
    account.update(last_error_at=now, last_error=error[:500], failures=F("failures") + 1)
    troubled = account.filter(failures=DOWN_AFTER).first()
    if troubled:
        notify(people_with(*SPEAKERS, Role.SYSTEM_ADMIN), **messages.account_troubled(troubled))


def newsroom_is_down() -> bool:
    return ChannelAccount.objects.filter(kind=NEWSROOM, failures__gte=DOWN_AFTER).exists()


def look_after(account: ChannelAccount, now: datetime) -> None:
    """Ask an account whether it still works, and write down what it says. Uses the network."""
    try:
        account_named(account.kind).test(account.readable_settings)
        error = ""
    except (Refused, Later, Unclear) as trouble:
        error = str(trouble)
    with transaction.atomic():
        write_health(account.kind, now, error)


@transaction.atomic
def warn_of_expiry(account: ChannelAccount, now: datetime) -> None:
    """Seven, three and one day before the authorisation ends, and when it has: each told once."""
    left = account.days_left(timezone.localtime(now).date())
    if left is None or left > WARN_DAYS[0]:
        return
    step = min(day for day in WARN_DAYS if max(left, 0) <= day)
    unsaid = ChannelAccount.objects.filter(pk=account.pk, warned_days=account.warned_days)
    if account.warned_days is not None and account.warned_days <= step:
        return
    if unsaid.update(warned_days=step) == 1:
        people = people_with(*SPEAKERS, Role.SYSTEM_ADMIN, Role.TEAM_HEAD)
        notify(people, **messages.authorisation_ends(account, left))


def keep_newsroom_account() -> ChannelAccount:
    """The newsroom's own row, for its health; it has no settings."""
    account: Any = ChannelAccount.objects.get_or_create(kind=NEWSROOM)[0]
    return account
