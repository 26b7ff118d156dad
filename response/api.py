"""/api/v1/statements/: what is public, for anybody to read. A withdrawn one keeps number and note, not its words."""

from django.db.models import QuerySet
from django.urls import path
from rest_framework import generics, permissions, serializers

from response.channels.newsroom.channel import address_of
from response.models import Release
from response.selectors.newsroom import newest_public
from response.wording import public_text


class StatementSerializer(serializers.ModelSerializer):
    """A public statement as its newest version stands. `note` is the public one of a correction or a withdrawal."""

    uuid = serializers.UUIDField(source="version.statement.uuid")
    number = serializers.CharField(source="version.statement.number")
    version = serializers.IntegerField(source="version.number")
    kind = serializers.CharField(source="version.statement.kind")
    title = serializers.SerializerMethodField()
    text = serializers.SerializerMethodField()
    url = serializers.SerializerMethodField()
    published_at = serializers.DateTimeField(source="public_at")
    note = serializers.SerializerMethodField()

    class Meta:
        model = Release
        fields = [
            "uuid",
            "number",
            "version",
            "kind",
            "title",
            "text",
            "url",
            "state",
            "published_at",
            "withdrawn_at",
            "note",
        ]

    def get_title(self, release: Release) -> str:
        return public_text(release.version.title)

    def get_text(self, release: Release) -> str:
        return "" if release.state == Release.State.WITHDRAWN else public_text(release.version.text)

    def get_url(self, release: Release) -> str:
        return address_of(release.version.statement.number)

    def get_note(self, release: Release) -> str:
        return release.words if release.state == Release.State.WITHDRAWN else release.version.change_note


class PublicStatements(generics.ListAPIView):
    """The statements of the newsroom, newest first. No sign-in."""

    authentication_classes = []
    permission_classes = [permissions.AllowAny]
    serializer_class = StatementSerializer
    queryset = Release.objects.none()

    def get_queryset(self) -> QuerySet[Release]:
        return newest_public()


urlpatterns = [path("statements/", PublicStatements.as_view(), name="api-statements")]
