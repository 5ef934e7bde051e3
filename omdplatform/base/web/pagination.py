"""Pagination of the API."""

from __future__ import annotations

from rest_framework.pagination import PageNumberPagination


class Pages(PageNumberPagination):
    """`?page=N&page_size=M`: {"count", "next", "previous", "results"}; a page beyond the end is a 404."""

    page_size_query_param = "page_size"
    max_page_size = 500
