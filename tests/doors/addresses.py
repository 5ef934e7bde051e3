"""Every address of the platform, read from its URL configuration, so that a new one is tried at once."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.contrib import admin
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from django.urls.resolvers import RoutePattern

_PLACE = re.compile(r"<(?:\w+:)?(\w+)>")
# Answers whatever is asked for that nothing else answers.
_CATCH_ALL = "api/(?P<rest>.*)"


@dataclass(frozen=True, slots=True)
class Door:
    """One address. `route`: with its places, such as datasets/<uuid:dataset_id>/."""

    route: str
    name: str
    callback: Any

    @property
    def places(self) -> list[str]:
        return _PLACE.findall(self.route)

    def filled(self, values: Mapping[str, object]) -> str:
        """Raises KeyError for a place that `values` does not know: say there what stands in it."""
        return "/" + _PLACE.sub(lambda place: str(values[place[1]]), self.route)

    def methods(self) -> list[str]:
        """What it may be asked by. A view that does not say is taken to answer both."""
        if view := getattr(self.callback, "view_class", getattr(self.callback, "cls", None)):
            return [name.upper() for name in view.http_method_names if hasattr(view, name)]
        return ["GET", "POST"]


def doors() -> list[Door]:
    """All but the admin's, which are found by its models: see admin_pages."""
    return list(_below(get_resolver(), ""))


def _below(resolver: URLResolver, prefix: str) -> Iterator[Door]:
    for entry in resolver.url_patterns:
        route = prefix + str(entry.pattern).removeprefix("^").removesuffix("$")
        if isinstance(entry, URLPattern):
            if isinstance(entry.pattern, RoutePattern):
                yield Door(route, entry.name or "", entry.callback)
            else:
                assert route == _CATCH_ALL, f"{route}: what does it lead to?"
        elif entry.namespace != "admin":
            yield from _below(entry, route)


def admin_pages() -> Iterator[str]:
    """Every list, form and history of the admin, for up to 20 rows of each model, and its own pages."""
    yield from (reverse(f"admin:{name}") for name in ("index", "jsi18n", "password_change"))
    for label in sorted({model._meta.app_label for model in admin.site._registry}):
        yield reverse("admin:app_list", args=[label])
    for model in admin.site._registry:
        name = f"admin:{model._meta.app_label}_{model._meta.model_name}"
        yield reverse(f"{name}_changelist")
        yield reverse(f"{name}_add")
        for row in model._default_manager.order_by("-pk")[:20]:
            yield from (reverse(f"{name}_{page}", args=[row.pk]) for page in ("change", "history", "delete"))
        for field in model._meta.get_fields():
            if field.many_to_one:
                asked = f"app_label={model._meta.app_label}&model_name={model._meta.model_name}"
                yield f"{reverse('admin:autocomplete')}?{asked}&field_name={field.name}&term="
