"""Whom the bad words are about, where our brand and a rival stand in one text. Pure: folded text and places in it.

A bad word belongs to the brand named in its clause, else to the last one named before it; a comparison says itself who
loses. Reading stops at what a clause and a few dozen verbs can show: who 它 or 后者 is, or irony, is not found out.
"""

import re
from bisect import bisect_right
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

OWN, RIVAL, BOTH, NOBODY = "own", "rival", "both", ""

Place = tuple[int, int]  # half-open

# Brands are written over with these, as long as they were: patterns see who is named, and places stay what they are.
_SIGN = {OWN: "\ue000", RIVAL: "\ue001"}
_SIDE = {sign: side for side, sign in _SIGN.items()}
_NAME = "(?P<name>\ue000+|\ue001+)"
_IN = r"[^。!?…\n,;:]"  # folded: full-width signs are plain ones here
_SENTENCE_END = re.compile(r"[。!?…\n]+")
_CLAUSE_END = re.compile(r"[。!?…\n,;:]+|(?=但|不过|可是|然而|却|反倒|结果)|(?<=的时候)")
_JOINED = re.compile(r"\s*(?:和|与|跟|及|以及|还有|、|/|&|\+|或|,)?\s*")

_LOSES = re.compile(
    rf"(?:不如|比不上|比不过|比不了|不及|赶不上|追不上|不敌|输给了?|败给了?|输了|败于|落后于?|逊于|逊色于|差于|弱于"
    rf"|低于|被迫让位于?){_IN}{{0,6}}?{_NAME}"
)
_BEATS = re.compile(
    rf"(?:吊打|碾压|秒杀|完胜|完爆|打败|击败|打赢|战胜|胜过|强过|好过|超越|超过|反超|优于|强于|好于|领先于?|甩开|甩下"
    rf"|甩了?|赢过|赢了|干翻|干掉|秒了?|虐){_IN}{{0,3}}?{_NAME}"
)
_BEATEN = re.compile(
    rf"(?:被|遭到?|让){_NAME}{_IN}{{0,6}}?(?:吊打|碾压|秒杀|完胜|完爆|打败|击败|战胜|超越|超过|反超|甩|干翻|按在地上|比下去|虐)"
)
_PUT_DOWN = re.compile(rf"(?:把|将){_NAME}{_IN}{{0,4}}?(?:甩|比下去|按在地上|打得|打趴|干翻|碾压|吊打|秒|比没了)")
_NOT_AS = re.compile(rf"(?<!有)没有?(?:像|跟|和)?{_NAME}(?:家的?|的|那么|那样|这么|这样)?")
_THAN = re.compile(rf"(?<![对相占环同无评正反性好价])(?P<not>不)?比(?:隔壁|旁边|对面|人家|那家|同行)?的?{_NAME}")
_BESIDE = re.compile(
    rf"(?:比起|相比起?于?|相较于?|较之|对比)(?:隔壁|旁边|对面|人家)?的?{_NAME}"
    rf"|(?:和|跟|与|同|拿){_IN}{{0,2}}?(?P<also>\ue000+|\ue001+){_IN}{{0,2}}?"
    rf"(?:来比|相比|一比|做?对比|比较|比起来|比)(?:较)?(?:起来|之下|下来)?"
)
_WORSE = re.compile(
    r"好不到哪|好不了多少|强不到哪|强不了多少|不[太怎么够是很]{0,3}(?:好|行|香|值|强|新鲜|靠谱|稳|划算|干净|专业)"
    r"|差(?!不多|别|异|价|旗|评率低)|贵(?!宾|州|阳|人)|慢(?!慢)|难(?!道|得|忘|怪)|坑|烂|黑心|糟|拉胯|拉垮|垃圾|脏|恶劣|敷衍"
    r"|离谱|弱|失望|逊色|落后|过分|恶心|水(?=得|多|太)"
)
_BETTER = re.compile(
    r"好(?!像|多人|几|评率低)|强|香|快|便宜|实惠|划算|靠谱|良心|稳|舒服|干净|优秀|优质|领先|厉害|用心|新鲜|棒|值|贴心|耐用|专业|省心"
)
_MORE, _LESS = re.compile(r"多|高|大|重|频繁|严重"), re.compile(r"少|低(?!级)|小|轻")
_AGENT = re.compile(r"(?:被|遭到?|遭受|受到?|由)$")
_TURNED_ON = re.compile(  # bad words that are said of what stands behind them
    r"(?:举报|投诉|起诉|控告|指控|状告|炮轰|质疑|吐槽|怒怼|回怼|怼|嘲讽|讽刺|嘲笑|谴责|曝光|抵制|拉黑|骂|控诉|痛批|打假|诉"
    r"|指责|告发|揭发|怒斥|批评|批|告)$"
)


@dataclass(frozen=True, slots=True)
class _Brand:
    """A brand, or several joined by 和 or 、, where it is named."""

    start: int
    end: int
    sides: frozenset[str]


@dataclass(frozen=True, slots=True)
class _Text:
    """A text with its brands written over, and where the good and bad words stand."""

    said: str
    brands: list[_Brand]
    clauses: list[int]  # where each begins
    sentences: list[int]
    negative: list[Place]
    positive: list[Place]

    def clause(self, at: int) -> Place:
        return _around(self.clauses, at, len(self.said))

    def sentence(self, at: int) -> Place:
        return _around(self.sentences, at, len(self.said))

    def tone(self, start: int, end: int, *, as_written: bool = False) -> int:
        """The first word in a stretch that says good (1) or bad (-1); of two at one place the longer, 0 for none.

        as_written  leave the places out: a negation that belongs to the comparison has turned them round
        """
        found = [] if as_written else [(a, -(b - a), -1) for a, b in self.negative if start <= a and b <= end]
        found += [] if as_written else [(a, -(b - a), 1) for a, b in self.positive if start <= a and b <= end]
        for pattern, sign in ((_WORSE, -1), (_BETTER, 1)):
            found += [(hit.start(), hit.start() - hit.end(), sign) for hit in pattern.finditer(self.said, start, end)]
        return min(found)[2] if found else 0


def aim(
    text: str, own: Collection[str], rivals: Collection[str], negative: Iterable[Place], positive: Iterable[Place] = ()
) -> str:
    """Whom the negative words of a folded text are about: OWN, RIVAL, BOTH or NOBODY.

    own, rivals         folded words that name us and them; a word that is both names nobody
    negative, positive  where bad and good words stand, as they are meant (未发现问题 is not bad)
    NOBODY is the answer where no brand is named, or nothing bad could be placed.
    """
    read = _read(text, own, rivals, sorted(negative), sorted(positive))
    if not read.brands:
        return NOBODY
    losers, settled, beside = _comparisons(read)
    hit = set(losers)
    for place in read.negative:
        if not any(start <= place[0] < end for start, end in settled):
            hit |= _belongs_to(read, place, beside)
    if len(hit) == 2:
        return BOTH
    return hit.pop() if hit else NOBODY


# --- reading ---------------------------------------------------------------------------------------------------------
def _read(
    text: str, own: Collection[str], rivals: Collection[str], negative: list[Place], positive: list[Place]
) -> _Text:
    sides = {word: OWN for word in own if word} | {word: RIVAL for word in rivals if word}
    for word in {*own} & {*rivals}:
        sides.pop(word, None)
    said, places = text, []
    if sides:
        pattern = "|".join(_whole(word) for word in sorted(sides, key=lambda word: (-len(word), word)))
        for hit in re.finditer(pattern, text):
            # a rule may ask for 投诉 as well: what is a good or bad word names nobody
            if not any(start < hit.end() and hit.start() < end for start, end in (*negative, *positive)):
                side = sides[hit.group()]
                said = said[: hit.start()] + _SIGN[side] * len(hit.group()) + said[hit.end() :]
                places.append((hit.start(), hit.end(), side))
    return _Text(
        said=said,
        brands=_groups(said, places),
        clauses=_begins(_CLAUSE_END, said),
        sentences=_begins(_SENTENCE_END, said),
        negative=negative,
        positive=positive,
    )


def _whole(word: str) -> str:
    """A Latin word is not a part of a longer one."""
    plain = re.escape(word)
    return rf"(?<![a-z0-9]){plain}(?![a-z])" if word.isascii() else plain


def _groups(said: str, places: Sequence[tuple[int, int, str]]) -> list[_Brand]:
    """晴野和青野 is one group of two sides: what is said of it is said of both."""
    groups: list[_Brand] = []
    for start, end, side in places:
        if groups and _JOINED.fullmatch(said, groups[-1].end, start) and "," not in said[groups[-1].end : start]:
            last = groups.pop()
            groups.append(_Brand(last.start, end, last.sides | {side}))
        else:
            groups.append(_Brand(start, end, frozenset({side})))
    return groups


def _begins(ends: re.Pattern[str], said: str) -> list[int]:
    return sorted({0, *(hit.end() for hit in ends.finditer(said))})


def _around(begins: list[int], at: int, length: int) -> Place:
    number = bisect_right(begins, at) - 1
    return begins[number], begins[number + 1] if number + 1 < len(begins) else length


# --- comparisons -----------------------------------------------------------------------------------------------------
def _comparisons(read: _Text) -> tuple[set[str], list[Place], set[int]]:
    """Who loses by comparison, the stretches it settles, and where those stand that are only compared to."""
    losers: set[str] = set()
    settled: list[Place] = []
    beside: set[int] = set()
    for pattern, judge in (
        (_LOSES, _subject_loses),
        (_BEATEN, _subject_loses),
        (_BEATS, _other_loses),
        (_PUT_DOWN, _other_loses),
        (_NOT_AS, _by_lack),
        (_THAN, _by_tone),
        (_BESIDE, _by_what_follows),
    ):
        for hit in pattern.finditer(read.said):
            if any(start <= hit.start() < end for start, end in settled):
                continue
            name = "also" if hit.groupdict().get("also") else "name"
            other = _SIDE[hit.group(name)[0]]
            begin, subject = _subject(read, hit, other)
            if not subject or subject == other:
                continue
            verdict = judge(read, hit, begin)
            if verdict is None:
                continue
            loses, end = verdict
            if loses is not None:
                losers.add(subject if loses else other)
            settled.append((begin, end))
            beside.add(hit.start(name))
    return losers, settled, beside


Verdict = tuple[bool | None, int] | None  # does the subject lose (None: nobody does), and where the comparison ends


def _subject(read: _Text, hit: re.Match[str], other: str) -> tuple[int, str]:
    """Who is compared, and where the comparison begins: named before, in the text, or simply the other side."""
    from_, _ = read.sentence(hit.start())
    before = [brand for brand in read.brands if brand.end <= hit.start() and brand.sides == {_opposite(other)}]
    if before and before[-1].start >= from_:
        return max(before[-1].start, read.clause(hit.start())[0]), _opposite(other)
    named = other == RIVAL or any(_opposite(other) in brand.sides for brand in read.brands)
    return read.clause(hit.start())[0], _opposite(other) if named else NOBODY


def _opposite(side: str) -> str:
    return OWN if side == RIVAL else RIVAL


def _subject_loses(read: _Text, hit: re.Match[str], begin: int) -> Verdict:
    return True, read.clause(hit.end() - 1)[1]


def _other_loses(read: _Text, hit: re.Match[str], begin: int) -> Verdict:
    return False, read.clause(hit.end() - 1)[1]


def _by_lack(read: _Text, hit: re.Match[str], begin: int) -> Verdict:
    """A 没有 B 好: the subject loses; A 没有 B 坑: the other does; 没有 B alone is no comparison."""
    end = read.clause(hit.end() - 1)[1]
    tone = read.tone(hit.end(), end, as_written=True)
    return (tone > 0, end) if tone else None


def _by_tone(read: _Text, hit: re.Match[str], begin: int) -> Verdict:
    """A 比 B 差, A 比 B 好, A 的投诉比 B 多; A 不比 B 差 says nothing bad of either."""
    end = read.clause(hit.end() - 1)[1]
    tone = read.tone(hit.end(), end)
    if not tone:
        tone = read.tone(begin, hit.start())
        amount = 1 if _MORE.search(read.said, hit.end(), end) else -1 if _LESS.search(read.said, hit.end(), end) else 0
        tone *= amount
    if not tone:
        return None
    if hit.group("not"):
        return (True, end) if tone > 0 else (None, end)
    return tone < 0, end


def _by_what_follows(read: _Text, hit: re.Match[str], begin: int) -> Verdict:
    """比起 B, A …: the first good or bad word behind it is about A."""
    _, last = read.sentence(hit.start())
    at = hit.end()
    while at < last:
        _, end = read.clause(at)
        tone = read.tone(at, end)
        if tone:
            return tone < 0, end
        at = end
    return None


# --- words outside comparisons ---------------------------------------------------------------------------------------
def _belongs_to(read: _Text, place: Place, beside: set[int]) -> frozenset[str]:
    """The sides a bad word is about: 投诉 what follows it, 被B… who suffers it, else by clause, sentence, text."""
    after = [brand for brand in read.brands if brand.start >= place[1]]
    if after and after[0].start - place[1] <= 2 and _TURNED_ON.search(read.said, place[0], place[1]):
        return after[0].sides
    able = [
        brand
        for brand in read.brands
        if brand.start not in beside and not (_AGENT.search(read.said, 0, brand.start) and brand.start < place[0])
    ] or read.brands
    for start, end in (read.clause(place[0]), read.sentence(place[0]), (0, len(read.said))):
        near = [brand for brand in able if start <= brand.start < end]
        before = [brand for brand in near if brand.start < place[0]]
        if before:
            return before[-1].sides
        if near:
            return near[0].sides
    return able[0].sides
