"""收到: the page a message's link opens. Looking at it acknowledges nothing: chat apps fetch links by themselves."""

from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import conditional_page, require_http_methods

from accounts import clock
from accounts.requests import DeskRequest
from notices.models import Notice
from notices.selectors.receipts import calls_about
from notices.services.calling import acknowledge as say_so
from notices.views.inbox import where_it_leads


@login_required
@never_cache
@require_http_methods(["GET", "POST"])
def acknowledge(request: DeskRequest, uuid: UUID) -> HttpResponse:
    """One button; what is answered where it leads goes straight there. Looking acknowledges neither.

    Somebody to whom the link was forwarded reads a sentence, and nothing of the notice.
    """
    notice = get_object_or_404(Notice.everywhere.select_related("call", "person"), uuid=uuid, person__isnull=False)
    if notice.person_id != request.user.pk:
        return render(request, "notices/not_yours.html", status=403)
    if request.method == "POST":
        say_so(notice, actor=request.user, now=clock.now())
        return redirect(where_it_leads(notice))
    if notice.call and notice.call.is_answered_there:
        return redirect(where_it_leads(notice))
    return render(request, "notices/acknowledge.html", {"notice": notice, "now": clock.now()})


@login_required
@conditional_page
def receipts(request: DeskRequest, kind: str, key: UUID) -> HttpResponse:
    """A panel for the page of what the calls are about: who has said 收到. Empty for who may not know of it."""
    context = {"calls": calls_about(request.user, f"{kind}:{key}"), "now": clock.now()}
    return render(request, "notices/_receipts.html", context)
