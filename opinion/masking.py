"""Private people's numbers, masked before a text is kept: telephone, identity card, number plate. Pure.

A masked text is as long as the text was, so places in it stay true. What a company prints for everybody (400 and 800
service lines, 95xxx, 12315) stays. Written to miss little: an order number that looks like a mobile number is masked
too, and the original can be opened by who may.
"""

import re

_DIGIT_GAP = r"[ \u00a0\u3000.·\-‐‑–—－]?"
_ALONE = r"(?<![0-9０-９])"
_END = r"(?![0-9０-９])"
_D = "[0-9０-９]"

_MOBILE = re.compile(
    rf"{_ALONE}((?:(?:\+|00)?86{_DIGIT_GAP})?[1１][3-9３-９]{_D}){_DIGIT_GAP}({_D}{{4}}){_DIGIT_GAP}({_D}{{4}}){_END}"
)
_LANDLINE = re.compile(
    rf"{_ALONE}([(（]?[0０][1-9１-９]{_D}{{1,2}}[)）]?{_DIGIT_GAP})([2-9２-９]{_D}{{2,3}}{_DIGIT_GAP}{_D}{{4}}){_END}"
)
_IDENTITY = re.compile(rf"{_ALONE}{_D}{{6}}({_D}{{8}}){_D}{{3}}[0-9０-９XxＸｘ](?![0-9０-９A-Za-z])")
_PLATE = re.compile(
    r"([京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼使][A-HJ-NP-Z])"
    r"([ ·•‧・.\-]?(?=(?:[A-Z]*[0-9]){3})[A-HJ-NP-Z0-9]{4,5}[A-HJ-NP-Z0-9挂学警港澳领])(?![0-9A-Za-z])",
    re.IGNORECASE,
)
_SOME_DIGITS = re.compile(r"(?:[0-9０-９][^0-9０-９]*){3}")  # fewer are nobody's number
_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CHECKS = "10X98765432"
_WIDE = str.maketrans("０１２３４５６７８９Ｘｘ", "0123456789XX")
_CHARACTER = re.compile(r"\w")


def mask(text: str) -> str:
    """The text with private numbers starred out, as long as before."""
    if not _SOME_DIGITS.search(text):
        return text
    text = _IDENTITY.sub(_identity, text)
    text = _MOBILE.sub(lambda m: m[0][: m.start(2) - m.start()] + "****" + m[0][m.end(2) - m.start() :], text)
    text = _LANDLINE.sub(lambda m: m[1] + _starred(m[2]), text)
    return _PLATE.sub(lambda m: m[1] + _starred(m[2]), text)


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


def _identity(match: re.Match[str]) -> str:
    number = match[0]
    return number[:6] + "*" * 12 if is_identity_number(number) else number


def _starred(part: str) -> str:
    return _CHARACTER.sub("*", part)
