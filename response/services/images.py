"""A statement drawn as a picture, with the fonts of this machine: we ship none, and copy none.

STATEMENT_FONTS names files; without it, places where systems keep Chinese fonts are tried. A character no font knows
stands as 〓, and the page says which, so that nobody publishes a picture with holes unseen.
"""

import io
from collections.abc import Sequence
from datetime import datetime
from functools import lru_cache
from hashlib import sha256
from pathlib import Path

from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext as _
from PIL import Image, ImageDraw, ImageFont

from response.models import StatementImage, StatementVersion
from response.wording import public_text

USUAL_FONTS = (
    "/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc",
    "/usr/share/fonts/noto-cjk/NotoSansCJK-Regular.ttc",
    "/usr/share/fonts/google-noto-cjk/NotoSansCJK-Regular.ttc",
    "/usr/share/fonts/truetype/wqy/wqy-zenhei.ttc",
    "/usr/share/fonts/truetype/wqy/wqy-microhei.ttc",
    "/System/Library/Fonts/PingFang.ttc",
    "/System/Library/Fonts/STHeiti Light.ttc",
    "C:/Windows/Fonts/msyh.ttc",
)
SIMPLIFIED = 2  # the face of a Noto CJK collection whose shapes are those of the mainland
MISSING = "〓"
WIDTH, MARGIN = 900, 60
MOST_SIGNS = 200  # of a line, whatever their width: a word or a heap of marks without end is measured in pieces
MOST_HEIGHT = 12_000  # a picture longer than that nobody reads, and platforms refuse
TITLE_SIZE, TEXT_SIZE, SMALL_SIZE = 44, 30, 22
INK, PALE, PAPER = (28, 32, 36), (110, 116, 122), (255, 255, 255)
NO_BREAK_BEFORE = "，。、；：？！）》」』】…—,.;:?!)]}%"


class NoFont(Exception):
    """This machine has no Chinese font we know of."""


def image_of(version: StatementVersion, now: datetime) -> StatementImage | None:
    """The picture of a version that changes no more, drawn once; None where this machine cannot draw it.

    Drawn when it is submitted, so that those who sign see it: a signature holds its hash beside the text's.
    """
    kept = StatementImage.objects.filter(version=version).first()
    if kept or not version.is_in_review:
        return kept
    with translation.override(settings.LANGUAGE_CODE):
        number = _("No. %(number)s, version %(version)s") % {
            "number": version.statement.number,
            "version": version.number,
        }
    try:
        png, undrawn = drawn(
            public_text(version.title),
            public_text(version.text),
            " · ".join(filter(None, [settings.COMPANY_NAME, number])),
        )
    except NoFont:
        return None
    made = {"text_hash": version.text_hash, "png": png, "sha256": sha256(png).hexdigest()}
    image, _made = StatementImage.objects.get_or_create(
        version=version, defaults={**made, "undrawn": undrawn[:200], "made_at": now}
    )
    return image


def drawn(title: str, text: str, foot: str) -> tuple[bytes, str]:
    """The PNG, and the characters that could not be drawn. Raises NoFont."""
    title_font, text_font, small_font = (font(size) for size in (TITLE_SIZE, TEXT_SIZE, SMALL_SIZE))
    missing = sorted(set(unknown(title + text + foot, text_font)))
    holes = str.maketrans(dict.fromkeys(missing, MISSING))
    rows: list[tuple[str, ImageFont.FreeTypeFont, tuple[int, int, int], int]] = []
    for words, face, ink, gap in (
        (title, title_font, INK, 40),
        (text, text_font, INK, 40),
        (foot, small_font, PALE, 0),
    ):
        for paragraph in filter(str.strip, words.translate(holes).splitlines()):
            lines = wrapped(paragraph.strip(), face)
            height = int(face.size * 1.6)
            rows += [(line, face, ink, height) for line in lines]
            rows[-1] = (*rows[-1][:3], height + int(face.size * 0.5))
        if rows:
            rows[-1] = (*rows[-1][:3], rows[-1][3] + gap)
    height = min(sum(row[3] for row in rows) + 2 * MARGIN, MOST_HEIGHT)
    picture = Image.new("RGB", (WIDTH, height), PAPER)
    pen, y = ImageDraw.Draw(picture), MARGIN
    for line, face, ink, step in rows:
        pen.text((MARGIN, y), line, font=face, fill=ink)
        y += step
    out = io.BytesIO()
    picture.convert("L").save(out, "PNG", optimize=True)
    return out.getvalue(), "".join(missing)


@lru_cache(maxsize=8)
def font(size: int) -> ImageFont.FreeTypeFont:
    """Raises NoFont."""
    for path in (*settings.STATEMENT_FONTS, *USUAL_FONTS):
        if Path(path).is_file():
            face = SIMPLIFIED if "CJK" in path and path.endswith(".ttc") else 0
            return ImageFont.truetype(path, size, index=face)
    raise NoFont


def unknown(text: str, face: ImageFont.FreeTypeFont) -> Sequence[str]:
    """The characters a font has no shape for: they look like one that no font has."""
    nothing = shape("\U0010fffd", face)
    return [sign for sign in set(text) if not sign.isspace() and shape(sign, face) == nothing]


def shape(sign: str, face: ImageFont.FreeTypeFont) -> tuple[object, bytes]:
    mask = face.getmask(sign)
    return mask.size, bytes(mask)


def wrapped(paragraph: str, face: ImageFont.FreeTypeFont) -> list[str]:
    """Lines as wide as the paper; a Latin word stays whole, and no line begins with a comma."""
    lines, line = [], ""
    for piece in pieces(paragraph):
        is_full = len(line) >= MOST_SIGNS or face.getlength(line + piece[:MOST_SIGNS]) > WIDTH - 2 * MARGIN
        if line and is_full and piece[0] not in NO_BREAK_BEFORE:
            lines.append(line)
            line = piece.lstrip()
        else:
            line += piece
        while face.getlength(line[:MOST_SIGNS]) > WIDTH - MARGIN:  # one endless word
            most = min(len(line), MOST_SIGNS)
            cut = next(at for at in range(most, 0, -1) if face.getlength(line[:at]) <= WIDTH - 2 * MARGIN)
            lines.append(line[:cut])
            line = line[cut:]
    return [*lines, line] if line else lines


def pieces(paragraph: str) -> list[str]:
    """Latin words whole, everything else sign by sign."""
    found: list[str] = []
    for sign in paragraph:
        is_latin = sign.isascii() and not sign.isspace()
        if found and is_latin and found[-1][-1].isascii() and not found[-1][-1].isspace():
            found[-1] += sign
        else:
            found.append(sign)
    return found
