"""In which writing a text stands, as far as its letters tell. Pure.

A watch may want one language only: a brand written in Latin letters is a word of other languages too. Letters tell
Chinese, Japanese and Korean apart; what Latin letters say, English or Malay, they do not tell, so it is one code.
"""

import re

from django.db import models
from django.utils.translation import gettext_lazy as _


class Language(models.TextChoices):
    CHINESE = "zh", _("Chinese")
    LATIN = "latin", _("English and others in Latin letters")
    JAPANESE = "ja", _("Japanese")
    KOREAN = "ko", _("Korean")
    OTHER = "other", _("another writing")


_HAN = re.compile("[\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff]")
_KANA = re.compile("[\u3041-\u3096\u30a1-\u30fa]")
_HANGUL = re.compile("[\uac00-\ud7a3]")
_LATIN_WORD = re.compile("[A-Za-z\u00c0-\u024f]+")
_LINK = re.compile(r"https?://\S+|[@#]\w+")
_KANA_SHARE = 0.1  # of Han and kana together: a Japanese sentence has far more, a Chinese one with a の has less


def language_of(text: str) -> str:
    """The code of the writing most of a text is in; Chinese where there is no letter at all (numbers, emoji).

    One Han letter weighs as much as a Latin word. Addresses, account names and hashtags do not count.
    """
    said = _LINK.sub(" ", text)
    han, kana, hangul = (len(letters.findall(said)) for letters in (_HAN, _KANA, _HANGUL))
    latin = len(_LATIN_WORD.findall(said))
    east, most = han + kana, max(han + kana, hangul, latin)
    if not most:
        return Language.OTHER if any(char.isalpha() for char in said) else Language.CHINESE
    if most == east:
        return Language.JAPANESE if kana > _KANA_SHARE * east else Language.CHINESE
    return Language.KOREAN if most == hangul else Language.LATIN
