"""What a person can do about a source in trouble: one sentence for each state, one next step."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from monitoring.sources import rsshub
from opinion.models import POLLED, Source, SourceHealth, SourceKind

VISITED = (*POLLED, SourceKind.MAILBOX)  # we go there; the others come to us
STEPS: dict[str, Promise] = {
    SourceHealth.EMPTY: _(
        "Open the address in a browser. If there are posts on the site, its feed is broken: look for another one."
    ),
    SourceHealth.NOT_A_FEED: _("Open the address in a browser and look for the feed's own address on that page."),
    SourceHealth.CAPTCHA: _("The site has noticed us. Poll it less often, or take it from RSSHub or a vendor."),
    SourceHealth.STALE: _("Look at the site: if it has newer posts, the feed was given up; look for another one."),
    SourceHealth.OVERDUE: _(
        "Nothing is wrong with it: our own workers do not keep up. Tell the operator, or poll some sources less often."
    ),
    SourceHealth.CLOCK_WRONG: _("Tell the operator. Until then, build no timeline on the times of its posts."),
    SourceHealth.UNREADABLE: _(
        "Test it once more. If it stays like that, tell the operator, and look for another feed."
    ),
    SourceHealth.TOO_LARGE: _("Look for a feed of one section, or for a shorter one."),
    SourceHealth.SLOW: _("It is asked again by itself, less and less often. If it stays slow, poll it less often."),
    SourceHealth.UNREACHABLE: _("Check the address. If it is right, the site is down; it is asked again by itself."),
    SourceHealth.REFUSED_ADDRESS: _("Correct the address, or ask an administrator to allow it (FETCH_ALLOWED_HOSTS)."),
    SourceHealth.HTTP_ERROR: _("Open the address in a browser. If it fails there too, correct the address."),
    SourceHealth.RATE_LIMITED: _("Raise the seconds between polls."),
    SourceHealth.GONE: _("It was switched off. Look for what has taken its place, and change the address."),
}
HUB_STEPS: dict[str, Promise] = {
    SourceHealth.EMPTY: _(
        "Set a canary word that always brings posts: then “no posts” and “broken” can be told apart."
    ),
    SourceHealth.UNREACHABLE: _("Check that RSSHub is running; all its sources stand still meanwhile."),
    SourceHealth.HTTP_ERROR: _("Look at RSSHub's own log: the site may want a cookie, or the route has changed."),
    SourceHealth.CAPTCHA: _("Give RSSHub a fresh cookie of this site."),
}
QUIET_STEPS: dict[str, Promise] = {
    SourceKind.VENDOR: _("Ask the vendor whether it still pushes; look at its keys and its quarantine."),
    SourceKind.MAILBOX: _("Write to it yourself: if the letter does not come in, look at what forwards to it."),
    SourceKind.FORM: _("Open the form as a visitor would, and see whether your site still leads to it."),
}
MAILBOX_STEP = _("Check its server, name and password under own channels.")
FED_BY: dict[str, Promise] = {
    SourceKind.VENDOR: _("A vendor pushes its posts here."),
    SourceKind.IMPORT: _("People import files into it."),
    SourceKind.FORM: _("Visitors write into the public form."),
    SourceKind.HAND: _("People enter leads by hand."),
}


def next_step(source: Source) -> str:
    """What to do about its state; "" where nothing is to be done."""
    if source.health == SourceHealth.QUIET:
        return str(QUIET_STEPS[source.kind])
    if source.kind == SourceKind.MAILBOX and source.health != SourceHealth.OVERDUE:
        return str(MAILBOX_STEP) if source.health in STEPS else ""
    of_hub = HUB_STEPS if source.preset or rsshub.is_ours(source.url) else {}
    step = of_hub.get(source.health) or STEPS.get(source.health)
    return str(step) if step else ""


def fed_by(source: Source) -> str:
    """What brings its posts, where we do not fetch them; "" where we do."""
    return str(FED_BY[source.kind]) if source.kind in FED_BY else ""
