"""SCCT: who is held responsible says what may be said; what intensifies it asks for the next graver stance."""

from collections.abc import Callable
from datetime import datetime

import pytest
from django.test import Client

from accounts.models import User
from incidents.levels import Level
from response.models import CrisisCluster, Statement
from response.templates_of_statements import advised, clusters, intensifiers
from tests.response.factories import incident_at


def test_the_data_knows_the_clusters_of_the_model_and_the_two_intensifiers() -> None:
    assert [one.code for one in clusters()] == list(CrisisCluster.values)
    assert [one.code for one in intensifiers()] == ["history", "reputation"]


@pytest.mark.parametrize(
    ("cluster", "worse", "stance"),
    [
        ("victim", [], "victim"),
        ("victim", ["history"], "accident"),
        ("victim", ["history", "reputation"], "accident"),  # one step, however many
        ("accident", [], "accident"),
        ("accident", ["reputation"], "preventable"),
        ("preventable", ["history"], "preventable"),  # nothing is graver
    ],
)
def test_an_intensifier_asks_for_one_step_graver(cluster: str, worse: list[str], stance: str) -> None:
    by_code = {one.code: one for one in clusters()}
    there = [one for one in intensifiers() if one.code in worse]
    assert advised(by_code[cluster], there).code == stance


def test_the_templates_of_the_graver_stance_fit_and_the_choice_is_kept(
    cast: dict[str, User], noon: datetime, signed_in: Callable[[str], Client]
) -> None:
    incident = incident_at(Level.TWO, cast, noon)
    client, address = signed_in("market"), f"/incidents/{incident.number}/statements/new/"

    def fitting(query: str) -> tuple[str, ...]:
        advice = client.get(address + query).context["advice"]
        return advice["advised"].templates if advice else ()

    assert (fitting(""), fitting("?cluster=accident")) == ((), ("T0", "T2", "T2b"))
    assert fitting("?cluster=accident&worse=nonsense") == ("T0", "T2", "T2b")
    assert fitting("?cluster=accident&worse=history") == ("T0", "T3")
    page = client.get(f"{address}?cluster=accident&worse=history").content.decode()
    assert "?cluster=accident&amp;worse=history&amp;worse=reputation" in page  # and may be switched on and off
    assert "?cluster=victim&amp;worse=history" in page

    typed = {"kind": "T3", "cluster": "accident", "intensifiers": ["nonsense"]}
    assert client.post(address, typed).status_code == 400
    assert client.post(address, {**typed, "intensifiers": ["history"]}).status_code == 302
    statement = Statement.objects.get()
    assert (statement.cluster, statement.intensifiers) == ("accident", ["history"])
    entry = incident.timeline.get(event="response.statement_drafted")
    assert entry.detail["intensifiers"] == ["history"]
    preventable = clusters()[2]
    assert preventable.why[0] in client.get(statement.get_absolute_url()).content.decode()
