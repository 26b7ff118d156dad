"""水军: whether the same words came from many young or hardly followed accounts at once. Pure.

A burst is ACCOUNTS or more accounts that say nearly the same within WINDOW, most of them young or hardly followed. What
a source does not tell of an account is unknown, and an account of which neither age nor followers are known is never
called organic. Whoever hands a post on and says so (`//@name:`, 转发) does what platforms are made for: a forward is
never part of a burst, however many there are.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import numpy as np

from opinion import reposts
from opinion.spread import Voice

WINDOW = timedelta(minutes=30)  # people who do not know of one another write the same over hours, not minutes
ACCOUNTS = 8  # fewer may be a family or an office
YOUNG = timedelta(days=90)  # bought accounts are mostly younger: they are closed sooner than that
FEW_FOLLOWERS = 50  # fewer than most people have friends
SUSPECT_SHARE = 0.7  # of the accounts of which something is known; among people at large well under a half
KNOWN_SHARE = 0.5  # of the accounts; with less known nothing is said
ALIKE = 0.8  # Jaccard of trigrams: one word exchanged in a sentence, not a sentence of one's own
SHORTEST = 15  # trigrams; shorter lines ("支持晴野茶饮") people write alike by chance
BIG_ACCOUNT = 100_000  # followers; its words are shared with a button, and so appear unchanged under many names
EXAMPLES = 3

_FORWARD = re.compile(r"//\s?@|^\s*(?:转发|轉發|回复|(?:re-?post|rt)\b)", re.IGNORECASE)

Account = tuple[str, str]


def is_forward(words: str) -> bool:
    """Whether a post as it was written hands another one on and says so."""
    return bool(_FORWARD.search(words))


@dataclass(frozen=True, slots=True)
class Burst:
    """Nearly the same words from many accounts at once.

    since, until   its first and last post      accounts  how many different ones
    known          of how many accounts age or followers are told
    young_share, low_share   of the accounts whose age, whose followers are told; None where none is
    posts          keys of the posts that count as arranged: not those of accounts known to be neither young nor low
    examples       keys of some of them, as different as there are
    """

    since: datetime
    until: datetime
    accounts: int
    known: int
    young_share: float | None
    low_share: float | None
    posts: list[int]
    examples: list[int]


@dataclass(frozen=True, slots=True)
class Coordination:
    """Posts by how they came about; the three add up to all. unclear: crowds of which too little is known to say."""

    organic: int
    coordinated: int
    unknown: int
    bursts: list[Burst]
    unclear: int

    @property
    def posts(self) -> int:
        return self.organic + self.coordinated + self.unknown

    @property
    def arranged(self) -> set[int]:
        """Keys of the posts of all bursts."""
        return {key for burst in self.bursts for key in burst.posts}


@dataclass(frozen=True, slots=True)
class Standing:
    """What is known of an account when it spoke. None: nobody told."""

    is_young: bool | None
    is_low: bool | None

    @property
    def is_known(self) -> bool:
        return self.is_young is not None or self.is_low is not None

    @property
    def is_suspect(self) -> bool:
        return bool(self.is_young or self.is_low)


@dataclass(slots=True)
class Crowd:
    """Accounts that said nearly the same, in the order of time, with their standings."""

    posts: list[Voice]
    standings: Mapping[Account, Standing]
    judged: dict[int, bool] = field(default_factory=dict)  # place in `posts`: part of a burst, or of an unclear window


def look(voices: Collection[Voice]) -> Coordination:
    """Find the bursts among the posts of a story, and say of each post whether it is organic, arranged or unknown."""
    accounts = _accounts(voices)
    by_key = {voice.key: voice for voice in voices}
    bursts: list[Burst] = []
    unclear_posts: set[int] = set()
    unclear = 0
    for said in alike([voice for voice in voices if _may_be_arranged(voice)]):
        crowd = _crowd(said, by_key, accounts)
        _judge(crowd)
        bursts += _bursts(crowd)
        doubtful = {post.key for place, post in enumerate(crowd.posts) if crowd.judged.get(place) is False}
        unclear += bool(doubtful)
        unclear_posts |= doubtful
    arranged = {key for burst in bursts for key in burst.posts}
    organic = sum(
        voice.key not in arranged
        and (voice.is_press or (voice.key not in unclear_posts and _is_known(voice, accounts)))
        for voice in voices
    )
    bursts.sort(key=lambda burst: (-len(burst.posts), burst.since, burst.posts))
    return Coordination(organic, len(arranged), len(voices) - organic - len(arranged), bursts, unclear)


def _may_be_arranged(voice: Voice) -> bool:
    """The press prints the same report word for word, and forwards are meant to say the same."""
    return voice.account is not None and not voice.is_press and not voice.is_forward


# --- accounts --------------------------------------------------------------------------------------------------------
def _accounts(voices: Collection[Voice]) -> dict[Account, tuple[datetime | None, int | None]]:
    """What all posts together tell of each account: when it was opened (the earliest said), followers (the most)."""
    told: dict[Account, tuple[datetime | None, int | None]] = {}
    for voice in voices:
        if voice.account is not None:
            since, followers = told.get(voice.account, (None, None))
            told[voice.account] = (
                min((each for each in (since, voice.since) if each is not None), default=None),
                max((each for each in (followers, voice.followers) if each is not None), default=None),
            )
    return told


def _is_known(voice: Voice, accounts: Mapping[Account, tuple[datetime | None, int | None]]) -> bool:
    return voice.account is not None and accounts[voice.account] != (None, None)


def _crowd(
    said: list[Voice],
    by_key: Mapping[int, Voice],
    accounts: Mapping[Account, tuple[datetime | None, int | None]],
) -> Crowd:
    """Where people repeat the press or a big account, few followers say nothing: only young accounts are suspect then.

    Sharing a report from its page puts its headline, unchanged, under the names of many ordinary readers.
    """
    first = said[0]
    origin = by_key.get(first.original, first) if first.original is not None else first
    is_shared = origin.is_press or (origin.followers or 0) >= BIG_ACCOUNT
    standings: dict[Account, Standing] = {}
    for voice in said:
        since, followers = accounts[_account(voice)]
        standings.setdefault(
            _account(voice),
            Standing(
                is_young=None if since is None else voice.at - since < YOUNG,
                is_low=None if followers is None or is_shared else followers < FEW_FOLLOWERS,
            ),
        )
    return Crowd(said, standings)


# --- the same words --------------------------------------------------------------------------------------------------
def alike(voices: Collection[Voice]) -> list[list[Voice]]:
    """Posts that say nearly the same, each group in the order of time; only groups that could be a burst.

    A post joins the group whose first post it is most like; groups are found by the bands of `opinion.reposts`.
    """
    ordered = sorted(voices, key=lambda voice: (voice.at, voice.key))
    grams = [reposts.grams(voice.folded) for voice in ordered]
    groups: list[list[Voice]] = []
    heads: list[reposts.Grams] = []
    exactly: dict[bytes, int] = {}  # most bursts are the same to the letter
    by_band: dict[int, list[int]] = defaultdict(list)
    for voice, found, bands in zip(ordered, grams, reposts.bands(grams).tolist(), strict=True):
        if len(found) < SHORTEST:
            continue
        letters = found.tobytes()
        if letters not in exactly:
            near = {group for band in bands for group in by_band[band]}
            likest = max(((reposts.likeness(found, heads[group])[1], -group) for group in near), default=(0.0, 0))
            if likest[0] >= ALIKE:
                exactly[letters] = -likest[1]
            else:
                exactly[letters] = len(groups)
                groups.append([])
                heads.append(np.unique(found))
                for band in set(bands):
                    by_band[band].append(len(groups) - 1)
        groups[exactly[letters]].append(voice)
    return [group for group in groups if len(group) >= ACCOUNTS]


# --- at once ---------------------------------------------------------------------------------------------------------
def _judge(crowd: Crowd) -> None:
    """Mark every post that lies in a window which is a burst (True), or in one of which too little is known (False)."""
    done = {True: 0, False: 0}  # windows overlap, and each starts and ends later than the one before
    for start, end, known, suspect, accounts in _windows(crowd):
        if known >= KNOWN_SHARE * accounts:
            if suspect < SUSPECT_SHARE * known:
                continue
            is_burst = True
        else:
            is_burst = False
        for place in range(max(start, done[is_burst]), end):
            crowd.judged[place] = is_burst or crowd.judged.get(place, False)
        done[is_burst] = end


def _windows(crowd: Crowd) -> Iterator[tuple[int, int, int, int, int]]:
    """(start, end, known, suspect, accounts) of every fullest window of WINDOW with enough accounts, half-open."""
    inside: Counter[Account] = Counter()
    start = known = suspect = 0
    posts = crowd.posts
    for end, post in enumerate(posts):
        account = _account(post)
        if not inside[account]:
            known += crowd.standings[account].is_known
            suspect += crowd.standings[account].is_suspect
        inside[account] += 1
        while post.at - posts[start].at > WINDOW:
            gone = _account(posts[start])
            inside[gone] -= 1
            if not inside[gone]:
                del inside[gone]
                known -= crowd.standings[gone].is_known
                suspect -= crowd.standings[gone].is_suspect
            start += 1
        is_fullest = end + 1 == len(posts) or posts[end + 1].at - posts[start].at > WINDOW
        if is_fullest and len(inside) >= ACCOUNTS:
            yield start, end + 1, known, suspect, len(inside)


def _account(voice: Voice) -> Account:
    if voice.account is None:
        raise ValueError("a post without an author is in no crowd")
    return voice.account


def _bursts(crowd: Crowd) -> list[Burst]:
    """The posts marked as bursts, cut where more than WINDOW lies between two of them."""
    runs: list[list[Voice]] = []
    for place, post in enumerate(crowd.posts):
        if crowd.judged.get(place):
            if not runs or post.at - runs[-1][-1].at > WINDOW:
                runs.append([])
            runs[-1].append(post)
    return [_burst(run, crowd) for run in runs]


def _burst(run: Sequence[Voice], crowd: Crowd) -> Burst:
    accounts = {_account(post) for post in run}
    standings = [crowd.standings[account] for account in accounts]
    arranged = [post for post in run if _counts_as_arranged(post, crowd)]
    different: dict[str, int] = {}
    for post in arranged:
        different.setdefault(post.folded, post.key)
    return Burst(
        since=run[0].at,
        until=run[-1].at,
        accounts=len(accounts),
        known=sum(standing.is_known for standing in standings),
        young_share=_share([standing.is_young for standing in standings]),
        low_share=_share([standing.is_low for standing in standings]),
        posts=[post.key for post in arranged],
        examples=list(different.values())[:EXAMPLES],
    )


def _counts_as_arranged(post: Voice, crowd: Crowd) -> bool:
    """Not an account known to be neither young nor low; nor the first to say it, unless its account is young.

    Somebody with few followers may have said it in earnest, and others were paid to repeat it.
    """
    standing = crowd.standings[_account(post)]
    if post.key == crowd.posts[0].key and not standing.is_young:
        return False
    return standing.is_suspect or not standing.is_known


def _share(told: Sequence[bool | None]) -> float | None:
    known = [each for each in told if each is not None]
    return sum(known) / len(known) if known else None
