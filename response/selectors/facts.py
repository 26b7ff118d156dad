"""Reads of the fact sheet."""

from datetime import datetime
from typing import Any

from django.db.models import Prefetch, QuerySet

from audit.chain import moment
from incidents.models import Incident
from response.models import Fact, FactProof, FactVersion, PublicQuestion, Rumour, StatementVersion


def facts_of(incident: Incident) -> QuerySet[Fact]:
    return incident.facts.select_related("added_by", "signed_by__department")


def facts_in_full(incident: Incident) -> QuerySet[Fact]:
    """With what shows each, and every word that was signed about it, the newest first."""
    return facts_of(incident).prefetch_related(
        Prefetch("proofs", FactProof.objects.select_related("added_by", "post", "file")),
        Prefetch("versions", FactVersion.objects.select_related("signed_by")),
    )


def quoting(fact: Fact) -> QuerySet[StatementVersion]:
    """The statements that count and quote a fact."""
    counts = StatementVersion.State
    versions = StatementVersion.objects.filter(
        facts=fact, state__in=(counts.DRAFT, counts.IN_REVIEW, counts.RELEASABLE)
    )
    return versions.select_related("statement", "written_by").prefetch_related("writers")


def questions_of(incident: Incident) -> QuerySet[PublicQuestion]:
    return incident.questions.select_related("added_by", "answered_by", "fact").prefetch_related("posts")


def rumours_of(incident: Incident) -> QuerySet[Rumour]:
    return incident.rumours.select_related(
        "fact", "statement", "topic", "clarification_topic", "changed_by"
    ).prefetch_related("linked__post__source")


def as_record(incident: Incident) -> dict[str, Any]:
    """The fact sheet as plain values, in one order: what a numbered sheet freezes, prints and has the hash of."""
    return {
        "title": incident.title,
        "facts": [
            {
                "number": fact.number,
                "version": len(fact.versions.all()),
                "claim": fact.claim,
                "state": fact.state,
                "evidence": fact.evidence,
                "signed_by": str(fact.signed_by or ""),
                "signed_at": moment(fact.signed_at) if fact.signed_at else "",
                "proofs": [
                    {
                        "kind": proof.kind,
                        "name": proof.name,
                        "url": proof.url,
                        "sha256": proof.file.sha256 if proof.file else "",
                    }
                    for proof in fact.proofs.all()
                ],
            }
            for fact in facts_in_full(incident)
        ],
        "questions": [
            {
                "number": question.number,
                "text": question.text,
                "answer": question.answer,
                "fact": question.fact.number if question.fact else None,
            }
            for question in questions_of(incident).order_by("number")
        ],
        "rumours": [
            {
                "number": rumour.number,
                "claim": rumour.claim,
                "wording": rumour.wording,
                "authority": rumour.authority,
                "authority_on": rumour.authority_on.isoformat() if rumour.authority_on else "",
                "authority_document": rumour.authority_document,
                "clarification": rumour.clarification,
                "fact": rumour.fact.number if rumour.fact else None,
            }
            for rumour in rumours_of(incident)
        ],
    }


STATES = dict(Fact.State.choices)
WORDINGS = dict(Rumour.Wording.choices)


def readable(record: dict[str, Any]) -> dict[str, Any]:
    """A frozen record with its codes and moments as people read them."""
    facts = [
        {**fact, "state_label": STATES[fact["state"]], "signed_at": parsed(fact["signed_at"])}
        for fact in record["facts"]
    ]
    rumours = [{**one, "wording_label": WORDINGS[one["wording"]]} for one in record["rumours"]]
    return {**record, "facts": facts, "rumours": rumours}


def parsed(at: str) -> datetime | None:
    return datetime.fromisoformat(at) if at else None
