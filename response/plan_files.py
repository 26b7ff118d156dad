"""The plan as a file that people keep, edit elsewhere and bring back: YAML or XLSX, both with the same columns.

A file that does not fit is refused as a whole, and every place that is wrong is named by row and column.
"""

import io
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import openpyxl
import yaml
from django.conf import settings
from django.http import QueryDict
from django.utils import translation
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext_lazy

from audit.export import safe_cell, starts_formula
from incidents.levels import LEVELS, ClockKind
from opinion.text import clean
from response.files import ENDINGS, Unfit, content_type_of
from response.forms.plan import MOST_ROLES, PlanClocksForm, PlanLineForm
from response.models import PlanClock, PlanTask, PlanVersion
from response.services.drafting import new_key, unfit_together

MOST_LINES = 500
MOST_VALUES = MOST_LINES * 80  # of a YAML file: 16 columns and their names, a few lists
MOST_SIGNS = 10_000  # of one cell: far more than any column takes
MOST_SAID = 20  # so many mistakes are named at once

# column of the file: (field of the form, what a sheet calls it)
COLUMNS: dict[str, tuple[str, str | Promise]] = {
    "level": ("level", gettext_lazy("Level")),
    "key": ("key", pgettext_lazy("of a line of the plan", "Key")),
    "title": ("title", gettext_lazy("Task")),
    "title_en": ("title_en", gettext_lazy("Task in English")),
    "roles": ("roles", gettext_lazy("Role")),
    "within": ("within_minutes", gettext_lazy("Within (minutes)")),
    "wave": ("wave", gettext_lazy("Wave")),
    "every": ("every_minutes", gettext_lazy("Every (minutes)")),
    "later_every": ("later_every_minutes", gettext_lazy("Later every (minutes)")),
    "trigger": ("is_on_trigger", gettext_lazy("After an event")),
    "star": ("is_starred", gettext_lazy("Own step (★)")),
    "article": ("article", gettext_lazy("Article")),
    "evidence": ("evidence", gettext_lazy("Evidence")),
    "evidence_en": ("evidence_en", gettext_lazy("Evidence in English")),
    "waits_for": ("waits_for", gettext_lazy("Waits for (keys)")),
    "checklist": ("checklist", gettext_lazy("Checklist")),
}
YES = ("true", "yes", "1", "是", "★", "x")
NO = ("false", "no", "0", "否", "")


class NotRead(Exception):
    """The file is no plan. `problems` are sentences, each with its place."""

    def __init__(self, *problems: str) -> None:
        super().__init__("; ".join(problems))
        self.problems = list(problems)


@dataclass(frozen=True, slots=True)
class Content:
    """What a plan says, in rows that are not saved and belong to no version yet."""

    name: str
    tasks: list[PlanTask]
    clocks: list[PlanClock]


@dataclass(slots=True)
class Found:
    """A plan as it stands in the file: text by column, with the row it came from."""

    name: str
    lines: list[tuple[int, dict[str, Any]]] = field(default_factory=list)
    clocks: list[tuple[int, int, str, Any]] = field(default_factory=list)  # row, level, kind, minutes


# --- reading ---------------------------------------------------------------------------------------------------------
def read_plan(name: str, content: bytes) -> Content:
    """The plan in a file. Raises NotRead."""
    if name.lower().endswith((".yaml", ".yml")):
        return checked(_from_yaml(content))
    try:
        kind = content_type_of(name, content)
    except Unfit:
        kind = ""
    if kind != ENDINGS["xlsx"]:
        raise NotRead(_("The file is neither YAML nor an XLSX workbook without macros."))
    return checked(_from_sheet(content))


def checked(found: Found) -> Content:
    """The rows of a file through the forms of the editor. Raises NotRead with every mistake and its place."""
    problems: list[str] = []
    if not found.lines:
        raise NotRead(_("The file has no tasks."))
    if len(found.lines) > MOST_LINES:
        raise NotRead(_("The file has more than %(count)s tasks.") % {"count": MOST_LINES})
    keys: dict[str, list[str]] = {}
    for _row, line in found.lines:
        keys.setdefault(as_words(line.get("level")), []).append(as_words(line.get("key")))
    tasks: list[PlanTask] = []
    row_of: dict[int, int] = {}
    for row, line in found.lines:
        level = as_words(line.get("level"))
        if level not in [str(int(each)) for each in LEVELS]:
            problems.append(place(row, "level", _("1, 2 or 3 is wanted, not “%(value)s”.") % {"value": shown(level)}))
            continue
        form = PlanLineForm(as_typed(line), others=[(key, key) for key in keys[level] if key])
        problems += unread_flags(row, line)
        for name, errors in form.errors.items():
            column = next((column for column, (into, _label) in COLUMNS.items() if into == name), name)
            problems += [place(row, column, str(error)) for error in errors]
        if form.is_valid():
            task = form.save(commit=False)
            task.level, task.key = int(level), task.key or new_key()
            row_of[id(task)] = row
            tasks.append(task)
    clocks = _checked_clocks(found, problems)
    if not problems:
        problems += [place(row_of[id(task)], "key", says) for task, says in unfit_together(tasks)]
    if problems:
        left = len(problems) - MOST_SAID
        more = ngettext("And %(n)d more mistake.", "And %(n)d more mistakes.", left) % {"n": left}
        raise NotRead(*problems[:MOST_SAID], *([more] if left > 0 else []))
    return Content(found.name[:120], tasks, clocks)


def _checked_clocks(found: Found, problems: list[str]) -> list[PlanClock]:
    clocks = {}
    for row, level, kind, minutes in found.clocks:
        form = PlanClocksForm({kind: as_words(minutes)})
        if level not in [int(each) for each in LEVELS]:
            problems.append(place(row, "level", _("1, 2 or 3 is wanted, not “%(value)s”.") % {"value": level}))
        elif kind not in ClockKind.values:
            problems.append(place(row, "kind", _("There is no clock “%(value)s”.") % {"value": shown(kind)}))
        elif (level, kind) in clocks:
            problems.append(place(row, "kind", _("This clock stands there twice.")))
        elif not form.is_valid():
            problems += [place(row, "within", str(error)) for errors in form.errors.values() for error in errors]
        elif form.cleaned_data[kind]:
            clocks[level, kind] = PlanClock(level=level, kind=kind, within_minutes=form.cleaned_data[kind])
    return list(clocks.values())


def place(row: int, column: str, says: str) -> str:
    label = COLUMNS[column][1] if column in COLUMNS else {"kind": _("Clock")}.get(column, column)
    return _("Row %(row)s, column “%(column)s”: %(says)s") % {"row": row, "column": label, "says": says}


def unread_flags(row: int, line: Mapping[str, Any]) -> list[str]:
    return [
        place(row, column, _("Yes or no is wanted, not “%(value)s”.") % {"value": shown(line[column])})
        for column in ("trigger", "star")
        if as_words(line.get(column)).lower() not in YES + NO
    ]


def as_typed(line: Mapping[str, Any]) -> QueryDict:
    """A row of a file as the browser would send it from the editor."""
    typed = QueryDict(mutable=True)
    for column, (name, _label) in COLUMNS.items():
        value = line.get(column)
        if column == "roles":
            letters = [letter.strip() for letter in as_words(value).split("/")]
            for number in range(MOST_ROLES):
                typed[f"roles_{number}"] = letters[number] if number < len(letters) else ""
            if len(letters) > MOST_ROLES:
                typed["roles_0"] = as_words(value)  # the field says that there is no such role
        elif column == "waits_for":
            typed.setlist(name, [key for key in re.split(r"[\s,，、]+", as_words(value)) if key])
        elif column in ("trigger", "star"):
            typed[name] = "on" if as_words(value).lower() in YES else "false"
        else:
            typed[name] = as_words(value)
    return typed


def as_words(value: Any) -> str:
    """A cell or a YAML value as text: 60.0 is 60, a list is its lines."""
    if value is None:
        return ""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, list | tuple):
        return "\n".join(as_words(each) for each in value)
    return clean(str(value), MOST_SIGNS)  # half a character, a NUL: no database keeps them


def shown(value: Any) -> str:
    return as_words(value)[:40]


class _PlainLoader(yaml.SafeLoader):
    """Without aliases, for a file of a few lines could name one list a billion times, and without tags of its own."""

    values = 0

    def compose_node(self, parent: Any, index: Any) -> Any:
        event = self.peek_event()
        self.values += 1
        if self.values > MOST_VALUES:
            raise NotRead(_("The file has more than %(count)s tasks.") % {"count": MOST_LINES})
        if isinstance(event, yaml.AliasEvent) or getattr(event, "tag", None):
            row = event.start_mark.line + 1
            raise NotRead(_("Row %(row)s: aliases (*) and tags (!) are not taken.") % {"row": row})
        return super().compose_node(parent, index)


def _from_yaml(content: bytes) -> Found:
    try:
        loader = _PlainLoader(content.decode("utf-8-sig"))
        root = loader.get_single_node()
        return _found_in(loader, root)
    except UnicodeDecodeError:
        raise NotRead(_("The file is not UTF-8 text.")) from None
    except RecursionError:
        raise NotRead(_("The file is nested too deeply.")) from None
    except yaml.MarkedYAMLError as wrong:
        mark = wrong.problem_mark
        where = {"row": mark.line + 1 if mark else "?", "column": mark.column + 1 if mark else "?"}
        raise NotRead(_("Row %(row)s, character %(column)s: this is not YAML.") % where) from None
    except yaml.YAMLError:
        raise NotRead(_("This is not YAML.")) from None
    except ValueError:  # a date that does not exist, a number that is none
        raise NotRead(_("A value in the file cannot be read.")) from None


def _found_in(loader: _PlainLoader, root: Any) -> Found:
    head = dict(_pairs(loader, root, _("the plan")))
    if "levels" not in head:
        raise NotRead(_("The file has no “levels”."))
    name = loader.construct_object(head["name"]) if "name" in head else ""
    found = Found(as_words(name))
    for level, entries in _pairs(loader, head["levels"], "levels"):
        if not isinstance(entries, yaml.SequenceNode):
            raise NotRead(_("Row %(row)s: a list of tasks is wanted.") % {"row": entries.start_mark.line + 1})
        for entry in entries.value:
            line = {
                str(column): loader.construct_object(value, deep=True)
                for column, value in _pairs(loader, entry, _("a task"))
            }
            row = entry.start_mark.line + 1
            unknown = [column for column in line if column not in COLUMNS]
            if unknown:
                words = _("Row %(row)s: there is no column “%(column)s”.")
                raise NotRead(words % {"row": row, "column": shown(unknown[0])})
            found.lines.append((row, {**line, "level": level}))
    for level, limits in _pairs(loader, head["clocks"], "clocks") if "clocks" in head else ():
        for kind, minutes in _pairs(loader, limits, "clocks"):
            number = int(level) if str(level).isdecimal() and len(str(level)) < 3 else 0
            found.clocks.append((minutes.start_mark.line + 1, number, str(kind), loader.construct_object(minutes)))
    return found


def _pairs(loader: _PlainLoader, node: Any, what: str) -> list[tuple[Any, Any]]:
    """The keys of a mapping, read, each with its unread value; keys that are no plain words are read as text."""
    if not isinstance(node, yaml.MappingNode):
        row = node.start_mark.line + 1 if node is not None else 1
        raise NotRead(_("Row %(row)s: %(what)s must be names with values.") % {"row": row, "what": what})
    return [(key.value if isinstance(key, yaml.ScalarNode) else "", value) for key, value in node.value]


def _from_sheet(content: bytes) -> Found:
    try:
        book = openpyxl.load_workbook(io.BytesIO(content), read_only=True, data_only=True)
        sheets = {sheet.title: [list(row) for row in _rows(sheet)] for sheet in book.worksheets[:5]}
    except NotRead:
        raise
    except Exception as wrong:
        raise NotRead(_("The workbook cannot be read.")) from wrong
    tasks = next((rows for rows in sheets.values() if rows and _columns(rows[0]).keys() >= {"level", "title"}), None)
    if tasks is None:
        raise NotRead(_("No sheet begins with the columns “Level” and “Task”."))
    found = Found("")
    columns = _columns(tasks[0])
    for row, cells in enumerate(tasks[1:], start=2):
        line = {column: unquoted(cells[at]) for column, at in columns.items() if at < len(cells)}
        if any(as_words(value) for value in line.values()):
            found.lines.append((row, line))
    for rows in sheets.values():
        head = [as_words(cell) for cell in rows[0]] if rows else []
        if head[:3] != ["level", "clock", "minutes"]:
            continue
        for row, cells in enumerate(rows[1:], start=2):
            level, kind, minutes = [*cells, None, None, None][:3]
            if as_words(level):
                number = int(as_words(level)) if as_words(level) in ("1", "2", "3") else 0
                found.clocks.append((row, number, as_words(kind), minutes))
        found.name = as_words(rows[0][3]) if len(rows[0]) > 3 else ""
    return found


def _rows(sheet: Any) -> Iterator[Sequence[Any]]:
    for number, row in enumerate(sheet.iter_rows(values_only=True, max_col=len(COLUMNS) + 5), start=1):
        if number > MOST_LINES + 1:
            raise NotRead(_("The file has more than %(count)s tasks.") % {"count": MOST_LINES})
        yield row


def _columns(head: Sequence[Any]) -> dict[str, int]:
    """Where each column stands; a sheet may call them in any language of the desk."""
    called: dict[str, str] = {}
    for language, _name in settings.LANGUAGES:
        with translation.override(language):
            called |= {str(label): column for column, (_into, label) in COLUMNS.items()}
    called |= {column: column for column in COLUMNS}
    return {called[as_words(cell)]: at for at, cell in enumerate(head) if as_words(cell) in called}


def unquoted(value: Any) -> Any:
    """Without the apostrophe our own sheets put before what a spreadsheet would compute."""
    if isinstance(value, str) and value.startswith("'") and starts_formula(value[1:]):
        return value[1:]
    return value


# --- writing ---------------------------------------------------------------------------------------------------------
def as_yaml(plan: PlanVersion) -> bytes:
    levels: dict[int, list[dict[str, Any]]] = {int(level): [] for level in LEVELS}
    for task in plan.tasks.all():
        levels[task.level].append({c: v for c, v in as_line(task).items() if c != "level" and v not in ("", [], None)})
    clocks: dict[int, dict[str, int]] = {}
    for clock in plan.clocks.all():
        clocks.setdefault(clock.level, {})[clock.kind] = clock.within_minutes
    data = {"name": plan.name, "clocks": clocks, "levels": levels}
    return yaml.safe_dump(data, allow_unicode=True, sort_keys=False, width=120).encode()


def as_workbook(plan: PlanVersion) -> bytes:
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "tasks"
    sheet.append([str(label) for _name, label in COLUMNS.values()])
    for task in plan.tasks.all():
        sheet.append([safe_cell(cell) if isinstance(cell := flat(v), str) else cell for v in as_line(task).values()])
    sheet.freeze_panes = "A2"
    clocks = book.create_sheet("clocks")
    clocks.append(["level", "clock", "minutes", safe_cell(plan.name)])
    for clock in plan.clocks.all():
        clocks.append([clock.level, clock.kind, clock.within_minutes])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def as_line(task: PlanTask) -> dict[str, Any]:
    """A line of the plan by the columns of a file."""
    line = {column: getattr(task, name) for column, (name, _label) in COLUMNS.items()}
    return {**line, "trigger": task.is_on_trigger or "", "star": task.is_starred or ""}


def flat(value: Any) -> Any:
    """What fits one cell."""
    if isinstance(value, list):
        return "\n".join(value)
    return _("yes") if value is True else value
