"""What the worker does for posts: forgetting what is not to be kept."""

from celery import shared_task

from accounts import clock
from accounts.models import Exercise
from opinion.services import erasure, personal, retention, retokening, spreading, training


@shared_task
def prune() -> None:
    """Every hour: the heard buffer, the bands and the unmasked originals whose time is over."""
    retention.prune(clock.now())


@shared_task
def train() -> None:
    """When somebody asks, and every minute: train what waits, or what a dead worker left. Takes a minute or more."""
    run = training.claim(clock.now())
    if run is not None:
        training.train(run, clock=clock.now)


@shared_task
def spread_stories() -> None:
    """Every minute: how the stories that posts came into travelled. An exercise runs by its own clock."""
    for exercise in [None, *Exercise.objects.filter(ended_at__isnull=True)]:
        spreading.spread_stories(clock.now(exercise), exercise)


@shared_task
def look_for_people() -> None:
    """When a person's request is entered, and every five minutes: find what is kept about them."""
    for request in personal.unsearched():
        personal.look_for(request, now=clock.now())


@shared_task
def erase_people() -> None:
    """When a person orders an erasure, and every five minutes: begin it, or go on where a worker died."""
    for request in erasure.ordered():
        erasure.go_on(request, now=clock.now())


@shared_task
def retoken() -> None:
    """When somebody starts it, and twice a minute: go on cutting posts anew where a worker stopped or died."""
    retokening.go_on(clock.now)
