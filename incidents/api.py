"""/api/v1/incidents/: what the desk tells other programs of a signed-in person. Read only."""

from typing import Any

from django.db.models import Prefetch, QuerySet
from django.urls import include, path
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers, viewsets
from rest_framework.routers import SimpleRouter

from incidents.models import Assessment, Clock, Incident, LevelProposal, LevelRequest, TimelineEntry
from incidents.selectors.level_proposals import open_proposals
from incidents.selectors.lists import waiting_requests
from incidents.selectors.timeline import as_line


class AssessmentSerializer(serializers.ModelSerializer):
    class Meta:
        model = Assessment
        fields = ["at", "formula", "severity", "confidence", "red_lines", "suggestion", "advice"]


class LevelRequestSerializer(serializers.ModelSerializer):
    """What waits for the leadership. `state` provisional: in force already, waiting to be ratified."""

    requested_by: Any = serializers.StringRelatedField()
    requested_for: Any = serializers.StringRelatedField()
    due_at = serializers.DateTimeField()

    class Meta:
        model = LevelRequest
        fields = [
            "uuid",
            "kind",
            "way",
            "state",
            "from_level",
            "to_level",
            "requested_by",
            "requested_for",
            "requested_at",
            "due_at",
        ]


class LevelProposalSerializer(serializers.ModelSerializer):
    """What the desk proposes and nobody has answered, with the numbers it rests on."""

    class Meta:
        model = LevelProposal
        fields = ["uuid", "kind", "from_level", "to_level", "reasons", "opened_at"]


class TimelineSerializer(serializers.ModelSerializer):
    """An entry with its sentence in the language asked for."""

    sentence = serializers.SerializerMethodField()
    actor: Any = serializers.StringRelatedField()
    acting_for: Any = serializers.StringRelatedField()

    class Meta:
        model = TimelineEntry
        fields = ["at", "event", "sentence", "actor", "acting_for", "before", "after", "detail", "note"]

    def get_sentence(self, entry: TimelineEntry) -> str:
        return as_line(entry).sentence


class ClockSerializer(serializers.ModelSerializer):
    """A limit of the procedure: assess, confirm, decide, speak, report, close; minutes by its level's calendar."""

    class Meta:
        model = Clock
        fields = ["kind", "level", "started_at", "minutes", "due_at", "met_at", "stopped_at", "paused_at"]


class IncidentSerializer(serializers.ModelSerializer):
    """Levels are 0 未定, 3 三级, 2 二级, 1 一级; stages by their codes."""

    affects: Any = serializers.SlugRelatedField(slug_field="code", many=True, read_only=True)
    department: Any = serializers.SlugRelatedField(slug_field="code", read_only=True)
    lead: Any = serializers.StringRelatedField()
    merged_into: Any = serializers.SlugRelatedField(slug_field="number", read_only=True)
    level_request = serializers.SerializerMethodField()
    proposal = serializers.SerializerMethodField()

    class Meta:
        model = Incident
        fields = [
            "uuid",
            "number",
            "title",
            "summary",
            "stage",
            "level",
            "level_request",
            "proposal",
            "affects",
            "department",
            "lead",
            "is_confidential",
            "first_post_at",
            "first_known_at",
            "opened_at",
            "activated_at",
            "closed_at",
            "merged_into",
            "version",
        ]

    @extend_schema_field(LevelRequestSerializer(allow_null=True))
    def get_level_request(self, incident: Incident) -> dict[str, Any] | None:
        waiting = next(iter(incident.waiting_requests), None)  # type: ignore[attr-defined]
        return LevelRequestSerializer(waiting).data if waiting else None

    @extend_schema_field(LevelProposalSerializer(allow_null=True))
    def get_proposal(self, incident: Incident) -> dict[str, Any] | None:
        proposal = next(iter(incident.waiting_proposals), None)  # type: ignore[attr-defined]
        return LevelProposalSerializer(proposal).data if proposal else None


class IncidentDetailSerializer(IncidentSerializer):
    """With its newest assessment, its clocks, and the whole timeline, newest first."""

    assessment = serializers.SerializerMethodField()
    clocks = ClockSerializer(many=True, read_only=True)
    timeline = serializers.SerializerMethodField()

    class Meta(IncidentSerializer.Meta):
        fields = [*IncidentSerializer.Meta.fields, "assessment", "clocks", "timeline"]

    def get_assessment(self, incident: Incident) -> dict[str, Any] | None:
        newest = incident.assessments.first()
        return AssessmentSerializer(newest).data if newest else None

    def get_timeline(self, incident: Incident) -> list[dict[str, Any]]:
        entries = incident.timeline.select_related("actor", "acting_for")
        return list(TimelineSerializer(entries, many=True).data)


class IncidentViewSet(viewsets.ReadOnlyModelViewSet):
    """The incidents a person may see, newest first."""

    lookup_field = "uuid"
    queryset = Incident.objects.none()

    def get_queryset(self) -> QuerySet[Incident]:
        rows = Incident.objects.visible_to(self.request.user)
        return rows.select_related("department", "lead", "merged_into").prefetch_related(
            "affects",
            Prefetch("level_requests", waiting_requests(), to_attr="waiting_requests"),
            Prefetch("proposals", open_proposals(), to_attr="waiting_proposals"),
        )

    def get_serializer_class(self) -> type[serializers.ModelSerializer]:
        return IncidentSerializer if self.action == "list" else IncidentDetailSerializer


router = SimpleRouter()
router.register("incidents", IncidentViewSet, basename="api-incident")
urlpatterns = [path("", include(router.urls))]
