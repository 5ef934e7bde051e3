"""Forms of the review pages."""

from __future__ import annotations

from django import forms

from governance.curation.review import ACTIONS, STATES, Item, Wanted


class WantedForm(forms.Form):
    """The filter. An invalid field counts as empty."""

    state = forms.ChoiceField(choices=STATES, required=False)
    tag = forms.CharField(max_length=260, required=False)
    owner = forms.CharField(max_length=150, required=False)
    q = forms.CharField(max_length=200, required=False)
    dataset = forms.UUIDField(required=False)

    def wanted(self) -> Wanted:
        self.is_valid()
        told = self.cleaned_data
        return Wanted(
            state=told.get("state") or "suggested",
            tag=told.get("tag", ""),
            owner=told.get("owner", ""),
            text=told.get("q", "").strip(),
            dataset=told.get("dataset"),
        )


class DecideForm(forms.Form):
    """`count`: how many columns matched when "everything" was ticked."""

    action = forms.ChoiceField(choices=ACTIONS)
    replacement = forms.CharField(max_length=260, required=False)
    reason = forms.CharField(max_length=2_000, required=False)
    everything = forms.BooleanField(required=False)
    count = forms.IntegerField(required=False)


def items_from(texts: list[str]) -> list[Item]:
    """Items from the page's boxes, each `<column>:<tag>`. Others are ignored."""
    items = []
    for text in texts:
        column, colon, tag = text.partition(":")
        if colon and column.isascii() and column.isdecimal() and len(column) < 19:
            items.append(Item(int(column), tag))
    return items
