"""成立应急工作小组: everybody chosen in one act."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from accounts import clock
from incidents.permissions import require
from incidents.refusals import Refused
from incidents.services import people
from response.forms.papers import GroupForm
from response.selectors.grouping import offered_for
from response.views.common import incident_or_404, person_of


@login_required
def form_group(request: HttpRequest, number: str) -> HttpResponse:
    """Who joins, with what they do here; those the plan names are chosen already."""
    incident, person = incident_or_404(request, number), person_of(request)
    require(person, "change_members", incident)
    form = GroupForm(request.POST if request.method == "POST" else None, offered=offered_for(incident))
    if request.method == "POST" and form.is_valid():
        chosen = form.functions()
        try:
            people.form_group(incident, chosen, actor=person, now=clock.now(incident.exercise))
        except Refused as reason:
            form.add_error(None, str(reason))
        else:
            messages.success(request, _("The group is formed: %(n)s people, all told.") % {"n": len(chosen)})
            return redirect(incident)
    there = set(incident.memberships.current().values_list("person_id", flat=True))
    context = {"incident": incident, "form": form, "rows": form.rows(), "there": there}
    return render(request, "response/form_group.html", context, status=422 if form.errors else 200)
