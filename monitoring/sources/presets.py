"""What people want from RSSHub, by form: a word or an id in, the address of a source out. The table is data."""

import re
from dataclasses import dataclass
from urllib.parse import quote

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from opinion.models import Source, SourceClass, SourceKind

CACHED = 300  # seconds RSSHub keeps what it found: asking sooner brings nothing
Words = str | Promise


@dataclass(frozen=True, slots=True)
class Asked:
    """What is typed. pattern: what it must look like, whole; the example shows it."""

    label: Words
    help: Words
    example: str
    pattern: str = r".{1,60}"


@dataclass(frozen=True, slots=True)
class Preset:
    """One form.

    name   of the source, {word} stands for what was typed; as people call the platform, so it is not translated
    path   below RSSHub's address, {word} stands for what was typed, fully percent-encoded
    asks   None where nothing is to be typed
    needs  what RSSHub must have for it; "" where nothing special
    """

    code: str
    platform: str
    label: Words
    name: str
    path: str
    asks: Asked | None
    every: int = CACHED
    needs: Words = ""
    kind: SourceKind = SourceKind.FEED

    def fits(self, word: str) -> bool:
        """Whether this can be asked for. Dots alone would climb to another route."""
        return self.asks is None or (re.fullmatch(self.asks.pattern, word) is not None and word.strip(".") != "")

    def source(self, word: str, *, base: str, name: str = "") -> Source:
        """A source that is not saved yet. base: the address of an RSSHub, without a slash at its end."""
        return Source(
            name=(name or self.name.format(word=word))[:120],
            kind=self.kind,
            url=base + self.path.format(word=quote(word, safe="")),
            preset=self.code,
            source_class=SourceClass.PLATFORM,
            platform=self.platform,
            poll_every_seconds=self.every,
        )


def _hot(
    code: str, platform: str, name: str, path: str, needs: Words = "", label: Words = SourceKind.HOT_LIST.label
) -> Preset:
    return Preset(code, platform, label, name, path, None, 2 * CACHED, needs, SourceKind.HOT_LIST)


SEARCH, ACCOUNT = _("posts with a word"), _("one account")
WORD = Asked(_("word"), _("As one would type it into the search box there."), "晴野茶饮")
COOKIE = _("RSSHub needs a cookie of this site in its settings.")
BROWSER = _("RSSHub needs its browser (the chromium image).")
SELDOM = 3 * CACHED


def _id(help: Words, example: str, pattern: str) -> Asked:
    return Asked(_("id"), help, example, pattern)


IN_ACCOUNT = _("The number in the address of the account's page.")
WEIBO_USER = _id(IN_ACCOUNT, "1642909335", r"\d{5,12}")
ZHIHU_QUESTION = _id(_("The number in the address of the question."), "59895982", r"\d{5,20}")
BILIBILI_USER = _id(IN_ACCOUNT, "2267573", r"\d{1,20}")
FORUM = Asked(_("name of the forum"), _("Without the 吧 at its end."), "奶茶")
DOUYIN_USER = _id(
    _("The end of the account's address; it begins with MS4wLjABAAAA."),
    "MS4wLjABAAAAlR7nT5Xw",
    r"MS4wLjABAAAA[\w-]{8,100}",
)
DOUYIN_TAG = _id(_("The number in the address of the hashtag's page."), "1592824105719812", r"\d{5,20}")
RED_USER = _id(
    _("The 24 letters and digits in the address of the account's page."), "593032945e87e77791e03696", r"[0-9a-f]{24}"
)
TOUTIAO_USER = _id(_("The token in the address of the account's page."), "MS4wLjABAAAAEmbqJP1C", r"[\w-]{10,120}")
WECHAT = Asked(_("account name or id"), _("Sogou shows the newest article alone; ask a vendor for more."), "qingye-tea")

PRESETS = (
    Preset("weibo-keyword", "微博", SEARCH, "微博 · 关键词「{word}」", "/weibo/keyword/{word}", WORD),
    Preset("weibo-user", "微博", ACCOUNT, "微博 · 用户 {word}", "/weibo/user/{word}", WEIBO_USER, SELDOM),
    _hot("weibo-hot", "微博", "微博热搜", "/weibo/search/hot"),
    _hot("zhihu-hot", "知乎", "知乎热榜", "/zhihu/hot", COOKIE),
    _hot("zhihu-hotlist", "知乎", "知乎热榜（游客）", "/zhihu/hotlist", label=_("hot list, as guests see it")),
    Preset(
        *("zhihu-question", "知乎", _("answers to a question"), "知乎 · 问题 {word}", "/zhihu/question/{word}"),
        ZHIHU_QUESTION,
        SELDOM,
        COOKIE,
    ),
    Preset("bilibili-search", "B站", SEARCH, "B站 · 搜索「{word}」", "/bilibili/vsearch/{word}", WORD),
    Preset("bilibili-user", "B站", ACCOUNT, "B站 · 用户 {word}", "/bilibili/user/video/{word}", BILIBILI_USER, SELDOM),
    _hot("bilibili-hot", "B站", "B站热搜", "/bilibili/hot-search"),
    Preset(
        *("tieba-search", "贴吧", SEARCH, "贴吧 · 搜索「{word}」", "/baidu/tieba/search/{word}", WORD),
        needs=COOKIE,
    ),
    Preset(
        *("tieba-forum", "贴吧", _("one forum"), "贴吧 · {word}吧", "/baidu/tieba/forum/{word}", FORUM),
        needs=COOKIE,
    ),
    Preset("douyin-user", "抖音", ACCOUNT, "抖音 · 用户 {word}", "/douyin/user/{word}", DOUYIN_USER, SELDOM, BROWSER),
    Preset(
        *("douyin-hashtag", "抖音", _("one hashtag"), "抖音 · 话题 {word}", "/douyin/hashtag/{word}", DOUYIN_TAG),
        *(SELDOM, BROWSER),
    ),
    Preset(
        *("xiaohongshu-user", "小红书", ACCOUNT, "小红书 · 用户 {word}", "/xiaohongshu/user/{word}/notes", RED_USER),
        *(SELDOM, BROWSER),
    ),
    Preset("baidu-search", "百度", SEARCH, "百度 · 搜索「{word}」", "/baidu/search/{word}", WORD),
    _hot("baidu-hot", "百度", "百度热搜", "/baidu/top"),
    Preset("toutiao-user", "头条", ACCOUNT, "头条 · 用户 {word}", "/toutiao/user/token/{word}", TOUTIAO_USER, SELDOM),
    Preset(
        *("wechat-sogou", "公众号", _("newest article of an account"), "公众号 · {word}", "/wechat/sogou/{word}"),
        *(WECHAT, SELDOM),
    ),
)
BY_CODE = {preset.code: preset for preset in PRESETS}


def by_platform() -> dict[str, list[Preset]]:
    """The presets under their platforms, in the order of the table."""
    platforms: dict[str, list[Preset]] = {}
    for preset in PRESETS:
        platforms.setdefault(preset.platform, []).append(preset)
    return platforms
