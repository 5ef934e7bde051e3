"""Forms of the pages."""

from __future__ import annotations

from django import forms
from django.contrib.auth.models import User


class UploadForm(forms.Form):
    """The form for browsers without scripts. Scripts send files in parts instead."""

    file = forms.FileField(label="File", help_text="CSV, TSV or Parquet.")
    on_conflict = forms.ChoiceField(
        label="If you have a dataset of that name",
        choices=[
            ("refuse", "ask me"),
            ("new_version", "make a new version of it"),
            ("new_dataset", "keep both"),
        ],
    )


class ShareForm(forms.Form):
    user = forms.CharField(label="Username", max_length=150)
    view_pii = forms.BooleanField(label="May see personal values", required=False)

    def clean_user(self) -> User:
        user = User.objects.filter(username=self.cleaned_data["user"].strip(), is_active=True).first()
        if user is None:
            raise forms.ValidationError("There is no active user of that name.")
        return user
