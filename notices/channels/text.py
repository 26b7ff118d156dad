"""Words for a chat: titles of posts are written by strangers, so nothing in them may act.

Every adapter sends plain text or a structure of plain parts, never markdown: @all, links and <font> in a title stay
letters. What is left to do is here: characters that hide or turn text around go, and sizes end between characters.
"""

import unicodedata

from notices.channels import Message

HIDES = {"Cc", "Cf", "Cs", "Co"}  # control, format (bidi overrides, zero widths), surrogates, private
JOINER = "\u200d"  # holds an emoji of several people together
# A text of WeCom takes <a> and <@userid>, its card takes <div>: their look-alikes are letters everywhere.
INERT = str.maketrans({"<": "＜", ">": "＞"})


def plain(words: str) -> str:
    """The words without what a reader cannot see, and without brackets that a platform might read as a tag."""
    kept = (c for c in words if c in "\n\t" or c == JOINER or unicodedata.category(c) not in HIDES)
    return "".join(kept).translate(INERT).strip()


def one_line(words: str) -> str:
    return " ".join(plain(words).split())


def cut(words: str, most_bytes: int) -> str:
    """The words in at most so many bytes of UTF-8, ended by … where something is missing, never within a character."""
    if len(words.encode()) <= most_bytes:
        return words
    room = most_bytes - len("…".encode())
    if room < 0:
        return ""
    kept = words.encode()[:room].decode("utf-8", "ignore")
    while kept and (
        unicodedata.combining(words[len(kept)]) or words[len(kept)] in "\u200d\ufe0f" or kept[-1] == JOINER
    ):
        kept = kept[:-1]  # an accent or the rest of an emoji belongs to the character before it
    return kept.rstrip() + "…"


def laid_out(message: Message, most_bytes: int) -> str:
    """Subject, body and address below one another. The body gives way, so that subject and address arrive whole."""
    subject, url = cut(one_line(message.subject), most_bytes // 3), message.url
    room = most_bytes - len("\n".join(part for part in (subject, url) if part).encode()) - 1
    body = cut(plain(message.body), room) if message.body else ""
    return "\n".join(part for part in (subject, body, url) if part)
