"""E-mail, through Django's mail settings (EMAIL_URL). The demo prints it to the worker's log."""

from smtplib import SMTPException, SMTPRecipientsRefused
from urllib.parse import urljoin

from django.conf import settings
from django.core.mail import EmailMessage

from accounts.models import User
from notices.channels import ChannelError
from notices.models import Notice


def reaches(person: User) -> bool:
    return bool(person.email)


def send(notice: Notice, *, key: str) -> str:
    """Send one mail. The Message-ID carries `key`, so that a mail server or reader folds a repeat into one."""
    link = urljoin(settings.SITE_URL, notice.url) if notice.url else ""
    message_id = f"<notice-{notice.uuid}-{key}@tinglan>"
    subject = " ".join(notice.subject.split())
    message = EmailMessage(
        subject=subject,
        body="\n\n".join(part for part in (notice.subject, notice.body, link) if part),
        to=[notice.person.email],
        headers={"Message-ID": message_id},
    )
    try:
        message.send()
    except SMTPRecipientsRefused as error:
        for_good = all(code >= 500 for code, _words in error.recipients.values())  # 4xx: try again later
        raise ChannelError("the mail server refused the address", permanent=for_good) from error
    except ValueError as error:
        raise ChannelError("this address or text cannot be mailed", permanent=True) from error
    except (SMTPException, OSError) as error:
        raise ChannelError(f"the mail server did not take it: {type(error).__name__}") from error
    return message_id
