"""The rows of telling people, one file a noun."""

from notices.models.channels import NoticeChannel, NoticeRoute, NoticeRule, QuietHours
from notices.models.deliveries import CLAIM_LASTS, Delivery, DeliveryAttempt, DeliveryQuerySet
from notices.models.notices import Call, Notice, NoticeQuerySet, Standby, Urgency

__all__ = [
    "CLAIM_LASTS",
    "Call",
    "Delivery",
    "DeliveryAttempt",
    "DeliveryQuerySet",
    "Notice",
    "NoticeChannel",
    "NoticeQuerySet",
    "NoticeRoute",
    "NoticeRule",
    "QuietHours",
    "Standby",
    "Urgency",
]
