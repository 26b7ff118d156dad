"""What stands for words a person has judged, so that they are known when they come back. Pure, but for the keys."""

from accounts.secrets import fingerprints
from opinion import reposts


def prints(folded: str) -> list[str]:
    """What stands for a folded text, by the oldest key first; nothing for one too short to be told from others.

    The text and its plain reposts share it: what platforms put in does not count, nor do punctuation and blanks.
    """
    return fingerprints(f"said\n{reposts.bare(folded)}") if len(reposts.grams(folded)) else []
