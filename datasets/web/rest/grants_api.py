"""Sharing datasets, for programs."""

from __future__ import annotations

from typing import Any, ClassVar
from uuid import UUID

from django.contrib.auth.models import User
from drf_spectacular.utils import extend_schema
from rest_framework import generics, serializers
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from datasets.web.rest.api import changeable_dataset
from governance.models import Grant
from governance.rights.grants import share, unshare
from omdplatform.base.web.signed_in import user_of


class GrantSerializer(serializers.ModelSerializer[Grant]):
    username = serializers.CharField(source="user.username", read_only=True)
    granted_by = serializers.CharField(source="granted_by.username", allow_null=True, read_only=True)

    class Meta:
        model = Grant
        fields: ClassVar = ["username", "view_pii", "granted_by", "at"]
        read_only_fields = fields


class ShareSerializer(serializers.Serializer[Any]):
    username = serializers.CharField(max_length=150)
    view_pii = serializers.BooleanField(
        default=False, help_text="Whether they may see personal values. You need that right yourself."
    )


class GrantsView(APIView):
    """Who may see a dataset. For those who may change it."""

    @extend_schema(operation_id="grants", responses=GrantSerializer(many=True))
    def get(self, request: Request, dataset_id: UUID) -> Response:
        grants = changeable_dataset(request, dataset_id).grants.select_related("user", "granted_by")
        return Response(GrantSerializer(grants.order_by("user__username"), many=True).data)

    @extend_schema(operation_id="grant", request=ShareSerializer, responses={201: GrantSerializer})
    def post(self, request: Request, dataset_id: UUID) -> Response:
        """Share the dataset with somebody, or change what they may see."""
        dataset = changeable_dataset(request, dataset_id)
        asked = ShareSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        user = User.objects.filter(username=asked.validated_data["username"], is_active=True).first()
        if user is None:
            raise ValidationError({"username": "There is no active user of this name."})
        grant = share(dataset, user, user_of(request), view_pii=asked.validated_data["view_pii"])
        return Response(GrantSerializer(grant).data, status=201)


class GrantView(APIView):
    @extend_schema(operation_id="grant_end", responses={204: None})
    def delete(self, request: Request, dataset_id: UUID, username: str) -> Response:
        """Withdraw somebody's right to the dataset."""
        grants = Grant.objects.filter(dataset=changeable_dataset(request, dataset_id))
        grant = generics.get_object_or_404(grants.select_related("user", "dataset"), user__username=username)
        unshare(grant, user_of(request))
        return Response(status=204)
