"""How long a text is on each channel, and whether it fits there. Pure.

static/js/statement.js counts the same way while somebody types; a browser test holds both together.
"""

import re
from math import ceil

# Weibo's own limit, in its counting: a Chinese character is 1, a Latin one a half, a link 10. A character outside the
# basic plane (emoji, rare names) counts as its two UTF-16 units, as the platform's page does.
WEIBO_LENGTH = 140
LINK_LENGTH = 10
WECHAT_LENGTH = 20_000
LIMITS = {"wechat": WECHAT_LENGTH, "weibo": WEIBO_LENGTH}
LINK = re.compile(r"https?://[!-~]+")
_TOPIC = re.compile(r"[#＃][^#＃\n]+[#＃]")
# What must not be torn from the character before it: joiners, variation selectors, skin tones, combining marks, tags.
_CLINGS = re.compile(
    "[\u200d\ufe0e\ufe0f\u20e3\u0300-\u036f\U0001f3fb-\U0001f3ff\U000e0020-\U000e007f\U000e0100-\U000e01ef]"
)
_FLAG = re.compile("[\U0001f1e6-\U0001f1ff]")


def weibo_length(text: str) -> float:
    """In Weibo's characters, halves included; nothing is rounded."""
    links = LINK.findall(text)
    rest = LINK.sub("", text)
    return len(links) * LINK_LENGTH + sum(0.5 if ord(sign) < 128 else 1 if ord(sign) < 0x10000 else 2 for sign in rest)


def length_on(channel: str, text: str) -> int:
    """As the counter shows it: Weibo's halves rounded up, elsewhere characters."""
    return ceil(weibo_length(text)) if channel == "weibo" else len(text)


def shortened(text: str, room: float) -> str:
    """As much as fits into `room` Weibo characters, with … where something was left out; no sign is torn."""
    if weibo_length(text) <= room:
        return text
    while text and weibo_length(text) > room - 1:
        text = without_last(text)
    return text + "…"


def without_last(text: str) -> str:
    """The text without its last sign, however many code points that has."""
    end = len(text) - 1
    while end > 0 and (_CLINGS.match(text[end]) or text[end - 1] == "\u200d"):
        end -= 1
    if _FLAG.match(text[end]):  # a flag is two letters: an odd number before the end means that this is the second
        run = end
        while run > 0 and _FLAG.match(text[run - 1]):
            run -= 1
        end -= (end - run) % 2
    return text[:end]


def unfit(channel: str, text: str, link: str) -> list[str]:
    """Why the platform would not take this text: "long", "link", "topic"."""
    reasons = []
    if length_on(channel, text) > LIMITS.get(channel, len(text)):
        reasons.append("long")
    if channel == "weibo" and link not in LINK.findall(text):
        reasons.append("link")
    if channel == "weibo" and _TOPIC.search(text):
        reasons.append("topic")
    return reasons
