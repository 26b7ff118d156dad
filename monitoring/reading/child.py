"""The process apart in which strangers' documents are read: `python -m monitoring.reading.child`, kept by `apart`.

It takes one document after the other on stdin (a line of JSON, then the bytes) and answers each with a line of JSON.
Whatever a document does to it, it can open no file, reach no network, and take no more than its share of memory and
time.
"""

import json
import resource
import sys
from dataclasses import replace
from datetime import datetime
from typing import Any

from monitoring.reading.bounds import confine
from monitoring.reading.hotlist import as_hot_list
from monitoring.reading.reader import Reading, read_document
from opinion.preparing import prepare

MEMORY = 768 * 1024 * 1024  # bytes of address space; a reader at rest has about 60 MiB
CPU_SECONDS = 25  # for one document; the keeper's own clock runs out before
WORN_OUT = 300 * 1024  # KiB it once took; after that a fresh process is cheaper than the memory it keeps
DOCUMENTS = 500


def main() -> None:
    confine(memory=MEMORY)
    inherited = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss  # Linux hands the starter's peak on through exec
    for number, line in enumerate(sys.stdin.buffer, start=1):
        request = json.loads(line)
        body = sys.stdin.buffer.read(request.pop("size"))
        used = resource.getrusage(resource.RUSAGE_SELF)
        spent = int(used.ru_utime + used.ru_stime)
        resource.setrlimit(resource.RLIMIT_CPU, (spent + CPU_SECONDS, resource.RLIM_INFINITY))
        answer = _answer(body, **request)
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        is_last = number >= DOCUMENTS or peak > max(WORN_OUT, inherited)
        said = json.dumps({"last": is_last, "reading": answer}, default=_plainly, ensure_ascii=False)
        sys.stdout.buffer.write(said.encode("utf-8", "surrogatepass") + b"\n")
        sys.stdout.buffer.flush()
        if is_last:
            return


def _answer(body: bytes, *, content_type: str, url: str, now: str, is_hot_list: bool) -> Reading:
    at = datetime.fromisoformat(now)
    try:
        reading = read_document(body, content_type=content_type, url=url, now=at)
        if is_hot_list:
            reading = as_hot_list(reading, now=at)
        # Here, because this is where there is a core to spare: the worker's thread only stores.
        return replace(reading, posts=[prepare(post) for post in reading.posts])
    except (MemoryError, RecursionError):
        return Reading("unreadable", reason="too_costly")


def _plainly(value: Any) -> str | dict[str, Any]:
    """What JSON has no word for: a time, or one of our rows, without the copies that `asdict` makes."""
    if isinstance(value, datetime):
        return value.isoformat()
    return {name: getattr(value, name) for name in value.__slots__}


if __name__ == "__main__":
    main()
