"""/api/v1/: what vendors push and read back, and what systems of our own read. Keys: monitoring.api.keys."""

import json
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.urls import path
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_field
from rest_framework import generics, serializers, status
from rest_framework.exceptions import APIException
from rest_framework.request import Request
from rest_framework.response import Response

from accounts import clock
from accounts.requests import as_uuid
from monitoring import tasks
from monitoring.api.items import REASONS, id_as_sent
from monitoring.api.keys import KeyAuthentication, KeyOpens, check_signature
from monitoring.models import Push, PushedItem, Scope, Signal, VendorKey
from monitoring.selectors.vendors import Became, became
from monitoring.services import pushing
from opinion.models import Post
from opinion.services.analysis import kept_id

MOST_BYTES = 5 * 1024 * 1024
KEY_CAP = 200  # characters of an Idempotency-Key


class Answered(APIException):
    """An error of ours: problem+json with this status and sentence."""

    def __init__(self, status_code: int, words: str) -> None:
        super().__init__(words)
        self.status_code = status_code


# --- the shapes ------------------------------------------------------------------------------------------------------
class ProblemSerializer(serializers.Serializer):
    """RFC 9457 problem+json."""

    type = serializers.CharField()
    title = serializers.CharField()
    status = serializers.IntegerField()
    detail = serializers.CharField(help_text="What is wrong, in a sentence.")


class PushedPostSerializer(serializers.Serializer):
    """One post as it is pushed. The names are ours; with a mapping on the vendor's page yours count."""

    external_id = serializers.CharField(help_text="Your id of the post, unique within the channel, 500 at most.")
    channel = serializers.CharField(required=False, default="default", help_text="Code of one of your channels.")
    published_at = serializers.DateTimeField(help_text="ISO 8601 with a zone, or seconds or milliseconds since 1970.")
    title = serializers.CharField(required=False, help_text="Title or text is needed.")
    text = serializers.CharField(required=False)
    url = serializers.CharField(required=False, help_text="http or https, 2,000 characters at most.")
    author = serializers.CharField(required=False)
    author_since = serializers.DateTimeField(required=False, allow_null=True, help_text="When the account was opened.")
    platform = serializers.CharField(required=False, help_text="Where it was said, if not on the channel's platform.")
    region = serializers.CharField(required=False, help_text="Province or city it was said from.")
    reposts = serializers.IntegerField(required=False, allow_null=True, min_value=0)
    comments = serializers.IntegerField(required=False, allow_null=True, min_value=0)
    likes = serializers.IntegerField(required=False, allow_null=True, min_value=0)
    reads = serializers.IntegerField(required=False, allow_null=True, min_value=0)
    followers = serializers.IntegerField(required=False, allow_null=True, min_value=0, help_text="Of the author.")
    heat = serializers.IntegerField(required=False, allow_null=True, min_value=0, help_text="The platform's figure.")
    rank = serializers.IntegerField(required=False, allow_null=True, min_value=0, help_text="On the platform's list.")


class BatchSerializer(serializers.Serializer):
    posts = PushedPostSerializer(many=True, help_text="1 to 500.")


class ResultSerializer(serializers.Serializer):
    """What became of one item, at the moment of the push."""

    index = serializers.IntegerField(help_text="Its place in the batch, from 0.")
    external_id = serializers.CharField()
    outcome = serializers.ChoiceField(choices=PushedItem.Outcome.choices)
    post = serializers.UUIDField(allow_null=True)
    reason = serializers.ChoiceField(choices=[("", ""), *((code, code) for code in REASONS)])
    field = serializers.CharField()
    words = serializers.CharField(help_text="The reason in a sentence.")


class CountsSerializer(serializers.Serializer):
    items = serializers.IntegerField()
    stored = serializers.IntegerField()
    heard = serializers.IntegerField()
    duplicate = serializers.IntegerField()
    rejected = serializers.IntegerField()


class PushSerializer(serializers.ModelSerializer):
    """A batch and how it went. `is_answered` is false while, or because, taking it in did not end: push it again."""

    is_answered = serializers.SerializerMethodField()

    class Meta:
        model = Push
        fields = [
            *("uuid", "message_id", "idempotency_key", "received_at", "is_answered"),
            *("items", "stored", "heard", "duplicate", "rejected"),
        ]

    def get_is_answered(self, push: Push) -> bool:
        return push.answer is not None


class AnswerSerializer(serializers.Serializer):
    push = serializers.UUIDField()
    received_at = serializers.DateTimeField()
    counts = CountsSerializer()
    results = ResultSerializer(many=True)


class BecameSerializer(serializers.Serializer):
    """What became of the post since. Empty where nothing is known."""

    state = serializers.ChoiceField(choices=[(code, code) for code in ("", "waiting", "attached", "ignored")])
    signal = serializers.ChoiceField(choices=[(code, code) for code in ("", "raised", "useful", "false_alarm")])
    incident = serializers.ChoiceField(choices=[(code, code) for code in ("", "open", "closed", "false_alarm")])


class PushedItemSerializer(serializers.ModelSerializer):
    """One pushed item: what became of it then, and since."""

    push = serializers.UUIDField(source="push.uuid")
    index = serializers.IntegerField(source="position")
    received_at = serializers.DateTimeField(source="push.received_at")
    post = serializers.UUIDField(source="post.uuid", allow_null=True, default=None)
    words = serializers.SerializerMethodField()
    became = serializers.SerializerMethodField()

    class Meta:
        model = PushedItem
        fields = [
            *("uuid", "push", "index", "external_id", "received_at", "outcome", "reason", "field", "words"),
            *("delay_seconds", "post", "became"),
        ]

    def get_words(self, item: PushedItem) -> str:
        return str(REASONS[item.reason]) if item.reason else ""

    @extend_schema_field(BecameSerializer)
    def get_became(self, item: PushedItem) -> dict[str, str]:
        return dict(BecameSerializer(self.context["became"].get(item.pk, Became())).data)


class PostSerializer(serializers.ModelSerializer):
    """A stored post, its text masked. `original` is set on reposts; `triage` says what was decided about it."""

    source: Any = serializers.StringRelatedField()
    source_class = serializers.CharField(source="source.source_class")
    platform = serializers.CharField(source="said_on")
    original: Any = serializers.SlugRelatedField(slug_field="uuid", read_only=True)

    class Meta:
        model = Post
        fields = [
            *("uuid", "source", "source_class", "platform", "region", "title", "text", "url", "author"),
            *("published_at", "first_seen_at", "original", "copy_count", "sentiment", "score", "risks", "triage"),
            *("reposts", "comments", "likes", "reads", "followers", "heat", "rank"),
        ]


class SignalSerializer(serializers.ModelSerializer):
    """An early-warning signal: what raised it, what it suggests, and how it was judged (null: not yet)."""

    watch: Any = serializers.StringRelatedField()
    topic: Any = serializers.StringRelatedField()
    posts: Any = serializers.SlugRelatedField(slug_field="uuid", many=True, read_only=True)

    class Meta:
        model = Signal
        fields = [
            *("uuid", "watch", "topic", "kind", "opened_at", "grown_at", "suggestion", "reasons", "posts"),
            *("is_useful", "verdict", "closed_at"),
        ]


# --- the doors -------------------------------------------------------------------------------------------------------
class ByKey(generics.GenericAPIView):
    """What opens to a key: `scopes` names, for each method, the scope it needs."""

    authentication_classes = [KeyAuthentication]
    permission_classes = [KeyOpens]
    scopes: dict[str, Scope] = {}

    @property
    def key(self) -> VendorKey:
        """The key that was let in."""
        assert isinstance(self.request.auth, VendorKey)
        return self.request.auth


PROBLEMS = dict.fromkeys((400, 401, 403, 409, 413, 422, 429), ProblemSerializer)
HEADERS = [
    OpenApiParameter("webhook-id", str, OpenApiParameter.HEADER, required=True, description="Unique for each batch."),
    OpenApiParameter("webhook-timestamp", int, OpenApiParameter.HEADER, required=True, description="Seconds, now."),
    OpenApiParameter(
        "webhook-signature",
        str,
        OpenApiParameter.HEADER,
        required=True,
        description="v1,<base64 of HMAC-SHA256 over id.timestamp.body> with the secret of the key.",
    ),
    OpenApiParameter("Idempotency-Key", str, OpenApiParameter.HEADER, description="Yours, if you keep one."),
]


class Posts(ByKey, generics.ListAPIView):
    """Push posts; or, with a key that reads the desk, list those that are stored."""

    scopes = {"GET": Scope.READ, "POST": Scope.PUSH}
    serializer_class = PostSerializer
    queryset = Post.objects.none()

    def get_queryset(self) -> QuerySet[Post]:
        return Post.objects.standing().select_related("source", "original")

    @extend_schema(
        operation_id="posts_push",
        request=BatchSerializer,
        parameters=HEADERS,
        responses={202: AnswerSerializer, **PROBLEMS},
    )
    def post(self, request: Request) -> Response:
        """Push a batch of 1 to 500 posts, signed per Standard Webhooks.

        Every item gets a result of its own. The same request again, by webhook-id or Idempotency-Key, gets the same
        answer; the same id with another body is a 409.
        """
        now = clock.now()
        body = self._body(request)
        message_id = check_signature(self.key, request.headers, body, now=now)
        items = read_batch(body)
        idempotency_key = request.headers.get("Idempotency-Key", "")
        if len(idempotency_key) > KEY_CAP:
            raise Answered(422, _("The Idempotency-Key is longer than 200 characters."))
        try:
            push = pushing.receive(
                self.key, message_id=message_id, idempotency_key=idempotency_key, body=body, items=items, now=now
            )
        except pushing.Conflict as conflict:
            raise Answered(409, str(conflict)) from conflict
        if push.stored:
            transaction.on_commit(tasks.ring_for_signals, robust=True)  # without the bell the minute's look finds it
        return Response(as_answer(push, items), status=status.HTTP_202_ACCEPTED)

    def _body(self, request: Request) -> bytes:
        """The body as it was sent, byte for byte, read only as far as it may be long."""
        words = _("The body is larger than 5 MB. Push fewer posts at once.")
        if int(request.META.get("CONTENT_LENGTH") or 0) > MOST_BYTES:
            raise Answered(413, words)
        body: bytes = request._request.read(MOST_BYTES + 1)
        if len(body) > MOST_BYTES:
            raise Answered(413, words)
        return body


def read_batch(body: bytes) -> list[Any]:
    """The items of a body. Raises Answered."""
    try:
        document = json.loads(body, parse_constant=_no_number)
    except (ValueError, RecursionError):
        raise Answered(400, _("The body is no JSON.")) from None
    items = document.get("posts") if isinstance(document, dict) else None
    if not isinstance(items, list):
        raise Answered(422, _("The body is to be an object whose “posts” is a list."))
    if not 1 <= len(items) <= pushing.MOST_ITEMS:
        raise Answered(422, _("A batch has from 1 to 500 posts; this one has %(n)s.") % {"n": len(items)})
    return items


def _no_number(name: str) -> None:
    raise ValueError(name)


def as_answer(push: Push, items: list[Any]) -> dict[str, Any]:
    """The answer to a push: the stored one, beside the ids of the request and the reasons in words."""
    results = [
        {
            "index": index,
            "external_id": id_as_sent(item, push.vendor.mapping),
            **result,
            "words": str(REASONS[result["reason"]]) if result["reason"] else "",
        }
        for index, (item, result) in enumerate(zip(items, push.answer or [], strict=True))
    ]
    counts = CountsSerializer(push).data
    return {"push": str(push.uuid), "received_at": push.received_at, "counts": counts, "results": results}


class Pushes(ByKey, generics.ListAPIView):
    """Your batches, newest first."""

    scopes = {"GET": Scope.OUTCOME}
    serializer_class = PushSerializer
    queryset = Push.objects.none()

    def get_queryset(self) -> QuerySet[Push]:
        return Push.objects.filter(vendor=self.key.vendor)


class OnePush(ByKey, generics.RetrieveAPIView):
    """One of your batches."""

    scopes = {"GET": Scope.OUTCOME}
    serializer_class = PushSerializer
    lookup_field = "uuid"
    queryset = Push.objects.none()

    def get_queryset(self) -> QuerySet[Push]:
        return Push.objects.filter(vendor=self.key.vendor)


@extend_schema(
    parameters=[
        OpenApiParameter("external_id", str, description="Only the item you called this."),
        OpenApiParameter("push", {"type": "string", "format": "uuid"}, description="Only the items of this batch."),
    ]
)
class PushedItems(ByKey, generics.ListAPIView):
    """What became of what you pushed: each item, newest first."""

    scopes = {"GET": Scope.OUTCOME}
    serializer_class = PushedItemSerializer
    queryset = PushedItem.objects.none()

    def get_queryset(self) -> QuerySet[PushedItem]:
        items = PushedItem.objects.filter(push__vendor=self.key.vendor).select_related("push", "post")
        external_id, push = (self.request.query_params.get(name, "") for name in ("external_id", "push"))
        if external_id:
            items = items.filter(external_id=kept_id(external_id))
        if push:
            uuid = as_uuid(push)
            items = items.filter(push__uuid=uuid) if uuid else items.none()
        return items

    def get_serializer(self, *args: Any, **kwargs: Any) -> Any:
        """The page's outcomes are read at once, not one by one."""
        page = args[0] if args else []
        kwargs["context"] = {**self.get_serializer_context(), "became": became(list(page))}
        return PushedItemSerializer(*args, **kwargs)


class Signals(ByKey, generics.ListAPIView):
    """The signals of the desk, newest first."""

    scopes = {"GET": Scope.READ}
    serializer_class = SignalSerializer
    queryset = Signal.objects.none()

    def get_queryset(self) -> QuerySet[Signal]:
        return Signal.objects.select_related("watch", "topic").prefetch_related("posts")


urlpatterns = [
    path("posts/", Posts.as_view(), name="api-posts"),
    path("pushes/", Pushes.as_view(), name="api-pushes"),
    path("pushes/<uuid:uuid>/", OnePush.as_view(), name="api-push"),
    path("pushed-items/", PushedItems.as_view(), name="api-pushed-items"),
    path("signals/", Signals.as_view(), name="api-signals"),
]
