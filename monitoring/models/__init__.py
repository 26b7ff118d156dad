"""Polls, signals, vendors, files, own channels and duty: one file a noun."""

from monitoring.models.channels import Mailbox, PublicForm
from monitoring.models.duty import CoverageDay, DutyLog, DutyRule, DutyShift
from monitoring.models.imports import Import, RejectedRow
from monitoring.models.polls import Poll
from monitoring.models.signals import Signal, SignalGrowth, SignalKind, SignalQuerySet, Verdict
from monitoring.models.vendors import Push, PushedItem, Scope, Vendor, VendorChannel, VendorKey

__all__ = [
    "CoverageDay",
    "DutyLog",
    "DutyRule",
    "DutyShift",
    "Import",
    "Mailbox",
    "Poll",
    "PublicForm",
    "Push",
    "PushedItem",
    "RejectedRow",
    "Scope",
    "Signal",
    "SignalGrowth",
    "SignalKind",
    "SignalQuerySet",
    "Vendor",
    "VendorChannel",
    "VendorKey",
    "Verdict",
]
