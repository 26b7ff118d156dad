"""Chinese text cut into words by jieba, once per text: for search, for keywords, for the engines. Loads at first use.

Names of ours (brands, products, people) are added to the dictionary, so that they are not cut apart.
"""

import os
import re
import stat
import tempfile
import threading
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

NAME_FREQUENCY = 50_000  # as frequent as a common word: enough that jieba keeps the name whole
KEYWORDS = 12
LONGEST_TOKEN = 500  # characters; at four bytes each an index still takes it
_RUN = re.compile("[a-z]+|[0-9]+")
# Frequent in posts, but not what a post is about; jieba's own list of such words is English.
_STOP_WORDS = """
我们 你们 他们 它们 她们 自己 大家 人家 这个 那个 这些 那些 这种 那种 这样 那样 这里 那里 什么 怎么 怎样
如何 为什么 哪里 多少 一个 一些 一种 一样 一下 一直 一点 一次 没有 不是 不会 不能 可以 可能 应该 需要
已经 正在 就是 还是 但是 因为 所以 如果 虽然 而且 或者 以及 以后 以前 之后 之前 其中 其他 由于 对于
关于 根据 通过 进行 表示 认为 称为 今天 昨天 明天 今年 去年 目前 现在 时候 时间 真的 非常 特别 比较
觉得 知道 看到 出来 起来 不过 然后 只是 只有 还有 都是 也是 转发 微博 网友 记者 链接 视频 全文 展开 图片
"""

_stop_words = frozenset(_STOP_WORDS.split())
_lock = threading.Lock()
_tokenizer: Any = None
_names: dict[str, int] = {}  # what `use_names` put into the dictionary: the name, and its frequency before


@dataclass(frozen=True, slots=True)
class Words:
    """A text cut once. words: in order; search: with the shorter words inside them; keywords: word -> tf-idf."""

    words: list[str]
    search: list[str]
    keywords: dict[str, float]


def read(text: str, most: int = KEYWORDS) -> Words:
    """Everything we want to know about the words of a folded text, for one pass of jieba."""
    found = cut(text)
    return Words(words=found, search=search_tokens(found), keywords=keywords(found, most))


def cut(text: str) -> list[str]:
    """The words of a text in order; joined they are the text again."""
    return list(_jieba().cut(text))


def search_tokens(found: Sequence[str]) -> list[str]:
    """What an index keeps of a cut text: each word, after the shorter words inside it. No blanks, no signs.

    Of a word mixed of Latin letters and digits also its runs of either (iphone, 15): rules ask for those. What is
    longer than a word can be is left out; no index takes more than 2,046 bytes.
    """
    known = _jieba().FREQ
    tokens = []
    for word in found:
        if len(word) > LONGEST_TOKEN or not any(char.isalnum() for char in word) or any(map(str.isspace, word)):
            continue
        runs = _RUN.findall(word)
        tokens += [run for run in runs if run != word]
        for size in (2, 3):
            if len(word) > size:
                inside = (word[at : at + size] for at in range(len(word) - size + 1))
                tokens += [part for part in inside if known.get(part)]
        tokens.append(word)
    return tokens


def keywords(found: Sequence[str], most: int = KEYWORDS) -> dict[str, float]:
    """What a cut text is about: word -> tf-idf, the heaviest first. No single characters, numbers or signs."""
    known, middle = _idf()
    counts = Counter(
        word for word in found if len(word) > 1 and word not in _stop_words and word.isalnum() and not word.isdecimal()
    )
    total = sum(counts.values())
    weights = {word: count / total * known.get(word, middle) for word, count in counts.items()}
    return dict(sorted(weights.items(), key=lambda item: (-item[1], item[0]))[:most])


def add_names(names: Iterable[str]) -> None:
    """Keep these names whole from now on, in this process. Texts cut earlier stay as they were cut."""
    tokenizer = _jieba()
    with _lock:
        for name in names:
            if len(name) > 1 and not name.isspace():
                tokenizer.add_word(name, NAME_FREQUENCY)


def use_names(names: Iterable[str]) -> None:
    """Keep exactly these names whole from now on, in this process: new ones are added, those that are gone forgotten.

    Costs nothing while they stay the same.
    """
    wanted = frozenset(name for name in names if len(name) > 1 and not name.isspace())
    if wanted == _names.keys():
        return
    tokenizer = _jieba()
    with _lock:
        for name in _names.keys() - wanted:
            tokenizer.FREQ[name] = _names.pop(name)
            tokenizer.total -= NAME_FREQUENCY
        for name in sorted(wanted - _names.keys()):
            _names[name] = tokenizer.FREQ.get(name, 0)  # 0 is no word for jieba
            tokenizer.add_word(name, NAME_FREQUENCY)


def _jieba() -> Any:
    """Our own jieba dictionary, loaded once however many threads ask."""
    global _tokenizer
    if _tokenizer is None:
        with _lock:
            if _tokenizer is None:
                import jieba

                jieba.setLogLevel("WARNING")
                tokenizer = jieba.Tokenizer()
                tokenizer.tmp_dir = _private_folder()
                tokenizer.initialize()
                _tokenizer = tokenizer
    return _tokenizer


def _private_folder() -> str:
    """Where jieba keeps its dictionary unmarshalled. Not in the shared one: anybody could lay a file there."""
    folder = Path(tempfile.gettempdir()) / f"tinglan-words-{os.getuid()}"
    folder.mkdir(mode=0o700, exist_ok=True)
    state = folder.lstat()
    if stat.S_ISDIR(state.st_mode) and state.st_uid == os.getuid() and not state.st_mode & 0o022:
        return str(folder)
    return tempfile.mkdtemp(prefix="tinglan-words-")


@cache
def _idf() -> tuple[dict[str, float], float]:
    """jieba's table of how rare a word is, and its median for words not in it."""
    table = {}
    for line in files("jieba").joinpath("analyse/idf.txt").read_text(encoding="utf-8").splitlines():
        word, _, weight = line.partition(" ")
        table[word] = float(weight)
    return table, sorted(table.values())[len(table) // 2]
