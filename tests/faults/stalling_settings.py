"""The desk's own settings, with an app that makes a worker stop where it is to be killed."""

from config.settings import *  # noqa: F403
from config.settings import INSTALLED_APPS as APPS

INSTALLED_APPS = [*APPS, "tests.faults.stall"]
