"""Lists of feeds: taken in from other programs, and given to them."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core import signing
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET

from accounts import clock
from accounts.requests import DeskRequest
from monitoring.forms.sources import OpmlChoiceForm, OpmlForm
from monitoring.permissions import require
from monitoring.reading.opml import NotOpml, Outline, read_opml, write_opml
from monitoring.services import sources as services
from monitoring.sources.lists import Offer, offers
from opinion.models import POLLED, Source

HELD = 3600  # seconds in which a list that was shown may be taken
SALT = "monitoring.reading.opml"


@login_required
@require_GET
def export_sources(request: DeskRequest) -> HttpResponse:
    """Every source that is polled, as OPML. Access keys are not in it."""
    require(request.user, "see_sources")
    sources = Source.objects.filter(kind__in=POLLED).order_by("source_class", "name")
    answer = HttpResponse(write_opml(sources, title=_("Sources")), content_type="text/x-opml; charset=utf-8")
    answer["Content-Disposition"] = 'attachment; filename="sources.opml"'
    return answer


@login_required
def import_sources(request: DeskRequest) -> HttpResponse:
    """A file is read and shown; what is then chosen of it is added."""
    require(request.user, "edit_sources")
    if "list" in request.POST:
        return _take(request)
    form = OpmlForm(request.POST or None, request.FILES or None)
    if request.method != "POST" or not form.is_valid():
        return _page(request, form)
    try:
        found = read_opml(form.cleaned_data["file"].read())
    except NotOpml:
        form.add_error("file", _("This is not an OPML file that can be read."))
        return _page(request, form)
    if not found:
        form.add_error("file", _("There is no feed address in this file."))
        return _page(request, form)
    return _choose(request, found, OpmlChoiceForm())


def _page(request: DeskRequest, form: OpmlForm) -> HttpResponse:
    return render(request, "monitoring/opml.html", {"form": form}, status=422 if form.errors else 200)


def _choose(request: DeskRequest, found: list[Outline], form: OpmlChoiceForm) -> HttpResponse:
    """What is in the list, each feed with whether it can be added. The list travels along, signed."""
    rows = offers(found, form.cleaned_data if form.is_valid() else {})
    held = [(one.name, one.url, one.folders, one.extras) for one in found]
    context = {
        "choice": form,
        "rows": rows,
        "new": sum(not row.refusal for row in rows),
        "list": signing.dumps(held, salt=SALT, compress=True),
    }
    return render(request, "monitoring/opml.html", context, status=422 if form.errors else 200)


def _take(request: DeskRequest) -> HttpResponse:
    try:
        held = signing.loads(request.POST["list"], salt=SALT, max_age=HELD)
    except signing.BadSignature:
        messages.warning(request, _("That list was shown too long ago. Choose the file again."))
        return redirect("monitoring:import-sources")
    found = [Outline(name, url, tuple(folders), extras) for name, url, folders, extras in held]
    form = OpmlChoiceForm(request.POST)
    if not form.is_valid():
        return _choose(request, found, form)
    chosen = set(request.POST.getlist("feed"))
    rows: list[Offer] = [row for row in offers(found, form.cleaned_data) if row.source.url in chosen]
    added = services.add_sources([row.source for row in rows if not row.refusal], actor=request.user, now=clock.now())
    words = ngettext("%(n)s source added.", "%(n)s sources added.", len(added)) % {"n": len(added)}
    messages.success(request, words)
    return redirect("monitoring:sources")
