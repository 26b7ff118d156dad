"""The plan as a file: out and in again it says the same; a file that does not fit is refused by row and column."""

import io
import zipfile
from datetime import datetime

import openpyxl
import pytest
import yaml
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import translation

from accounts.models import User
from response.models import PlanVersion
from response.plan_files import NotRead, as_line, as_workbook, as_yaml, read_plan
from response.services import drafting

pytestmark = pytest.mark.django_db
TOO_SMALL = "Ensure this value is greater than or equal to 1."
NO_CHOICE = "Select a valid choice. %s is not one of the available choices."
GOOD = """\
name: 试行预案
clocks:
  3: {assess: 120}
levels:
  3:
    - {key: tell, title: 汇报, roles: DEP, within: 60, evidence: 汇报, star: true, checklist: [电话, 书面]}
    - {title: 监测, roles: MON/PR, within: 240, every: 240, later_every: 1440, evidence: 记录, waits_for: [tell]}
"""


@pytest.fixture
def plan() -> PlanVersion:
    return PlanVersion.objects.get()


def wrong(text: str, name: str = "plan.yaml") -> list[str]:
    with pytest.raises(NotRead) as refused, translation.override("en"):
        read_plan(name, text.encode())
    return refused.value.problems


def test_a_small_file_becomes_a_plan() -> None:
    content = read_plan("plan.yml", GOOD.encode())
    told, watched = content.tasks
    assert (content.name, told.key, told.is_starred, told.wave, told.checklist) == (
        "试行预案",
        "tell",
        True,
        60,
        ["电话", "书面"],
    )
    assert (watched.roles, watched.every_minutes, watched.waits_for, watched.key[:5]) == (
        "MON/PR",
        240,
        ["tell"],
        "task-",
    )
    assert [(one.level, one.kind, one.within_minutes) for one in content.clocks] == [(3, "assess", 120)]


@pytest.mark.parametrize("language", ["zh-hans", "en"])
@pytest.mark.parametrize("suffix", ["yaml", "xlsx"])
def test_the_default_plan_goes_out_and_comes_back_the_same(plan: PlanVersion, suffix: str, language: str) -> None:
    line = plan.tasks.get(level=1, order=2)
    line.checklist, line.waits_for, line.title = ["一", "二"], ["activate"], "=cmd|' /C calc'!A0"
    line.save()
    with translation.override(language):
        file = as_workbook(plan) if suffix == "xlsx" else as_yaml(plan)
    content = read_plan(f"plan.{suffix}", file)
    assert [as_line(task) for task in content.tasks] == [as_line(task) for task in plan.tasks.all()]
    clocks = {(one.level, one.kind, one.within_minutes) for one in plan.clocks.all()}
    assert {(one.level, one.kind, one.within_minutes) for one in content.clocks} == clocks
    assert content.name == plan.name
    if suffix == "xlsx":
        cell = openpyxl.load_workbook(io.BytesIO(file))["tasks"].cell(3, 3)
        assert (cell.data_type, cell.value[0]) == ("s", "'")  # a text, not a formula


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("within: 60", "within: soon", "Row 6, column “Within (minutes)”: Enter a whole number."),
        ("within: 60", "within: -5", f"Row 6, column “Within (minutes)”: {TOO_SMALL}"),
        ("roles: DEP", "roles: BOSS", f"Row 6, column “Role”: {NO_CHOICE % 'BOSS'}"),
        ("title: 汇报, ", "", "Row 6, column “Task”: This field is required."),
        ("star: true", "star: maybe", "Row 6, column “Own step (★)”: Yes or no is wanted, not “maybe”."),
        ("waits_for: [tell]", "waits_for: [ghost]", f"Row 7, column “Waits for (keys)”: {NO_CHOICE % 'ghost'}"),
        ("  3:\n    -", "  4:\n    -", "Row 6, column “Level”: 1, 2 or 3 is wanted, not “4”."),
        ("assess: 120", "lunch: 120", "Row 3, column “Clock”: There is no clock “lunch”."),
        ("every: 240, ", "", "Row 7, column “Later every (minutes)”: Only a task that comes back has a slower rhythm."),
        ("star: true", "secret: true", "Row 6: there is no column “secret”."),
        ("- {title: 监测", "- {title: [监测", "Row 7, character 110: this is not YAML."),
        ("levels:", "rows:", "The file has no “levels”."),
    ],
)  # fmt: skip
def test_each_mistake_is_named_by_row_and_column(old: str, new: str, says: str) -> None:
    assert old in GOOD
    assert says in wrong(GOOD.replace(old, new, 1))


@pytest.mark.parametrize(
    "hostile",
    [
        "a: &a [x]\nlevels: *a",
        "levels: !!python/object/apply:os.system ['true']",
        "[" * 5000,
        "levels: {3: [" + "{}," * 600 + "]}",
        "levels: {3: [" + "a," * 400_000 + "]}",
        "levels: {3: [{title: !!timestamp soon}]}",
        "levels: {3: [{title: !!binary '%'}]}",
        "- 1",
        "",
        "name: 2026-99-99\nlevels: {3: []}",
        "\0",
    ],
)
def test_a_hostile_yaml_is_refused_in_words(hostile: str) -> None:
    assert all(wrong(hostile))


def test_what_no_database_keeps_is_not_taken_from_a_file(cast: dict[str, User]) -> None:
    """Half a character is shown as one that is unknown; what shows nothing is left out; whole rare ones stay."""
    task = '"\\ud800 a\\0b \\u202eleft 𠮷 👨‍👩‍👧"'
    content = read_plan("plan.yaml", GOOD.replace("title: 汇报", f"title: {task}", 1).encode())
    assert content.tasks[0].title == "\ufffd ab left 𠮷 👨‍👩‍👧"


def test_a_sheet_of_entities_is_refused(plan: PlanVersion) -> None:
    """A billion laughs in XML: the standard of workbooks forbids to declare anything."""
    laughs = b'<?xml version="1.0"?><!DOCTYPE l [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>'
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(as_workbook(plan))) as book, zipfile.ZipFile(out, "w") as changed:
        for name in book.namelist():
            content = book.read(name)
            changed.writestr(name, laughs + content if name.endswith("sheet1.xml") else content)
    with pytest.raises(NotRead), translation.override("en"):
        read_plan("plan.xlsx", out.getvalue())


def test_a_sheet_is_refused_by_row_and_column(plan: PlanVersion) -> None:
    book = openpyxl.load_workbook(io.BytesIO(as_workbook(plan)))
    book["tasks"].cell(5, 6).value = "soon"
    out = io.BytesIO()
    book.save(out)
    with pytest.raises(NotRead) as refused, translation.override("en"):
        read_plan("plan.xlsx", out.getvalue())
    assert refused.value.problems == ["Row 5, column “Within (minutes)”: Enter a whole number."]
    assert wrong("PK\x03\x04", "plan.xlsx") == ["The file is neither YAML nor an XLSX workbook without macros."]
    assert wrong("a,b", "plan.csv") == ["The file is neither YAML nor an XLSX workbook without macros."]


def test_a_file_fills_a_draft_or_changes_nothing(plan, cast: dict[str, User], noon: datetime, signed_in) -> None:
    draft = drafting.start_draft(plan, actor=cast["pr"], now=noon, reason="试行")
    pr, page = signed_in("pr"), draft.get_absolute_url()
    bad = SimpleUploadedFile("plan.yaml", GOOD.replace("within: 60", "within: soon").encode())
    refused = pr.post(f"{page}import/", {"version": 1, "file": bad})
    assert refused.status_code == 422
    assert draft.tasks.count() == 47
    good = SimpleUploadedFile("plan.yaml", GOOD.encode())
    assert pr.post(f"{page}import/", {"version": 1, "file": good}).status_code == 302
    assert list(draft.tasks.values_list("level", "order", "title")) == [(3, 1, "汇报"), (3, 2, "监测")]
    taken = pr.get(f"{page}export.yaml")
    assert yaml.safe_load(taken.content)["levels"][3][0]["checklist"] == ["电话", "书面"]
    assert taken["Content-Disposition"] == 'attachment; filename="plan-v2.yaml"'
    assert pr.get(f"{page}export.xlsx").status_code == 200
