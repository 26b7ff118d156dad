"""What a statement may not say, and what it should think twice about (practice C6). Pure: no Django, no clock.

The rules are data, `wording_rules.yaml`: code, severity, patterns or check, words. A statement quotes a fact by its
number, `[F1]`. The marks stay inside; `public_text` takes them out.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import yaml

from response.templates_of_statements import template

FACT_REF = re.compile(r"[\[［]\s*[FfＦｆ]\s*(\d{1,3})\s*[\]］]")
VERIFIED, CHECKING, UNTRUE = "verified", "checking", "untrue"
T0_LENGTH = 200
# The templates with a heading for what is still being checked: a sentence may name such a fact if it says so.
NAMES_WHAT_IS_CHECKED = {"T0", "T2", "T4"}

_SLOT = re.compile(r"\{[^{}\n]{0,60}\}")
_APOLOGY = re.compile(r"致歉|道歉|歉意|抱歉|对不起")
_IS_CHECKED = re.compile(
    r"(?:正在|尚在|尚待|有待|进一步|仍在|还在)(?:进行)?(?:核实|核查|调查|确认)|(?:核实|核查|调查)中"
)
_IS_DENIED = re.compile(r"不属实|不实|谣言|并非|不存在|虚假|捏造|没有发生|未发生")
_SENTENCE_END = re.compile(r"[。!?;\n]")
# Full-width ASCII to its plain twin, one character to one, so that places in the text stay what they are.
_FOLD = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)} | {0x3000: 0x20}

# A counted thing, a sum or a share: what somebody may ask the source of.
_FIGURE = re.compile(
    r"(?<![\dA-Za-z.:/-])(?:\d[\d,.]*\s*[十百千万亿]*余?|[二三四五六七八九十百千万两]{1,8}余?)\s*"
    r"(?:%|名|人(?!民|员)|位(?!置|于)|例|家(?!长|属|庭)|件|起(?!火|诉)|批次|辆|台(?!风)|吨|箱|瓶|盒|份(?!声明)|单(?!位)"
    r"|笔|条|户|万?元|公里|间(?!隔)|所(?!有|致)|处(?!理|置|于|分))"
)
# A result somebody found out.
_CLAIM = re.compile(
    r"经(?:核查|核实|调查|检测|检验|鉴定|查)(?!后)|(?:检测|检验|调查|鉴定|核查)(?:结果|报告)?(?:显示|表明|合格)|已证实|认定"
)


@dataclass(frozen=True, slots=True)
class Rule:
    """One row of the table. `kept` and `advice` as (Chinese, English); `bad` and `good` are its worked examples."""

    code: str
    blocks: bool
    check: str
    patterns: tuple[re.Pattern[str], ...]
    unless: tuple[re.Pattern[str], ...]
    kinds: frozenset[str]
    not_kinds: frozenset[str]
    kept: tuple[str, str]
    advice: tuple[str, str]
    bad: tuple[str, ...]
    good: tuple[str, ...]
    example_kind: str

    def speaks_about(self, kind: str) -> bool:
        return (not self.kinds or kind in self.kinds) and kind not in self.not_kinds

    def matches(self, plain: str) -> Iterator[re.Match[str]]:
        """Where its patterns stand in folded text, leaving out what lies within an exception."""
        spared = [(one.start(), one.end()) for pattern in self.unless for one in pattern.finditer(plain)]
        for pattern in self.patterns:
            for match in pattern.finditer(plain):
                if not any(start <= match.start() and match.end() <= end for start, end in spared):
                    yield match


def _read_rule(row: Mapping[str, object]) -> Rule:
    def texts(name: str) -> tuple[str, ...]:
        return tuple(row.get(name, ()))  # type: ignore[arg-type]

    def both(name: str) -> tuple[str, str]:
        words: Mapping[str, str] = row[name]  # type: ignore[assignment]
        return words["zh"], words["en"]

    return Rule(
        code=str(row["code"]),
        blocks=row["severity"] == "block",
        check=str(row.get("check", "")),
        patterns=tuple(map(re.compile, texts("patterns"))),
        unless=tuple(map(re.compile, texts("unless"))),
        kinds=frozenset(texts("kinds")),
        not_kinds=frozenset(texts("not_kinds")),
        kept=both("kept"),
        advice=both("advice"),
        bad=texts("bad"),
        good=texts("good"),
        example_kind=str(row.get("example_kind", "T6")),
    )


@cache
def rules() -> dict[str, Rule]:
    """The table by code, read once, in the order of the checklist."""
    rows = yaml.safe_load((Path(__file__).parent / "wording_rules.yaml").read_text(encoding="utf-8"))
    return {row["code"]: _read_rule(row) for row in rows}


@dataclass(frozen=True, slots=True)
class Finding:
    """One place a rule speaks about.

    where   "title", "text", or the name of a channel with a text of its own; start and end are half-open places in it,
            equal when the whole of it is meant
    detail  for `fact`: its state, or "missing"; for `length`: how long it is; for `element`: its place in the template;
            for `channel`: "long", "link", "topic"
    """

    rule: str
    where: str
    start: int
    end: int
    excerpt: str
    detail: str = ""

    @property
    def blocks(self) -> bool:
        return rules()[self.rule].blocks


def findings(
    title: str, text: str, *, kind: str, facts: Mapping[int, str], channels: Mapping[str, str] | None = None
) -> list[Finding]:
    """Everything the rules have to say about a statement, in the order of the table and then of the text.

    kind      the template, T0 to T6
    facts     state of the incident's facts by number
    channels  a person's own texts by channel, where there are any
    """
    own = dict(channels or {})
    found = []
    for where, words in {"title": title, "text": text, **own}.items():
        plain = folded(words)
        for rule in rules().values():
            if rule.speaks_about(kind):
                found += _in_one_place(rule, where, words, plain, kind, facts)
    for name, words in own.items():
        found += _differences(name, words, f"{title}\n{text}")
    order, wheres = list(rules()), ["title", "text", *own]
    return sorted(found, key=lambda one: (order.index(one.rule), wheres.index(one.where), one.start))


def _in_one_place(rule: Rule, where: str, words: str, plain: str, kind: str, facts: Mapping[int, str]) -> list[Finding]:
    if not rule.check:
        return _at(where, words, rule.code, rule.matches(plain))
    if rule.check == "facts":
        return _facts(where, words, kind, facts)
    return CHECKS[rule.check](rule, words, plain, kind) if where == "text" else []


def _at(where: str, words: str, code: str, matches: Iterator[re.Match[str]]) -> list[Finding]:
    """A finding for each match; one that lies within another of the same rule is left out."""
    found: list[Finding] = []
    for match in sorted(matches, key=lambda one: (one.start(), -one.end())):
        if not found or match.start() >= found[-1].end:
            found.append(Finding(code, where, match.start(), match.end(), words[match.start() : match.end()]))
    return found


def fact_numbers(title: str, text: str) -> set[int]:
    """The facts a statement quotes."""
    return {int(match[1]) for match in FACT_REF.finditer(f"{title}\n{text}")}


def public_text(text: str) -> str:
    """The text as it leaves the house: without the marks of its facts."""
    return FACT_REF.sub("", text)


def open_places(text: str) -> list[str]:
    """What of a template was not filled in, as it stands there, each once. Addresses are not looked into."""
    hidden = _LINK.sub(lambda link: " " * len(link[0]), text)
    found = _at("text", text, "slot", rules()["slot"].matches(folded(hidden)))
    return list(dict.fromkeys(one.excerpt for one in found))


def folded(text: str) -> str:
    """Full-width letters, digits and signs as plain ones; as long as before."""
    return text.translate(_FOLD)


def _facts(where: str, text: str, kind: str, facts: Mapping[int, str]) -> list[Finding]:
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


def _unsourced(rule: Rule, text: str, plain: str, kind: str) -> list[Finding]:
    """Figures and findings in a sentence that quotes no fact."""
    return [
        Finding(rule.code, "text", match.start(), match.end(), text[match.start() : match.end()])
        for pattern in (_FIGURE, _CLAIM)
        for match in pattern.finditer(plain)
        if not FACT_REF.search(_sentence_with_marks(plain, match.start()))
    ]


def _threat(rule: Rule, text: str, plain: str, kind: str) -> list[Finding]:
    apology = _APOLOGY.search(plain)
    matches = (match for match in rule.matches(plain) if not apology or apology.start() > match.start())
    return _at("text", text, rule.code, matches)


def _apology_denial(rule: Rule, text: str, plain: str, kind: str) -> list[Finding]:
    return _at("text", text, rule.code, rule.matches(plain)) if _APOLOGY.search(plain) else []


def _next_update(rule: Rule, text: str, plain: str, kind: str) -> list[Finding]:
    said = next(rule.matches(_SLOT.sub("", plain)), None)
    return [] if said else [Finding(rule.code, "text", 0, 0, "")]


def _length(rule: Rule, text: str, plain: str, kind: str) -> list[Finding]:
    length = len("".join(public_text(text).split()))
    return [Finding(rule.code, "text", 0, 0, "", str(length))] if length > T0_LENGTH else []


def _elements(rule: Rule, text: str, plain: str, kind: str) -> list[Finding]:
    """What its template asks for and nothing in the text speaks of."""
    return [
        Finding(rule.code, "text", 0, 0, "", str(place))
        for place, element in enumerate(template(kind).elements)
        if element.pattern and not element.pattern.search(plain)
    ]


def _none(rule: Rule, text: str, plain: str, kind: str) -> list[Finding]:
    """Looked at elsewhere: `channel` by response.channel_words, `channels_differ` by `_differences`."""
    return []


CHECKS: dict[str, Callable[[Rule, str, str, str], list[Finding]]] = {
    "unsourced": _unsourced,
    "threat": _threat,
    "apology_denial": _apology_denial,
    "next_update": _next_update,
    "length": _length,
    "elements": _elements,
    "none": _none,
}


_NUMBER = re.compile(r"\d[\d,.:-]*")
_LINK = re.compile(r"https?://[!-~]+")


def _differences(channel: str, words: str, full: str) -> list[Finding]:
    """Numbers and facts a channel's own text has and the full text has not."""
    known = {number.strip(",.:-") for number in _NUMBER.findall(folded(FACT_REF.sub("", full)))}
    quoted = fact_numbers("", full)
    hidden = _LINK.sub(lambda link: " " * len(link[0]), folded(words))
    hidden = FACT_REF.sub(lambda mark: " " * len(mark[0]), hidden)
    numbers = [match for match in _NUMBER.finditer(hidden) if match[0].strip(",.:-") not in known]
    marks = [match for match in FACT_REF.finditer(words) if int(match[1]) not in quoted]
    return _at(channel, words, "channels_differ", iter([*numbers, *marks]))


def _sentence(text: str, place: int) -> str:
    """The sentence around a fact's mark. A mark alone after the full stop belongs to the sentence before it."""
    rest = FACT_REF.sub("", text[place:].split("\n", 1)[0])
    while not rest.strip() and place > 0 and text[place - 1] in "。!?; ":
        place -= 1
    begin = max((match.end() for match in _SENTENCE_END.finditer(text, 0, place)), default=0)
    end = _SENTENCE_END.search(text, place)
    return text[begin : end.start() if end else len(text)]


_MARKS_AFTER = re.compile(r"[。!?;]?(?:\s*[\[［]\s*[FfＦｆ]\s*\d{1,3}\s*[\]］])*")


def _sentence_with_marks(text: str, place: int) -> str:
    """The sentence around a place, with the marks that follow its full stop."""
    begin = max((match.end() for match in _SENTENCE_END.finditer(text, 0, place)), default=0)
    end = _SENTENCE_END.search(text, place)
    stop = end.start() if end else len(text)
    after = _MARKS_AFTER.match(text, stop)
    return text[begin : after.end() if after else stop]


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
