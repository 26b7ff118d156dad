"""`make bench`: run every benchmark, or those named, on a scratch desk. BENCH_JSON=path keeps the figures."""

import argparse
import importlib
import json
import os
import pkgutil
import platform
import sys
import tempfile
from pathlib import Path

Figures = dict[str, float]


def all_names() -> list[str]:
    import bench

    return sorted(module.name for module in pkgutil.iter_modules(bench.__path__) if not module.name.startswith("_"))


def open_scratch_desk(folder: str) -> None:
    """Django on a database and files of its own: benchmarks write, so never on the one DATABASE_URL names."""
    os.environ.pop("DATABASE_URL", None)
    os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings"
    os.environ["VAR_DIR"] = folder
    os.environ["LOG_LEVEL"] = "WARNING"
    import django
    from django.core.management import call_command

    django.setup()
    call_command("migrate", verbosity=0)


def table(title: str, figures: Figures) -> str:
    yardstick = next(iter(figures.values()))
    width = max(map(len, figures))
    rows = (f"  {what:<{width}}  {each:>12,.1f} a second  {each / yardstick:>9.2f} x" for what, each in figures.items())
    return "\n".join([title, *rows])


def main() -> int:
    parser = argparse.ArgumentParser(prog="make bench ARGS=", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(all_names()))
    names = parser.parse_args().names or all_names()
    if unknown := set(names) - set(all_names()):
        parser.error(f"there is no benchmark {', '.join(sorted(unknown))}; there are {', '.join(all_names())}")
    found: dict[str, Figures] = {}
    with tempfile.TemporaryDirectory() as folder:
        open_scratch_desk(folder)
        for name in names:
            module = importlib.import_module(f"bench.{name}")
            found[name] = module.run()
            print(table(str(module.__doc__).strip().splitlines()[0], found[name]), end="\n\n", flush=True)
    if kept := os.environ.get("BENCH_JSON"):
        machine = {"python": platform.python_version(), "cores": os.cpu_count(), "machine": platform.machine()}
        Path(kept).write_text(json.dumps({"machine": machine, "a_second": found}, indent=2, ensure_ascii=False))
    return 0


if __name__ == "__main__":
    sys.exit(main())
