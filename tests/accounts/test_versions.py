import pytest

from accounts.models import Department
from accounts.versions import Stale, save_if_current

pytestmark = pytest.mark.django_db


@pytest.fixture
def department() -> Department:
    return Department.objects.create(code="store", name="门店部")


def test_a_current_row_is_saved_and_its_version_rises(department):
    department.name = "门店运营部"
    save_if_current(department, 1, ["name"])

    assert department.version == 2
    assert Department.objects.values_list("name", "version").get() == ("门店运营部", 2)


def test_of_two_writers_the_second_is_stale_and_changes_nothing(department):
    other = Department.objects.get()
    department.name = "门店运营部"
    save_if_current(department, 1, ["name"])

    other.name = "门店管理部"
    with pytest.raises(Stale) as caught:
        save_if_current(other, 1, ["name"])
    assert caught.value.row is other
    assert Department.objects.values_list("name", "version").get() == ("门店运营部", 2)


def test_only_the_named_fields_are_written(department):
    department.name, department.code = "门店运营部", "changed"
    save_if_current(department, 1, ["name"])

    assert Department.objects.values_list("code", "name").get() == ("store", "门店运营部")


def test_a_foreign_key_is_saved_by_its_name(cast, department):
    gm = cast["gm"]
    gm.department = department
    save_if_current(gm, gm.version, ["department"])

    gm.refresh_from_db()
    assert (gm.department, gm.version) == (department, 2)


def test_a_row_that_is_gone_is_stale(department):
    department.pk += 1
    with pytest.raises(Stale):
        save_if_current(department, 1, ["name"])
