"""Image, compose file and manual cannot be run here, so they are held against the code they serve."""

import re
import runpy
from pathlib import Path
from typing import Any

import pytest
import yaml
from django.conf import settings
from django.core.management import get_commands

from config import embedded
from response.services import images

ROOT = Path(settings.BASE_DIR)
SETTING = re.compile(r'(?:env\.\w+|secret)\(\s*"([A-Z_]+)"')


@pytest.fixture(scope="module")
def services() -> dict[str, Any]:
    return yaml.safe_load((ROOT / "docker-compose.yml").read_text())["services"]


def names_in_settings() -> set[str]:
    return set(SETTING.findall((ROOT / "config" / "settings.py").read_text()))


def test_the_parts_are_those_of_the_design(services: dict[str, Any]) -> None:
    asked_for = {name for name, service in services.items() if "profiles" in service}
    assert set(services) - asked_for == {"postgres", "valkey", "migrate", "web", "newsroom", "worker", "beat"}
    assert asked_for == {"rsshub"}


def test_an_rsshub_beside_the_desk_has_the_desk_s_key_and_no_port(services: dict[str, Any]) -> None:
    hub = services["rsshub"]
    assert hub["environment"]["ACCESS_KEY"] == "${RSSHUB_KEY:-}"
    assert "ports" not in hub


def test_every_name_given_to_the_desk_is_a_setting(services: dict[str, Any]) -> None:
    for name in ("migrate", "web", "worker", "beat"):
        assert services[name]["env_file"] == ".env"
        assert set(services[name]["environment"]) == {"DATABASE_URL", "REDIS_URL"}
        assert set(services[name]["environment"]) < names_in_settings()


def test_the_newsroom_is_a_process_of_its_own_under_its_own_name(services: dict[str, Any]) -> None:
    web, newsroom = services["web"]["environment"], services["newsroom"]["environment"]
    own = {name: value for name, value in newsroom.items() if name not in web}
    assert own == {"SERVES": "newsroom", "ALLOWED_HOSTS": "${NEWSROOM_HOST:-localhost}"}
    assert {name: newsroom[name] for name in web} == web
    assert {*own, "NEWSROOM_HOST"} < names_in_settings()
    assert services["newsroom"]["env_file"] == ".env"
    assert "command" not in services["newsroom"]
    assert embedded.newsroom(embedded.Desk("0.0.0.0", 8000, demo=False)).env["SERVES"] == own["SERVES"]


def test_the_image_has_a_font_that_a_statement_is_drawn_with() -> None:
    [package] = re.findall(r"apt-get install -y --no-install-recommends (\S+)", (ROOT / "Dockerfile").read_text())
    assert package == "fonts-noto-cjk"  # on Debian it brings this file
    assert "/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc" in images.USUAL_FONTS


def test_the_two_urls_name_the_servers_beside_them(services: dict[str, Any]) -> None:
    environment = services["web"]["environment"]
    user = services["postgres"]["environment"]["POSTGRES_USER"]
    database = services["postgres"]["environment"]["POSTGRES_DB"]
    assert environment["DATABASE_URL"] == f"postgres://{user}:${{POSTGRES_PASSWORD}}@postgres:5432/{database}"
    assert environment["REDIS_URL"] == "redis://valkey:6379/0"


def test_live_parts_run_what_the_embedded_desk_runs(services: dict[str, Any]) -> None:
    """The same program and application; what differs is named here: where it listens, how many, who schedules."""
    desk = embedded.Desk("0.0.0.0", 8000, demo=False)
    told = set(embedded.web(desk).command[1:])
    said = re.search(r"^CMD (\[.*\])$", (ROOT / "Dockerfile").read_text(), re.M)
    assert said
    live = yaml.safe_load(said[1])
    assert set(live[1:]) ^ told <= {"--graceful-timeout", "5", "1", "2"}
    assert "command" not in services["web"]
    worker = embedded.worker(desk).command[1:]
    assert set(services["worker"]["command"][1:]) ^ set(worker) == {"-B", "4", "8"}
    assert services["beat"]["command"][1:6] == ["-m", "celery", "-A", "config", "beat"]
    assert services["migrate"]["command"][1:] == ["manage.py", "migrate"]
    assert "migrate" in get_commands()


def test_the_broker_keeps_everything(services: dict[str, Any]) -> None:
    words = " ".join(services["valkey"]["command"])
    assert "--maxmemory-policy noeviction" in words
    assert "--appendonly yes" in words


def test_what_has_to_last_comes_back_and_is_watched(services: dict[str, Any]) -> None:
    lasting = {name: service for name, service in services.items() if name != "migrate"}
    assert {service["restart"] for service in lasting.values()} == {"unless-stopped"}
    assert [name for name, service in lasting.items() if service.get("healthcheck", {}).get("disable")] == ["beat"]
    for name in ("web", "newsroom", "worker", "beat"):
        assert services[name]["depends_on"]["migrate"] == {"condition": "service_completed_successfully"}


def test_only_this_machine_reaches_the_ports(services: dict[str, Any]) -> None:
    ports = {name: service["ports"] for name, service in services.items() if "ports" in service}
    assert ports == {"web": ["127.0.0.1:8000:8000"], "newsroom": ["127.0.0.1:8001:8000"]}


def test_the_image_takes_the_chart_file_that_make_assets_takes() -> None:
    assets = runpy.run_path(str(ROOT / "scripts" / "assets.py"))
    copied = f"COPY --from=assets /desk/{assets['CHARTS']} {assets['VENDOR']}/{assets['CHARTS'].name}"
    assert copied in (ROOT / "Dockerfile").read_text().splitlines()


def test_the_image_runs_as_nobody_in_particular() -> None:
    lines = (ROOT / "Dockerfile").read_text().splitlines()
    assert [line for line in lines if line.startswith("USER")] == ["USER tinglan"]
    assert lines.index("USER tinglan") < next(n for n, line in enumerate(lines) if line.startswith("CMD"))


def test_the_manual_names_every_setting_and_no_other() -> None:
    rows = re.findall(r"^\| `([A-Z_]+)` \|", (ROOT / "docs" / "operations.md").read_text(), re.M)
    assert len(rows) == len(set(rows))
    assert set(rows) == names_in_settings()
