"""What the log of a day says about incidents (settings.DUTY_HOOKS)."""

from django.utils.translation import gettext as _

from incidents.models import Incident


def open_incidents() -> list[dict[str, str]]:
    """A line for each incident that is not over. Confidential ones stay with those who work on them."""
    found = Incident.objects.open().filter(is_confidential=False).select_related("lead").order_by("number")
    return [
        {
            "kind": _("open incident"),
            "words": f"{incident.number} {incident.title}",
            "note": " · ".join(
                str(word) for word in (incident.level_label, incident.get_stage_display(), incident.lead) if word
            ),
            "url": incident.get_absolute_url(),
        }
        for incident in found
    ]
