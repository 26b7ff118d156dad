"""Which attached files a person may read."""

from django.db.models import Q, QuerySet

from accounts.models import User
from incidents.models import Incident
from response.models import Attachment, Incoming


def files_for(person: User) -> QuerySet[Attachment]:
    """Files of the incidents, and of the letters and calls without one, that this person may see."""
    letters = Incoming.everywhere.visible_to(person)
    seen = Q(incident__in=Incident.everywhere.visible_to(person))
    return Attachment.objects.filter(seen | Q(pk__in=letters.values("original")) | Q(pk__in=letters.values("proof")))
