"""How often one channel, one chat and one person may be spoken to. Pure rules: times in, times out.

A group chat hears at most one message that can wait and two that cannot in any WINDOW; what comes between is folded
into the next one. A person is told at once, except of the same matter twice within WINDOW when it can wait.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

WINDOW = timedelta(seconds=60)
LOUD_IN_A_WINDOW = 2
FEW = 3  # more than so many that wait for one person go as one message


def chat_free_at(quiet: Sequence[datetime], loud: Sequence[datetime], now: datetime, *, is_loud: bool) -> datetime:
    """When the next message may go to a group chat.

    quiet, loud  when messages that could wait, and that could not, were sent there within WINDOW before now, in order
    """
    if is_loud:
        return now if len(loud) < LOUD_IN_A_WINDOW else loud[-LOUD_IN_A_WINDOW] + WINDOW
    return max([now, *(sent + WINDOW for sent in (*quiet, *loud))])


def budget(messages: int, *, is_loud: bool) -> int:
    """How many messages a channel may be given in its time. The quarter kept free is for what cannot wait."""
    return messages + messages // 4 if is_loud else messages


def channel_free_at(sent: Sequence[datetime], allowed: int, per: timedelta, now: datetime) -> datetime:
    """When a channel may be given one more message.

    sent  when it was given messages within `per` before now, in order; so no stretch of that length holds too many
    """
    return now if len(sent) < allowed else sent[-allowed] + per
