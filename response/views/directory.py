"""联系人: the directory of people outside, one of them, and the table to take along."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts import clock
from accounts.versions import Stale
from audit.export import table_file
from audit.services import record
from response.forms.outreach import ContactForm, DirectoryFilters
from response.models import Contact
from response.permissions import may, require
from response.selectors.outreach import directory, engagements_for, entries_with
from response.services import outreach as services
from response.views.common import both_states, person_of, seen_version

PAGE = 50


@login_required
def contacts(request: HttpRequest) -> HttpResponse:
    person, now = person_of(request), clock.now()
    require(person, "see_directory")
    filters = DirectoryFilters(request.GET)
    chosen = filters.chosen(person)
    page = Paginator(directory(chosen, now), PAGE).get_page(request.GET.get("page"))
    context = {
        "page": page,
        "rows": [(contact, contact.needs_check(now)) for contact in page],
        "filters": filters,
        "is_filtered": bool(chosen),
        "may_edit": may(person, "edit_contact"),
        "to_check": Contact.objects.to_check(now).filter(owner=person).count(),
        "now": now,
    }
    return render(request, "response/contacts.html", context)


@login_required
def export_contacts(request: HttpRequest, suffix: str = "csv") -> HttpResponse:
    """The directory under the filters of the page; leaves an audit entry, since it leaves the desk."""
    person, now = person_of(request), clock.now()
    require(person, "see_directory")
    head = [
        _("Kind"),
        _("Organisation"),
        _("Name"),
        _("Position"),
        _("Phone"),
        _("E-mail"),
        _("Owner"),
        _("Last contact"),
        _("Checked"),
    ]
    rows = [
        (
            str(contact.get_kind_display()),
            contact.organisation,
            contact.name,
            contact.position,
            contact.phone,
            contact.email,
            str(contact.owner),
            contact.last_contact_at,  # type: ignore[attr-defined]
            contact.checked_at,
        )
        for contact in directory(DirectoryFilters(request.GET).chosen(person), now)
    ]
    with transaction.atomic():
        record("response.contacts_exported", actor=person, detail={"rows": len(rows), "filters": request.GET.dict()})
    return table_file(suffix, "contacts", now, head, rows)


@login_required
def contact(request: HttpRequest, uuid: Any) -> HttpResponse:
    person, now = person_of(request), clock.now()
    require(person, "see_directory")
    found = get_object_or_404(Contact.objects.select_related("owner"), uuid=uuid)
    context = {
        "contact": found,
        "entries": entries_with(found, person)[:100],
        "engagements": engagements_for(person).filter(contact=found),
        "needs_check": found.needs_check(now),
        "may_edit": may(person, "edit_contact"),
        "now": now,
    }
    return render(request, "response/contact.html", context)


@login_required
def add_contact(request: HttpRequest) -> HttpResponse:
    return write_contact(request, None)


@login_required
def edit_contact(request: HttpRequest, uuid: Any) -> HttpResponse:
    return write_contact(request, get_object_or_404(Contact, uuid=uuid))


def write_contact(request: HttpRequest, found: Contact | None) -> HttpResponse:
    person = person_of(request)
    require(person, "edit_contact")
    initial = {"version": found.version} if found else {"owner": person}
    form = ContactForm(request.POST or None, instance=found, initial=initial)
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data
        before = Contact.objects.get(pk=found.pk) if found else None  # the form wrote into the one it was given
        try:
            saved = services.save_contact(
                before, actor=person, now=clock.now(), seen_version=said["version"] or 0, said=said
            )
        except Stale:
            there = Contact.objects.get(uuid=found.uuid)  # type: ignore[union-attr]
            rows = [(str(form[name].label), str(said[name]), str(getattr(there, name))) for name in form.Meta.fields]
            return both_states(request, rows, there.get_absolute_url())
        messages.success(request, _("Saved: %(contact)s") % {"contact": saved})
        return redirect(saved)
    context = {"form": form, "contact": found}
    return render(request, "response/edit_contact.html", context, status=422 if form.errors else 200)


@login_required
@require_POST
def check_contact(request: HttpRequest, uuid: Any) -> HttpResponse:
    found = get_object_or_404(Contact, uuid=uuid)
    services.check_contact(found, actor=person_of(request), now=clock.now())
    messages.success(request, _("Found valid: %(contact)s") % {"contact": found})
    return redirect(found)


@login_required
@require_POST
def retire_contact(request: HttpRequest, uuid: Any) -> HttpResponse:
    """Retire, or bring back: the button says which."""
    found = get_object_or_404(Contact, uuid=uuid)
    try:
        services.retire_contact(found, actor=person_of(request), now=clock.now(), seen_version=seen_version(request))
    except Stale:
        return both_states(request, [], found.get_absolute_url())
    return redirect(found)
