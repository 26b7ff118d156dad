"""Is the Chinese catalogue whole? Every entry translated, none fuzzy, and no string in the code that is not in it.

The last part needs gettext's xgettext; without it this says so, and fails only with CI=true.
"""

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
    ".*", "var", "node_modules", "static", "staticfiles", "tests", "bench", "docs", "__pycache__"
)
SHOWN = 20


def entries(path: Path) -> dict[tuple[str, str], Message]:
    """The entries of a catalogue by context and source text, the header left out."""
    with path.open("rb") as file:
        catalogue: Catalog = read_po(file)
    return {(message.context or "", source(message)): message for message in catalogue if message.id}


def source(message: Message) -> str:
    return message.id if isinstance(message.id, str) else message.id[0]


def is_translated(message: Message) -> bool:
    texts = [message.string] if isinstance(message.string, str) else list(message.string or ())
    return bool(texts) and all(texts) and not message.fuzzy


def extracted() -> dict[tuple[str, str], Message]:
    """What `make messages` would find, in a copy of the source, so that nothing here is changed."""
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / "copy"
        shutil.copytree(".", copy, ignore=NOT_SOURCE)
        (copy / PO).unlink(missing_ok=True)
        command = [sys.executable, "manage.py", "makemessages", "--locale", "zh_Hans", "--verbosity", "0"]
        subprocess.run(command, cwd=copy, check=True)
        return entries(copy / PO)


def tell(what: str, found: list[tuple[str, str]]) -> int:
    if found:
        print(f"{PO}: {len(found)} {what}:")
        for context, text in sorted(found)[:SHOWN]:
            print(f"  {f'[{context}] ' if context else ''}{text!r}")
        if len(found) > SHOWN:
            print(f"  … and {len(found) - SHOWN} more")
    return len(found)


def main() -> int:
    if not PO.exists():
        print(f"{PO} is missing. `make messages` makes it.")
        return 1
    ours = entries(PO)
    faults = tell(
        "without a finished translation", [key for key, message in ours.items() if not is_translated(message)]
    )
    if shutil.which("xgettext"):
        found = extracted()
        faults += tell("strings in the code that it does not know", [key for key in found if key not in ours])
        tell(
            "entries that the code no longer has (harmless; `make messages` retires them)",
            [k for k in ours if k not in found],
        )
    else:
        print("gettext's xgettext is not on this machine: new strings were NOT looked for.")
        faults += os.environ.get("CI") == "true"
    if not faults:
        print(f"{PO}: {len(ours)} entries, all translated.")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
