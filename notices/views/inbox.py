"""The inbox: what a person was told, how it reached them, and what they have read."""

from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST

from accounts import clock
from accounts.requests import DeskRequest
from notices import services
from notices.models import Notice, Urgency
from notices.selectors import inbox as inbox_of
from notices.selectors import unread_count

PAGE = 30


@login_required
def inbox(request: DeskRequest) -> HttpResponse:
    """My notices; `?unread=1` shows only those I have not read."""
    only_unread = request.GET.get("unread") == "1"
    notices = inbox_of(request.user).unread() if only_unread else inbox_of(request.user)
    context = {
        "page_obj": Paginator(notices, PAGE).get_page(request.GET.get("page")),
        "unread": unread_count(request.user),
        "only_unread": only_unread,
        "now": clock.now(),
        "at_once": Urgency.NOW,
    }
    return render(request, "notices/inbox.html", context)


def mine(request: DeskRequest, uuid: UUID) -> Notice:
    return get_object_or_404(Notice.objects.for_person(request.user), uuid=uuid)


@login_required
@require_POST
def open_notice(request: DeskRequest, uuid: UUID) -> HttpResponse:
    """Mark it read and go to what it is about. Who goes there has it: that is a 收到, too."""
    notice = mine(request, uuid)
    services.acknowledge(notice, actor=request.user, now=clock.now())
    services.mark_read(request.user, clock.now(), notice)
    return redirect(where_it_leads(notice))


def where_it_leads(notice: Notice) -> str:
    """The page of this desk that a notice is about, else the inbox."""
    is_ours = url_has_allowed_host_and_scheme(notice.url, None)
    return notice.url if notice.url and is_ours else reverse("notices:inbox")


@login_required
@require_POST
def mark_read(request: DeskRequest, uuid: UUID) -> HttpResponse:
    services.mark_read(request.user, clock.now(), mine(request, uuid))
    return redirect("notices:inbox")


@login_required
@require_POST
def mark_all_read(request: DeskRequest) -> HttpResponse:
    services.mark_read(request.user, clock.now())
    return redirect("notices:inbox")
