"""The Chinese catalogue: `collect` new strings into it, or `check` that it is whole.

Whole means: every entry translated, none fuzzy, and no string in the code that it does not know. Collecting, and the
last part of the check, need gettext's tools; without them the check says so, and fails only with CI=true.
"""

import contextlib
import io
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.pofile import read_po

PO = Path("locale/zh_Hans/LC_MESSAGES/django.po")
NOT_SOURCE = shutil.ignore_patterns(
    ".*", "var", "node_modules", "static", "staticfiles", "tests", "bench", "docs", "scripts", "__pycache__"
)
SHOWN = 20
UNFINISHED = '#, fuzzy\nmsgid ""'


def extract(into: Path, *, start_empty: bool) -> Path:
    """Collect the strings of the code in a copy of the source, so that nothing here is changed; the new catalogue."""
    copy = into / "copy"
    shutil.copytree(".", copy, ignore=NOT_SOURCE)
    if start_empty:
        (copy / PO).unlink(missing_ok=True)
    (copy / "locale").mkdir(exist_ok=True)
    command = [sys.executable, "manage.py", "makemessages", "--locale", "zh_Hans", "--no-wrap", "--no-location"]
    subprocess.run([*command, "--verbosity", "0"], cwd=copy, check=True)
    return copy / PO


def collect() -> int:
    """Put new strings into the catalogue, retire those that are gone, keep what is translated."""
    with tempfile.TemporaryDirectory() as folder:
        text = extract(Path(folder), start_empty=False).read_text()
    # xgettext gives every new plural two forms, Chinese has one; and it marks a new file as unfinished as a whole.
    text = "".join(line for line in text.splitlines(keepends=True) if not line.startswith("msgstr[1]"))
    text = text.replace(UNFINISHED, 'msgid ""', 1).replace('"Language: \\n"', '"Language: zh_Hans\\n"', 1)
    PO.parent.mkdir(parents=True, exist_ok=True)
    PO.write_text(text)
    return 0


def entries(path: Path) -> dict[tuple[str, str], Message]:
    """The entries of a catalogue by context and source text, the header left out."""
    with path.open("rb") as file, contextlib.redirect_stdout(io.StringIO()):  # Babel warns of xgettext's second plural
        catalogue: Catalog = read_po(file)
    return {(message.context or "", source(message)): message for message in catalogue if message.id}


def source(message: Message) -> str:
    return message.id if isinstance(message.id, str) else message.id[0]


def is_translated(message: Message) -> bool:
    texts = [message.string] if isinstance(message.string, str) else list(message.string or ())
    return bool(texts) and all(texts) and not message.fuzzy


def tell(what: str, found: list[tuple[str, str]]) -> int:
    if found:
        print(f"{PO}: {len(found)} {what}:")
        for context, text in sorted(found)[:SHOWN]:
            print(f"  {f'[{context}] ' if context else ''}{text!r}")
        if len(found) > SHOWN:
            print(f"  … and {len(found) - SHOWN} more")
    return len(found)


def check() -> int:
    if not PO.exists():
        print(f"{PO} is missing. `make messages` makes it.")
        return 1
    ours = entries(PO)
    faults = tell("without a finished translation", [key for key, entry in ours.items() if not is_translated(entry)])
    if UNFINISHED in PO.read_text():
        print(f"{PO}: its header is marked fuzzy, so it would not be compiled.")
        faults += 1
    if shutil.which("xgettext"):
        with tempfile.TemporaryDirectory() as folder:
            found = entries(extract(Path(folder), start_empty=True))
        faults += tell("strings in the code that it does not know", [key for key in found if key not in ours])
        tell("entries that the code no longer has; `make messages` retires them", [k for k in ours if k not in found])
    else:
        print("gettext's xgettext is not on this machine: new strings were NOT looked for.")
        faults += os.environ.get("CI") == "true"
    if not faults:
        print(f"{PO}: {len(ours)} entries, all translated.")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit({"collect": collect, "check": check}[sys.argv[1]]())
