"""Private people's numbers, masked before a text is kept. Pure.

Masked are mobile and landline numbers, identity cards, number plates, bank cards, and addresses at the mailboxes that
private people have. A masked text is as long as the text was, so places in it stay true. What a company prints for
everybody (400 and 800 service lines, 95xxx, 12315, mail at its own domain) stays. Written to miss little: an order
number that looks like a mobile number is masked too, and the original can be opened by who may.
"""

import re
import unicodedata
from collections.abc import Callable
from itertools import pairwise

_HYPHEN = "\\-‐‑–—－"
_GAP = rf"[ \u00a0\u3000.·{_HYPHEN}]?"
# Inside a mobile number people put blanks and hyphens anywhere, and a keycap emoji brings a mark of its own.
_LOOSE = rf"\ufe0f?\u20e3?[ \u00a0\u3000.·_{_HYPHEN}]{{0,3}}"
_ALONE, _END = "(?<![0-9])", "(?![0-9])"
_SAID = "零〇○洞一幺二三四五六七八九壹贰叁肆伍陆柒捌玖0-9０-９"  # digits as they are said and written among them

_MOBILE = re.compile(rf"{_ALONE}(?:(?:\+|00)?86{_GAP})?(1{_LOOSE}[3-9](?:{_LOOSE}[0-9]){{9}}){_END}")
# Looks back only from a first digit: a pattern that begins with characters is searched for ten times as fast.
_SAID_MOBILE = re.compile(
    rf"([1１一幺壹](?<![{_SAID}][1１一幺壹]){_LOOSE}[3-9３-９三四五六七八九叁肆伍陆柒捌玖](?:{_LOOSE}[{_SAID}]){{9}})(?![{_SAID}])"
)
_LANDLINE = re.compile(
    rf"{_ALONE}[(（]?(?:0|(?:\+|00)86{_GAP})[1-9][0-9]{{1,2}}[)）]?{_GAP}([2-9][0-9]{{2,3}}{_GAP}[0-9]{{4}}){_END}"
)
_IDENTITY = re.compile(rf"{_ALONE}([0-9](?:{_GAP}[0-9]){{16}}{_GAP}[0-9X])(?![0-9A-Z])", re.IGNORECASE)
_CARD = re.compile(rf"{_ALONE}(62[0-9]{{2}}(?:{_GAP}[0-9]){{12,15}}){_END}")
_PLATE = re.compile(
    r"[京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼使][A-HJ-NP-Z]"
    r"([ ·•‧・.\-]?(?=(?:[A-Z]*[0-9]){3})[A-HJ-NP-Z0-9]{4,5}[A-HJ-NP-Z0-9挂学警港澳领])(?![0-9A-Z])",
    re.IGNORECASE,
)
_MAIL = re.compile(
    r"(?<![A-Z0-9._%+\-])([A-Z0-9._%+\-]{1,64})@(?:vip\.)?(?:qq|foxmail|163|126|139|189|yeah|sina|sohu|tom|aliyun|gmail"
    r"|outlook|hotmail|live|msn|yahoo|icloud|me)\.(?:com\.cn|com|cn|net)(?![A-Z0-9])",
    re.IGNORECASE,
)
_SOME_DIGITS = re.compile(r"[0-9０-９](?:[^0-9０-９]*[0-9０-９]){2}")  # fewer are nobody's number
_DISGUISED = re.compile(r"[\d²³¹⁰⁴-⁹₀-₉①-⑨⓪❶-❾➀-➈➊-➒⓵-⓽](?<![0-9０-９])")
_DIGIT = re.compile("[0-9]")
_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CHECKS = "10X98765432"
_CHARACTER = re.compile(r"[^\W_]")

_WIDE = {code: code - 0xFEE0 for code in (*range(0xFF10, 0xFF1A), *range(0xFF21, 0xFF3B), *range(0xFF41, 0xFF5B))}


class _Shown(dict[int, int]):
    """One character for one: whatever shows a digit (circled, raised, bold, of another script) to that digit."""

    def __missing__(self, code: int) -> int:
        digit = unicodedata.digit(chr(code), None)
        self[code] = code if digit is None else ord(str(digit))
        return self[code]


_SHOWN = _Shown(_WIDE)
Span = tuple[int, int]  # what to star out, half-open; (0, 0) where it is no such number after all


def mask(text: str) -> str:
    """The text with private numbers starred out, as long as before."""
    while (masked := _once(text)) != text:  # what one number leaves may make another with what stands behind it
        text = masked
    return text


def _once(text: str) -> str:
    # As written first: in 「13812345678²」 the small two is a footnote, not a twelfth digit.
    if _SOME_DIGITS.search(text):
        text = _starred(text, text.translate(_WIDE), _KINDS)
    elif "@" in text:
        text = _starred(text, text, _KINDS)
    if _DISGUISED.search(text):
        text = _starred(text, text.translate(_SHOWN), _KINDS)
    return _starred(text, text, _SAID_KINDS)


def _starred(text: str, read: str, kinds: "dict[re.Pattern[str], Callable[[re.Match[str]], Span]]") -> str:
    """The text without what the patterns find in `read`, which is the same text with its digits made plain."""
    for pattern, hidden in kinds.items():
        spans, at = [], 0
        while found := pattern.search(read, at):
            start, end = hidden(found)
            at = found.end() if end else found.start() + 1
            if end:
                spans.append((start, end))
        text, read = _with_stars(text, spans), _with_stars(read, spans)
    return text


def _with_stars(text: str, spans: list[Span]) -> str:
    if not spans:
        return text
    pieces: list[str] = []
    at = 0
    for start, end in spans:
        pieces += text[at:start], _CHARACTER.sub("*", text[start:end])
        at = end
    return "".join([*pieces, text[at:]])


def _mobile(found: re.Match[str]) -> Span:
    """The middle four of eleven digits. In one piece, all apart, or begun by at least three: else it is a list."""
    places = [place for place, char in enumerate(found[1], found.start(1)) if char.isalnum()]
    breaks = [place for place, (one, other) in enumerate(pairwise(places), 1) if other - one > 1]
    is_list = bool(breaks) and breaks[0] < 3 and len(breaks) < len(places) - 1
    return (0, 0) if is_list else (places[3], places[6] + 1)


def _identity(found: re.Match[str]) -> Span:
    places = [place for place, char in enumerate(found[1], found.start(1)) if char.isalnum()]
    number = "".join(char for char in found[1] if char.isalnum())
    return (places[6], found.end(1)) if is_identity_number(number) else (0, 0)


def _card(found: re.Match[str]) -> Span:
    """All of a bank card but its first and last four digits."""
    digits = [int(digit) for digit in _DIGIT.findall(found[1])]
    doubled = [sum(divmod(2 * digit, 10)) for digit in digits[-2::-2]]
    places = [place for place, char in enumerate(found[1], found.start(1)) if char.isdigit()]
    return (places[4], places[-5] + 1) if (sum(digits[-1::-2]) + sum(doubled)) % 10 == 0 else (0, 0)


def _mailbox(found: re.Match[str]) -> Span:
    start, end = found.span(1)
    return (start + (end - start > 1), end)


def is_identity_number(number: str) -> bool:
    """Whether 18 characters are a resident identity number: a possible birthday and the right check character.

    Source: GB 11643-1999 (ISO 7064, MOD 11-2).
    """
    number = number.translate(_WIDE).upper()
    year, month, day = int(number[6:10]), int(number[10:12]), int(number[12:14])
    if not (1880 <= year <= 2100 and 1 <= month <= 12 and 1 <= day <= 31):
        return False
    total = sum(weight * int(digit) for weight, digit in zip(_WEIGHTS, number, strict=False))
    return _CHECKS[total % 11] == number[17]


_KINDS: dict[re.Pattern[str], Callable[[re.Match[str]], Span]] = {
    _MAIL: _mailbox,
    _IDENTITY: _identity,
    _CARD: _card,
    _MOBILE: _mobile,
    _LANDLINE: lambda found: found.span(1),
    _PLATE: lambda found: found.span(1),
}
_SAID_KINDS: dict[re.Pattern[str], Callable[[re.Match[str]], Span]] = {_SAID_MOBILE: _mobile}
