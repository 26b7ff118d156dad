"""The delivery worker: claims what is due and sends it."""

from celery import shared_task

from accounts import clock
from notices import services
from notices.models import Delivery

BATCH = 50


@shared_task
def send_notices() -> None:
    """Every 10 s: claim, deliver. A lost claim means that another worker has it."""
    now = clock.now()
    for delivery in Delivery.objects.waiting(now).select_related("notice__person")[:BATCH]:
        if Delivery.objects.claim(delivery, now):
            services.deliver(delivery, clock.now())
