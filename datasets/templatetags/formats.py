"""Formats for pages: charts as inline SVG, tag names, sizes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django import template
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from datasets.tables.values.column_types import CALLED, ColumnType
from governance.rights.access import HeldTag

register = template.Library()

WIDTH, HEIGHT = 120, 28


@register.filter
def lookup(mapping: Mapping[Any, Any], key: Any) -> Any:
    """`mapping[key]`; "" if missing."""
    return mapping.get(key, "")


@register.filter
def at(items: Sequence[Any], place: int) -> Any:
    return items[place]


@register.filter
def called(type: str) -> str:
    """A column type in people's words."""
    return CALLED[ColumnType(type)]


@register.filter
def percent(part: float | None, whole: float | None) -> str:
    """`part` of `whole` as a whole number of percent; "" if there is no whole."""
    return f"{round(100 * (part or 0) / whole)} %" if whole else ""


@register.filter
def tag_kind(fqn: str) -> str:
    """The CSS class of a tag's chip."""
    if fqn.startswith(("PII.Sensitive", "PersonalData.Special")):
        return "sensitive"
    if fqn.startswith(("PII.", "PersonalData.")):
        return "personal"
    return "plain"


@register.filter
def first_evidence(tags: Sequence[HeldTag]) -> dict[str, Any]:
    """The classifier's finding (see Finding.as_json) that suggested one of the tags; {} if there is none."""
    return next((tag.evidence for tag in tags if tag.evidence.get("evidence")), {})


@register.simple_tag
def histogram(bins: Sequence[Sequence[float]], name: str) -> SafeString:
    """A small bar chart of (from, to, rows); "" without bins."""
    most = max((count for _, _, count in bins), default=0)
    if not most:
        return SafeString("")
    step = WIDTH / len(bins)
    bars = format_html_join(
        "",
        '<rect x="{}" y="{}" width="{}" height="{}"></rect>',
        (
            (
                round(place * step, 1),
                round(HEIGHT - HEIGHT * count / most, 1),
                round(max(step - 1, 0.5), 1),
                round(HEIGHT * count / most, 1),
            )
            for place, (_, _, count) in enumerate(bins)
        ),
    )
    return format_html(
        '<svg class="chart" viewBox="0 0 {} {}" width="{}" height="{}" role="img" aria-label="How the values '
        'of {} are spread, in {} equal steps">{}</svg>',
        WIDTH, HEIGHT, WIDTH, HEIGHT, name, len(bins), bars,
    )  # fmt: skip


@register.simple_tag
def share_bar(part: float | None, whole: float | None, label: str) -> SafeString:
    """A thin bar, filled by the share of `part` in `whole`."""
    filled = WIDTH * min(1.0, (part or 0) / whole) if whole else 0
    return format_html(
        '<svg class="share" viewBox="0 0 {} 6" width="{}" height="6" role="img" aria-label="{}">'
        '<rect class="all" width="{}" height="6" rx="3"></rect>'
        '<rect width="{}" height="6" rx="3"></rect></svg>',
        WIDTH, WIDTH, label, WIDTH, round(filled, 1),
    )  # fmt: skip
