"""Why an act was not done, in a sentence for the person who tried. Who may not at all gets PermissionDenied instead."""

from typing import TYPE_CHECKING

from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.services import Refused

__all__ = ["AlreadyDecided", "FreshCredentialNeeded", "ReasonNeeded", "Refused", "Vetoed", "check_reason"]

if TYPE_CHECKING:
    from incidents.models import LevelRequest


class Vetoed(Refused):
    """A hook of an app above refuses a step: `raise Vetoed(_("Three required tasks are open."))`."""


class AlreadyDecided(Refused):
    """Somebody was faster. `request` is the row as it stands now."""

    def __init__(self, request: "LevelRequest") -> None:
        state = {"state": request.get_state_display()}
        if request.decided_by is None or request.decided_at is None:
            words = _("This request is no longer waiting: %(state)s.") % state
        else:
            by = {"who": request.decided_by, "when": f"{timezone.localtime(request.decided_at):%H:%M}", **state}
            words = _("This request is no longer waiting: %(state)s, by %(who)s at %(when)s.") % by
        super().__init__(words)
        self.request = request


class FreshCredentialNeeded(Refused):
    """一级 takes a password, code or passkey given just now."""

    def __init__(self) -> None:
        super().__init__(_("Level one takes a fresh proof of who you are."))


class ReasonNeeded(Refused):
    """Something measured is overruled, or a red line cleared, without saying why. `what` is its code."""

    def __init__(self, what: str = "") -> None:
        super().__init__(_("Please say why, in at least %(n)d characters.") % {"n": SHORTEST_REASON})
        self.what = what


SHORTEST_REASON = 10  # characters of a reason that is one


def check_reason(reason: str, what: str = "") -> str:
    """The reason without the blanks around it. Raises ReasonNeeded when it is too short to be one."""
    reason = reason.strip()
    if len(reason) < SHORTEST_REASON:
        raise ReasonNeeded(what)
    return reason
