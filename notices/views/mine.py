"""How notices reach me: my channels, my quiet hours, a test to me, what I called others for."""

from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts import clock
from accounts.requests import DeskRequest
from notices.channels import channel_named
from notices.forms import QuietForm
from notices.models import NoticeChannel, QuietHours, Urgency
from notices.selectors.receipts import own_calls
from notices.selectors.routing import carriers, is_group, routes_now, rule
from notices.services.self_tests import test_channel


@login_required
def mine(request: DeskRequest) -> HttpResponse:
    """My channels in their order by urgency, and my quiet hours; POST saves the latter."""
    own = QuietHours.objects.filter(person=request.user).first() or QuietHours(
        person=request.user, quiet_from=rule().quiet_from, quiet_until=rule().quiet_until
    )
    form = QuietForm(request.POST or None, instance=own)
    if request.method == "POST" and form.is_valid():
        form.save()
        messages.success(request, _("Saved"))
        return redirect("notices:mine")
    now = clock.now()
    personal = [one for one in NoticeChannel.objects.filter(is_on=True) if not is_group(one)]
    context = {
        "channels": [(one, channel_named(one.kind).address_of(request.user)) for one in personal],
        "by_urgency": [
            (Urgency(urgency).label, carriers(request.user, routes_now(urgency, now), now), urgency == Urgency.NOW)
            for urgency in Urgency
        ],
        "form": form,
        "has_own": own.pk is not None,
        "rule": rule(),
        "calls": own_calls(request.user),
        "now": now,
    }
    return render(request, "notices/mine.html", context, status=422 if form.errors else 200)


@login_required
@require_POST
def as_the_company(request: DeskRequest) -> HttpResponse:
    """Give up my own quiet hours."""
    QuietHours.objects.filter(person=request.user).delete()
    messages.success(request, _("Saved"))
    return redirect("notices:mine")


@login_required
@require_POST
def test_to_me(request: DeskRequest, uuid: UUID) -> HttpResponse:
    """A real test message to myself on a personal channel."""
    channel = get_object_or_404(NoticeChannel, uuid=uuid, is_on=True)
    if is_group(channel):
        return redirect("notices:mine")
    tested = test_channel(channel, actor=request.user, now=clock.now())
    say = messages.success if tested.went_well else messages.error
    say(request, f"{channel.name} · {tested.words}")
    return redirect("notices:mine")
