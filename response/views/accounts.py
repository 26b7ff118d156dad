"""The accounts statements go out from: whether they are well, their settings, a test."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from accounts import clock
from accounts.versions import Stale
from response.channels import ACCOUNTS, NEWSROOM, account_named
from response.forms.releases import AccountForm
from response.models import ChannelAccount
from response.permissions import may, require
from response.selectors.releases import accounts_for_list
from response.services import accounts as services
from response.views.common import person_of


@login_required
@require_GET
def accounts(request: HttpRequest) -> HttpResponse:
    """Every account, whether it is well, and until when it holds."""
    require(person_of(request), "see_channel_accounts")
    now = clock.now()
    context = {
        "accounts": accounts_for_list(now),
        "may_edit": may(person_of(request), "edit_channel_accounts"),
        "now": now,
    }
    return render(request, "response/channel_accounts.html", context)


@login_required
@require_GET
def account(request: HttpRequest, kind: str) -> HttpResponse:
    require(person_of(request), "see_channel_accounts")
    if kind not in ACCOUNTS:
        raise Http404
    now, module = clock.now(), account_named(kind)
    shown = ChannelAccount.objects.filter(kind=kind).first()
    kept = shown.readable_settings if shown else {}
    context = {
        "kind": kind,
        "account": shown,
        "module": module,
        "fields": [
            (
                field.label,
                "" if field.is_secret else kept.get(field.name, ""),
                field.is_secret,
                bool(kept.get(field.name)),
            )
            for field in module.FIELDS
        ],
        "days_left": shown.days_left(timezone.localtime(now).date()) if shown else None,
        "is_newsroom": kind == NEWSROOM,
        "message_url": request.build_absolute_uri("/channels/wechat/message/") if kind == "wechat" else "",
        "may_edit": may(person_of(request), "edit_channel_accounts"),
        "now": now,
    }
    return render(request, "response/channel_account.html", context)


@login_required
def change_account(request: HttpRequest, kind: str) -> HttpResponse:
    """Set it up, or change it; secrets are not shown."""
    require(person_of(request), "edit_channel_accounts")
    if kind not in ACCOUNTS or kind == NEWSROOM:
        raise Http404
    there = ChannelAccount.objects.filter(kind=kind).first()
    form = AccountForm(request.POST or None, kind=kind, account=there)
    if request.method == "POST" and form.is_valid():
        seen, expires_on = form.cleaned_data["version"], form.cleaned_data["expires_on"]
        try:
            services.set_up(
                kind, form.values, expires_on=expires_on, seen_version=seen, actor=person_of(request), now=clock.now()
            )
        except Stale:
            return render(request, "errors/409.html", {"back_url": request.path}, status=409)
        messages.success(request, _("Saved. Test it before you need it."))
        return redirect("response:channel-account", kind)
    context = {"form": form, "kind": kind, "module": account_named(kind)}
    return render(request, "response/channel_account_form.html", context, status=422 if form.errors else 200)


@login_required
@require_POST
def switch_account(request: HttpRequest, kind: str) -> HttpResponse:
    on = request.POST.get("on") == "yes"
    services.switch(get_object_or_404(ChannelAccount, kind=kind), on=on, actor=person_of(request))
    messages.success(request, _("Switched on.") if on else _("Switched off. Its channels are served by hand."))
    return redirect("response:channel-account", kind)


@login_required
@require_POST
def test_account(request: HttpRequest, kind: str) -> HttpResponse:
    """Ask the platform something harmless, and show what it says."""
    require(person_of(request), "edit_channel_accounts")
    tested = services.test(get_object_or_404(ChannelAccount, kind=kind), actor=person_of(request), now=clock.now())
    (messages.success if tested.test_went_well else messages.error)(request, tested.test_words)
    return redirect("response:channel-account", kind)
