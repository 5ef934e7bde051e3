"""The API of the review queue."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.permissions import BasePermission, IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from governance.curation.review import (
    ACTIONS,
    MOST_ITEMS,
    STATES,
    Item,
    ReviewedColumn,
    Wanted,
    columns_to_review,
    decide_items,
    reviewed,
)
from omdplatform.base.web.pagination import Pages
from omdplatform.base.web.signed_in import user_of


class MayCurate(BasePermission):
    """Stewards."""

    message = "Only stewards review tags. Ask your administrator for that role."
    code = "no-curation-right"

    def has_permission(self, request: Request, view: APIView) -> bool:
        return bool(request.user.has_perm("governance.curate"))


class WantedSerializer(serializers.Serializer[Any]):
    state = serializers.ChoiceField(choices=STATES, default="suggested")
    tag = serializers.CharField(
        required=False, allow_blank=True, default="", help_text="The exact full name."
    )
    owner = serializers.CharField(
        required=False, allow_blank=True, default="", help_text="The exact username."
    )
    q = serializers.CharField(
        required=False, allow_blank=True, default="", help_text="Part of a column or dataset name."
    )
    dataset = serializers.UUIDField(required=False)


class ReviewedTagSerializer(serializers.Serializer[Any]):
    tag = serializers.CharField()
    state = serializers.ChoiceField(choices=["suggested", "confirmed", "rejected"])
    source = serializers.ChoiceField(choices=["classifier", "person", "catalog"])  # type: ignore[assignment]
    actor = serializers.CharField(allow_null=True)
    reason = serializers.CharField()
    at = serializers.DateTimeField()
    confidence = serializers.FloatField(allow_null=True, help_text="0 to 1. null: not set by a classifier.")


class ReviewedColumnSerializer(serializers.Serializer[Any]):
    column = serializers.IntegerField(help_text="The column's key, for decisions.")
    name = serializers.CharField()
    type = serializers.CharField()
    dataset = serializers.UUIDField()
    dataset_name = serializers.CharField()
    owner = serializers.CharField()
    confidence = serializers.FloatField(allow_null=True)
    evidence = serializers.JSONField(help_text="The classifier's evidence. Examples in it are masked.")
    tags = ReviewedTagSerializer(many=True)


class ReviewPageSerializer(serializers.Serializer[Any]):
    count = serializers.IntegerField()
    next = serializers.URLField(allow_null=True)
    previous = serializers.URLField(allow_null=True)
    results = ReviewedColumnSerializer(many=True)


class PageSerializer(serializers.Serializer[Any]):
    page = serializers.IntegerField(required=False, min_value=1)
    page_size = serializers.IntegerField(required=False, min_value=1, max_value=500)


class ItemSerializer(serializers.Serializer[Any]):
    column = serializers.IntegerField(min_value=1, max_value=2**63 - 1)
    tag = serializers.CharField(
        required=False, allow_blank=True, default="", help_text="Not needed to add a tag."
    )


class DecisionsSerializer(serializers.Serializer[Any]):
    action = serializers.ChoiceField(choices=ACTIONS)
    items = ItemSerializer(many=True, allow_empty=False, max_length=MOST_ITEMS)  # type: ignore[call-arg]
    replacement = serializers.CharField(
        required=False,
        allow_blank=True,
        default="",
        help_text="The tag to add, or to set in place of the others.",
    )
    reason = serializers.CharField(
        required=False,
        allow_blank=True,
        default="",
        max_length=2_000,
        help_text="Required, except to confirm.",
    )


class DecidedSerializer(serializers.Serializer[Any]):
    decided = serializers.IntegerField(help_text="Number of decisions written.")


class ReviewView(APIView):
    permission_classes = (IsAuthenticated, MayCurate)
    needed_scope = "curate"

    @extend_schema(
        operation_id="review",
        parameters=[WantedSerializer, PageSerializer],
        responses=ReviewPageSerializer,
    )
    def get(self, request: Request) -> Response:
        """Columns with the matching tags and their evidence, least certain first."""
        asked = WantedSerializer(data=request.query_params)
        asked.is_valid(raise_exception=True)
        told = asked.validated_data
        wanted = Wanted(told["state"], told["tag"], told["owner"], told["q"], told.get("dataset"))
        pages = Pages()
        columns = pages.paginate_queryset(columns_to_review(user_of(request), wanted), request, self)
        return pages.get_paginated_response([_column_json(each) for each in reviewed(columns or [], wanted)])


class ReviewDecisionsView(APIView):
    permission_classes = (IsAuthenticated, MayCurate)
    needed_scope = "curate"

    @extend_schema(
        operation_id="review_decide", request=DecisionsSerializer, responses={200: DecidedSerializer}
    )
    def post(self, request: Request) -> Response:
        """Confirm, reject or replace tags, or add one, on many columns at once: all or none."""
        asked = DecisionsSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        told = asked.validated_data
        items = [Item(item["column"], item["tag"]) for item in told["items"]]
        decided = decide_items(user_of(request), told["action"], items, told["reason"], told["replacement"])
        return Response({"decided": decided})


def _column_json(item: ReviewedColumn) -> dict[str, Any]:
    """As in ReviewedColumnSerializer."""
    dataset = item.column.dataset
    return {
        "column": item.column.pk,
        "name": item.column.name,
        "type": item.type,
        "dataset": dataset.pk,
        "dataset_name": dataset.name,
        "owner": dataset.owner.get_username(),
        "confidence": item.confidence,
        "evidence": item.finding,
        "tags": [
            {
                "tag": tag.fqn,
                "state": tag.state,
                "source": tag.decision.source,
                "actor": tag.actor,
                "reason": tag.decision.reason,
                "at": tag.decision.at,
                "confidence": tag.confidence,
            }
            for tag in item.tags
        ],
    }
