"""Pages that want a person where a feed should be: captchas, checks of the browser, sign-ins. Pure."""

import re

LOOKED_AT = 64 * 1024  # characters; such pages say early what they want
SAYS_LITTLE = 1500  # visible characters; an article with a comment form says more
UNSEEN = re.compile(r"<(?:script|style)\b", re.IGNORECASE)  # up to its end tag nobody sees anything
SEEN_AGAIN = re.compile(r"</(?:script|style)[^<>]{0,20}>", re.IGNORECASE)
TAG = re.compile(r"<[^<>]{0,2000}>")
TITLE = re.compile(r"<title[^<>]{0,200}>([^<]{0,200})", re.IGNORECASE)
WORDS = re.compile(
    r"验证码|安全验证|人机验证|身份验证|访问验证|行为验证|滑动验证|滑块|完成验证|真人|异常流量|环境异常|访问异常|"
    r"访问过于频繁|请先登录|请登录|登录后|扫码登录|账号登录|用户登录|密码登录|visitor system|captcha|"
    r"(?:are|is) (?:you )?(?:a )?(?:human|robot)|not a robot|unusual traffic|just a moment|checking your browser|"
    r"attention required|security check|(?:sign|log)[ -]?in (?:to|required)|please (?:sign|log) ?in",
    re.IGNORECASE,
)
SIGN_IN_TITLE = re.compile(r"登录|登入|\b(?:sign|log)[ -]?in\b", re.IGNORECASE)
MACHINERY = re.compile(
    r"g-recaptcha|h-captcha|hcaptcha\.com|geetest|cf-chl|challenge-platform|turnstile|"
    r"<input[^<>]{0,200}type\s*=\s*[\"']?password",
    re.IGNORECASE,
)
ADDRESS = re.compile(
    r"//(?:passport|login|sso|captcha)\.|/(?:login|signin|sign-in|captcha|visitor|verify)\b", re.IGNORECASE
)


def wants_a_person(text: str, url: str) -> bool:
    """Whether a document that is not a feed asks for a captcha or a sign-in.

    It says so in its title; or says little else; or its address, after redirects, is that of a sign-in.
    """
    text = text[:LOOKED_AT]
    title = TITLE.search(text)
    if title and (WORDS.search(title[1]) or SIGN_IN_TITLE.search(title[1])):
        return True
    if ADDRESS.search(url.partition("?")[0]):
        return True
    seen = _seen(text)
    return len(seen) <= SAYS_LITTLE and bool(WORDS.search(seen) or MACHINERY.search(text))


def _seen(text: str) -> str:
    """What a reader would see of the page, more or less; each character is looked at a few times at most."""
    first, *others = UNSEEN.split(text)
    parts = [first, *(SEEN_AGAIN.split(part, maxsplit=1)[1] for part in others if SEEN_AGAIN.search(part))]
    return " ".join(TAG.sub(" ", " ".join(parts)).split())
