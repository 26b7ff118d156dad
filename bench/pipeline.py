"""What a post costs from arrival to storage, against SnowNLP's score of its text alone."""

import random
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from itertools import count

from bench.sentiment import rate, texts
from bench.watches import rules, words
from opinion import reposts
from opinion.models import Source, Watch
from opinion.raw import RawPost
from opinion.services import analysis
from opinion.services.pipeline import take_in
from opinion.text import fold
from opinion.words import cut

NOW = datetime(2026, 1, 5, 4, tzinfo=UTC)
BATCH = 200
_numbers = count()


def run() -> dict[str, float]:
    """Posts a second. Analysis is everything but the database; what is stored goes into a scratch one."""
    from snownlp import SnowNLP

    given = texts(2048)
    source = Source.objects.create(name="bench", url="https://bench.example.com/", platform="微博")
    Watch.objects.bulk_create(Watch(name=f"方案 {key}", rule=rule) for key, rule in rules(words()).items())
    cut("热身")
    found = {
        "SnowNLP(text).sentiments": rate(lambda some: [SnowNLP(text).sentiments for text in some], given[::16], 1),
        "analysed: masked, 10,000 words, MinHash, score": rate(lambda some: analysed(source, some), given, BATCH),
        "the same with jieba's words for search": rate(lambda some: analysed(source, some, cutting=True), given, BATCH),
        "taken in, none wanted": rate(arriving(source), given, BATCH),
    }
    Watch.objects.create(name="一成", rule="的 NEAR/3 的")
    found["taken in, one in ten wanted and stored"] = rate(arriving(source), given, BATCH)
    Watch.objects.create(name="全部", rule=" OR ".join("的了是不一在有人我这好很大来到上出个中被"))
    found["taken in, nearly all wanted and stored"] = rate(arriving(source), given[::2], BATCH)
    print(recall(given))
    return found


def analysed(source: Source, some: Sequence[str], *, cutting: bool = False) -> None:
    """The whole analysis of a batch, every post of it: nothing is spared because no watch wants it."""
    items = list(analysis.prepared(source, [raw(text) for text in some])[0].values())
    analysis.find_wanted(items, None)
    reposts.bands([reposts.grams(item.folded) for item in items])
    analysis.read_closely(items)
    analysis.desk_engine().score([item.for_engines for item in items])
    for item in items if cutting else []:
        assert item.reading.search is not None


def arriving(source: Source) -> Callable[[Sequence[str]], object]:
    """Posts as a source brings them: new every time, an hour apart from batch to batch."""

    def arrive(some: Sequence[str]) -> object:
        at = NOW + timedelta(hours=next(_numbers))
        return take_in(source, [raw(text, at) for text in some], now=at)

    return arrive


def raw(text: str, at: datetime = NOW) -> RawPost:
    return RawPost(f"post-{next(_numbers)}", "", text, "", "路人甲", at)


# --- how many reposts are recognised ---------------------------------------------------------------------------------
LIGHT = ("forwarded", "cut to 70 %", "other punctuation", "5 % edited")


def recall(given: Sequence[str]) -> str:
    """Reposts made from the texts by what people do: how many are found, and how many find a wrong original; a table.

    A wrong one is an original that the text it was made from does not repeat itself.
    """
    dice = random.Random(20260101)
    originals = [text for text in given if len(text) >= 20][:1500]
    grams = [reposts.grams(fold(text).text) for text in originals]
    index: dict[int, list[int]] = {}
    for number, row in enumerate(reposts.bands(grams).tolist()):
        for key in row:
            index.setdefault(key, []).append(number)
    found: dict[str, tuple[int, int]] = {}
    for name, edit in EDITS.items():
        hits = wrong = 0
        for number, text in enumerate(originals):
            copy = reposts.grams(fold(edit(text, dice)).text)
            candidates = {other for key in reposts.bands([copy])[0].tolist() for other in index.get(key, ())}
            alike = {other for other in candidates if reposts.is_repost(copy, grams[other])}
            hits += number in alike
            wrong += any(not reposts.is_repost(grams[number], grams[other]) for other in alike)
        found[name] = hits, wrong
    light = sum(found[name][0] for name in LIGHT), sum(found[name][1] for name in LIGHT)
    rows = [(name, len(originals), *each) for name, each in found.items()]
    rows.append(("light edits together, floor 95 %, aim 97 %", len(originals) * len(LIGHT), *light))
    lines = [f"  {name:<44}{n:>7,}{hits / n:>8.1%}{wrong / n:>8.2%}" for name, n, hits, wrong in rows]
    return "\n".join([f"  {'reposts':<44}{'n':>7}{'found':>8}{'wrong':>8}", *lines])


def scrambled(text: str, dice: random.Random, share: float) -> str:
    """Some characters dropped, replaced or doubled."""
    return "".join(dice.choice(("", "某", char * 2)) if dice.random() < share else char for char in text)


EDITS: dict[str, Callable[[str, random.Random], str]] = {
    "forwarded": lambda text, dice: f"太可怕了，大家都来看看//@路人:{text}",
    "cut to 70 %": lambda text, dice: text[: len(text) * 7 // 10],
    "other punctuation": lambda text, dice: text.replace("，", "！").replace("。", "…") + "[怒][怒]",
    "5 % edited": lambda text, dice: scrambled(text, dice, 0.05),
    "20 % edited": lambda text, dice: scrambled(text, dice, 0.20),
}
