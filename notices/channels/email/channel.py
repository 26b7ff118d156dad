"""E-mail, through Django's mail settings (EMAIL_URL). The demo prints it to the worker's log."""

from collections.abc import Mapping
from smtplib import SMTPException, SMTPRecipientsRefused

from django.core.mail import EmailMessage
from django.utils.translation import gettext as say
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from notices.channels import ChannelError, Field, Message, Rate

NAME = _("e-mail")
IS_GROUP = False
FIELDS: tuple[Field, ...] = ()
RATE: Rate | None = None
FOLDS_REPEATS = True  # by the Message-ID


def address_of(person: User) -> str | None:
    return person.email or None


def send(config: Mapping[str, str], address: str, message: Message) -> str:
    """Send one mail. The Message-ID carries the key, so that a mail server or reader folds a repeat into one."""
    message_id = f"<notice-{message.key}@tinglan>"
    mail = EmailMessage(
        subject=" ".join(message.subject.split()),
        body="\n\n".join(part for part in (message.subject, message.body, message.url) if part),
        to=[address],
        headers={"Message-ID": message_id},
    )
    try:
        mail.send()
    except SMTPRecipientsRefused as error:
        for_good = all(code >= 500 for code, _words in error.recipients.values())  # 4xx: try again later
        raise ChannelError(say("the mail server refused the address"), permanent=for_good) from error
    except ValueError as error:
        raise ChannelError(say("this address or text cannot be mailed"), permanent=True) from error
    except (SMTPException, OSError) as error:
        words = say("the mail server did not take it: %(why)s") % {"why": type(error).__name__}
        raise ChannelError(words) from error
    return message_id
