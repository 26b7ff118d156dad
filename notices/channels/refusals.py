"""A platform's refusal in words the desk's people understand, with what it means for the next try."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.outside.calls import CallFailed
from accounts.platforms import PlatformError
from notices.channels import ChannelError
from notices.channels.text import cut, one_line

LONGEST_WAIT = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Meaning:
    """What a code means."""

    words: str | Promise
    permanent: bool = False
    retry_after: timedelta | None = None
    pause: timedelta | None = None


TOO_FAST = Meaning(gettext_lazy("too many messages in a minute"), retry_after=timedelta(minutes=1))
BUSY = Meaning(gettext_lazy("the platform is busy"))
NO_SUCH_PERSON = Meaning(
    gettext_lazy("the app cannot reach this person: unknown there, or outside its range"), permanent=True
)
WRONG_APP = Meaning(gettext_lazy("the id or secret of the app is wrong"), permanent=True)
WRONG_CALLER = Meaning(
    gettext_lazy("the desk's own address is not on the platform's list of allowed ones"), permanent=True
)
WRONG_KEY = Meaning(gettext_lazy("the robot's key is wrong, or the robot was removed"), permanent=True)
WRONG_BODY = Meaning(gettext_lazy("the platform cannot read the message"), permanent=True)


@contextmanager
def in_words(meanings: Mapping[str, Meaning], *secrets: str) -> Iterator[None]:
    """Turn what goes wrong inside into a ChannelError.

    meanings  the platform's codes that mean something to us; an unknown code may be tried again
    secrets   what must not be told, though a platform may quote it
    """
    try:
        yield
    except CallFailed as failed:
        raise ChannelError(str(failed), permanent=failed.is_refused, is_unclear=failed.is_unclear) from None
    except PlatformError as refused:
        raise _in_words(refused, meanings, secrets) from None


def _in_words(refused: PlatformError, meanings: Mapping[str, Meaning], secrets: tuple[str, ...]) -> ChannelError:
    if not refused.code:
        words = _("an answer that makes no sense (HTTP %(status)s)") % {"status": refused.status}
        retry_after = seconds(refused.retry_after)
        return ChannelError(words, retry_after=retry_after, is_unclear=refused.is_unclear)
    meaning = meanings.get(refused.code, Meaning(_("the platform refused it")))
    quoted = one_line(refused.message)
    for secret in secrets:
        quoted = quoted.replace(secret, "***") if secret else quoted
    return ChannelError(
        f"{meaning.words} ({cut(f'{refused.code} {quoted}', 160).strip()})",
        permanent=meaning.permanent,
        retry_after=meaning.retry_after,
        pause=meaning.pause,
        code=refused.code,
    )


def seconds(word: str) -> timedelta | None:
    """A Retry-After header that is a number, a day at most; None for anything else."""
    return min(timedelta(seconds=int(word[:6])), LONGEST_WAIT) if word.isdecimal() else None
