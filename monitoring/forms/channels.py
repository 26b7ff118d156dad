"""The forms of our own channels: a mailbox, a public form, and what a stranger writes on one."""

import re
from typing import Any
from uuid import UUID, uuid4

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.utils.translation import gettext_lazy as _

from monitoring.fetching.addresses import MAIL_PORTS, checked_mail_server
from monitoring.health.words import FetchError
from monitoring.models import Mailbox, PublicForm
from monitoring.reading.clean import web_link
from opinion.models import SourceHealth, Watch

TYPED = {"autocomplete": "off", "spellcheck": "false"}
one_line_of_ascii = RegexValidator(r"^[\x20-\x7e]*$", _("Only the letters, digits and signs of a keyboard."))
PHONE_OR_MAIL = re.compile(r"^(?:[+0-9()（）\-— ]{7,24}|[^@\s]{1,64}@[^@\s]{1,100}\.[A-Za-z]{2,24})$")
SCHEME = re.compile(r"[a-z][a-z0-9+.\-]*:(?!\d)", re.IGNORECASE)  # and no port of a bare host name
WHERE = ("host", "port", "user")


class MailboxForm(forms.ModelForm):
    """A mailbox, new or to be changed. The password is never shown; where it is to go elsewhere it is typed anew."""

    name = forms.CharField(label=_("name"), max_length=120)
    host = forms.CharField(
        label=_("server"),
        max_length=200,
        validators=[RegexValidator(r"^[A-Za-z0-9.\-:]+$", _("A name such as imap.example.com, without https://."))],
        widget=forms.TextInput(attrs=TYPED),
    )
    port = forms.IntegerField(
        label=_("port"), min_value=1, max_value=65535, initial=MAIL_PORTS[0], help_text=_("993: IMAP over TLS.")
    )
    user = forms.CharField(
        label=_("user"), max_length=200, validators=[one_line_of_ascii], widget=forms.TextInput(attrs=TYPED)
    )
    password = forms.CharField(
        label=_("password"),
        max_length=200,
        required=False,
        strip=False,
        validators=[one_line_of_ascii],
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        help_text=_("Many providers want a code made for programs here. It is kept encrypted and never shown."),
    )
    version = forms.IntegerField(widget=forms.HiddenInput, required=False)

    class Meta:
        model = Mailbox
        fields = ("host", "port", "user", "folder", "watch")
        help_texts = {
            "watch": _("Every message in the folder is kept for the watch, whether its words are named or not."),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.order_fields(["name", "host", "port", "user", "password", "folder", "watch"])
        self.fields["folder"].validators.append(RegexValidator(r"^[^\x00-\x1f]+$", _("One line only.")))
        self.fields["password"].required = self.instance.pk is None
        _watches(self)

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        before = Mailbox.objects.filter(pk=self.instance.pk).first()
        moved = before and any(getattr(before, field) != data.get(field) for field in WHERE)
        if not data.get("password") and moved:
            self.add_error("password", _("Type the password: it is sent to this server."))
        if not self.errors:
            try:
                checked_mail_server(data["host"], data["port"])
            except FetchError as problem:
                if problem.health == SourceHealth.REFUSED_ADDRESS:
                    self.add_error("host", problem.words)
        return data


class PublicFormForm(forms.ModelForm):
    """A public form, new or to be changed."""

    version = forms.IntegerField(widget=forms.HiddenInput, required=False)

    class Meta:
        model = PublicForm
        fields = ("title", "slug", "welcome", "watch")
        help_texts = {
            "slug": _("The last part of its address: small letters, digits and hyphens."),
            "watch": _("What people write is kept for this watch."),
        }
        widgets = {"welcome": forms.Textarea(attrs={"rows": 4}), "slug": forms.TextInput(attrs=TYPED)}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["watch"].label = _("kept for the watch")
        self.fields["slug"].validators.append(
            RegexValidator(r"^[a-z0-9]+(-[a-z0-9]+)*$", _("Small letters, digits and single hyphens only."))
        )
        _watches(self)


def _watches(form: forms.ModelForm) -> None:
    watches = form.fields["watch"]
    assert isinstance(watches, forms.ModelChoiceField)
    watches.queryset = Watch.objects.filter(is_rival=False)


class OpenForm(forms.Form):
    """Open or closed, and the version that was looked at."""

    is_open = forms.BooleanField(required=False)
    version = forms.IntegerField()


class SayForm(forms.Form):
    """What anybody may write. `website` is for machines: people do not see it and leave it empty."""

    what = forms.CharField(
        label=_("What happened?"),
        min_length=5,
        max_length=4000,
        widget=forms.Textarea(attrs={"rows": 8}),
    )
    when = forms.CharField(
        label=_("When and where?"), max_length=100, required=False, help_text=_("As well as you remember.")
    )
    link = forms.CharField(
        label=_("A link to it"),
        max_length=1000,
        required=False,
        widget=forms.TextInput(attrs={"inputmode": "url"}),
    )
    contact = forms.CharField(
        label=_("Phone or e-mail"),
        max_length=120,
        required=False,
        help_text=_("Only if you want an answer. Few people here can see it."),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    website = forms.CharField(required=False, max_length=200)
    once = forms.UUIDField(required=False, widget=forms.HiddenInput)

    def clean_link(self) -> str:
        typed = self.cleaned_data["link"].strip()
        link = web_link(typed if SCHEME.match(typed) else f"https://{typed}") if typed else ""
        if typed and not link:
            raise ValidationError(_("This is not an address of a web page."))
        return link

    def clean_contact(self) -> str:
        typed: str = self.cleaned_data["contact"].strip()
        if typed and not PHONE_OR_MAIL.match(typed):
            raise ValidationError(_("A phone number or an e-mail address, please."))
        return typed

    def clean_once(self) -> UUID:
        return self.cleaned_data["once"] or uuid4()

    @property
    def is_by_a_machine(self) -> bool:
        return bool(self.data.get("website"))
