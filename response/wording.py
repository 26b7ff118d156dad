"""What a statement may not say, and what it should think twice about (practice C6). Pure: no Django, no clock.

A statement quotes a fact by its number, `[F1]`. The marks stay inside; `public_text` takes them out.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

FACT_REF = re.compile(r"[\[［]\s*[FfＦｆ]\s*(\d{1,3})\s*[\]］]")
VERIFIED, CHECKING, UNTRUE = "verified", "checking", "untrue"

# rule: whether it blocks the submission. The order is that of the checklist.
RULES: dict[str, bool] = {
    "slot": True,  # a {slot} of the template was left open
    "fact": True,  # quotes as confirmed what is not 已核实
    "personal": True,  # a mobile number or an identity number
    "absolute": False,
    "blame": False,
    "threat": False,  # threatens with the law before it said sorry
    "apology_denial": False,  # says sorry and denies
    "next_update": False,  # does not say when the next word comes
    "length": False,  # T0 is at most 200 characters
}
T0_LENGTH = 200
# The templates with a heading for what is still being checked: a sentence may name such a fact if it says so.
NAMES_WHAT_IS_CHECKED = {"T0", "T2", "T4"}
PROMISES_AN_UPDATE = {"T0", "T2", "T3", "T4"}

_SLOT = re.compile(r"\{[^{}\n]{0,60}\}")
_MOBILE = re.compile(r"(?<![\d-])(?:\+?86[-\s]?)?1[3-9]\d(?:[-\s]?\d{4}){2}(?!\d)")
_IDENTITY = re.compile(
    r"(?<![0-9A-Za-z])[1-9]\d{5}(?:18|19|20)\d{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])\d{3}[\dXx](?![0-9A-Za-z])"
)
_ABSOLUTE = re.compile(
    r"绝对(?!值)|绝不|绝无|绝没有|100\s*%|百分之?百|完全不存在|完全没有|史上|从未|从来没有|毫无|永远|永不|一定不会|万无一失"
)
_BLAME = re.compile(
    r"临时工|个别(?:员工|人员|门店|消费者|网友|媒体|现象|问题|情况|批次)|偶发|偶然事件|孤立事件|不明真相|别有用心|一小撮"
    r"|恶意炒作|黑公关|水军|操作不当是用户"
)
_THREAT = re.compile(r"保留[^。;!?\n]{0,12}(?:追究|追责|诉讼|权利)|追究[^。;!?\n]{0,8}(?:法律)?责任|诉诸法律")
_APOLOGY = re.compile(r"致歉|道歉|歉意|抱歉|对不起")
_DENIAL = re.compile(r"不属实|不实|并非事实|不存在|没有任何|与(?:我司|我们|公司|本公司)无关|纯属|谣言|子虚乌有|捏造")
_IS_CHECKED = re.compile(
    r"(?:正在|尚在|尚待|有待|进一步|仍在|还在)(?:进行)?(?:核实|核查|调查|确认)|(?:核实|核查|调查)中"
)
_IS_DENIED = re.compile(r"不属实|不实|谣言|并非|不存在|虚假|捏造|没有发生|未发生")
_NEXT_UPDATE = re.compile(
    r"下(?:一)?次(?:更新|发布|通报)"
    r"|(?:\d|[一二三四五六七八九十两]|今日|今天|今晚|明日|明天|次日)[^。;!?\n]{0,30}(?:更新|公布|通报|发布|公开|告知)"
)
_SENTENCE_END = re.compile(r"[。!?;\n]")
# Full-width ASCII to its plain twin, one character to one, so that places in the text stay what they are.
_FOLD = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)} | {0x3000: 0x20}


@dataclass(frozen=True, slots=True)
class Finding:
    """One place a rule speaks about.

    where   "title" or "text"; start and end are half-open places in it, equal when the whole text is meant
    detail  for `fact`: its state, or "missing"; for `length`: how long it is
    """

    rule: str
    where: Literal["title", "text"]
    start: int
    end: int
    excerpt: str
    detail: str = ""

    @property
    def blocks(self) -> bool:
        return RULES[self.rule]


def findings(title: str, text: str, *, kind: str, facts: Mapping[int, str]) -> list[Finding]:
    """Everything the rules have to say about a statement, in the order of RULES and then of the text.

    kind   the template, T0 to T6
    facts  state of the incident's facts by number
    """
    found = [*_places("title", title), *_places("text", text)]
    found += _facts("title", title, kind, facts) + _facts("text", text, kind, facts)
    found += _whole(text, kind)
    order = list(RULES)
    return sorted(found, key=lambda one: (order.index(one.rule), one.where == "text", one.start))


def fact_numbers(title: str, text: str) -> set[int]:
    """The facts a statement quotes."""
    return {int(match[1]) for match in FACT_REF.finditer(f"{title}\n{text}")}


def public_text(text: str) -> str:
    """The text as it leaves the house: without the marks of its facts."""
    return FACT_REF.sub("", text)


def folded(text: str) -> str:
    """Full-width letters, digits and signs as plain ones; as long as before."""
    return text.translate(_FOLD)


def _places(where: Literal["title", "text"], text: str) -> Iterator[Finding]:
    plain = folded(text)
    for rule, pattern in (
        ("slot", _SLOT),
        ("personal", _IDENTITY),
        ("personal", _MOBILE),
        ("absolute", _ABSOLUTE),
        ("blame", _BLAME),
    ):
        for match in pattern.finditer(plain):
            yield Finding(rule, where, match.start(), match.end(), text[match.start() : match.end()])


def _facts(where: Literal["title", "text"], text: str, kind: str, facts: Mapping[int, str]) -> list[Finding]:
    found = []
    for match in FACT_REF.finditer(text):
        state = facts.get(int(match[1]), "missing")
        sentence = _sentence(folded(text), match.start())
        said_openly = (state == CHECKING and kind in NAMES_WHAT_IS_CHECKED and _IS_CHECKED.search(sentence)) or (
            state == UNTRUE and _IS_DENIED.search(sentence)
        )
        if state != VERIFIED and not said_openly:
            found.append(Finding("fact", where, match.start(), match.end(), match[0], state))
    return found


def _whole(text: str, kind: str) -> list[Finding]:
    """Rules about the text as a whole."""
    plain = folded(text)
    found = []
    apology = _APOLOGY.search(plain)
    if kind != "T1":  # a clarification may say that rights are reserved
        found += [
            Finding("threat", "text", match.start(), match.end(), text[match.start() : match.end()])
            for match in _THREAT.finditer(plain)
            if not apology or apology.start() > match.start()
        ]
    if apology:
        found += [
            Finding("apology_denial", "text", match.start(), match.end(), text[match.start() : match.end()])
            for match in _DENIAL.finditer(plain)
        ]
    if kind in PROMISES_AN_UPDATE and not _NEXT_UPDATE.search(_SLOT.sub("", plain)):
        found.append(Finding("next_update", "text", 0, 0, ""))
    length = len("".join(public_text(text).split()))
    if kind == "T0" and length > T0_LENGTH:
        found.append(Finding("length", "text", 0, 0, "", str(length)))
    return found


def _sentence(text: str, place: int) -> str:
    """The sentence around a fact's mark. A mark alone after the full stop belongs to the sentence before it."""
    rest = FACT_REF.sub("", text[place:].split("\n", 1)[0])
    while not rest.strip() and place > 0 and text[place - 1] in "。!?; ":
        place -= 1
    begin = max((match.end() for match in _SENTENCE_END.finditer(text, 0, place)), default=0)
    end = _SENTENCE_END.search(text, place)
    return text[begin : end.start() if end else len(text)]


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of a paragraph: plain words, a quoted fact (`fact`), or a risky place (`finding`, an index)."""

    words: str
    fact: int | None = None
    finding: int | None = None


def paragraphs(text: str, found: Sequence[Finding] = ()) -> list[list[Piece]]:
    """The text cut into paragraphs of pieces, with facts and risky places marked. Empty lines are left out.

    found  findings as `findings` gave them; those of the title and of the whole text are passed over
    """
    marks: list[tuple[int, int, Piece]] = [
        (match.start(), match.end(), Piece(match[0], fact=int(match[1]))) for match in FACT_REF.finditer(text)
    ]
    for index, one in enumerate(found):
        if one.where == "text" and one.end > one.start and one.rule != "fact":
            marks.append((one.start, one.end, Piece(text[one.start : one.end], finding=index)))
    marks.sort(key=lambda mark: mark[:2])
    result, begin = [], 0
    for line in text.splitlines(keepends=True):
        end = begin + len(line)
        if line.strip():
            result.append(_pieces(text, begin, begin + len(line.rstrip()), marks))
        begin = end
    return result


def _pieces(text: str, begin: int, end: int, marks: Sequence[tuple[int, int, Piece]]) -> list[Piece]:
    pieces, at = [], begin
    for start, stop, piece in marks:
        if start < at or stop > end:  # outside this line, or under a mark that came first
            continue
        if start > at:
            pieces.append(Piece(text[at:start]))
        pieces.append(piece)
        at = stop
    if at < end:
        pieces.append(Piece(text[at:end]))
    return pieces
