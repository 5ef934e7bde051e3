"""Forms of the sign-in and account pages."""

from __future__ import annotations

from datetime import timedelta

from django import forms
from django.contrib.admin.forms import AdminAuthenticationForm
from django.contrib.auth.forms import AuthenticationForm
from django.core.exceptions import ValidationError

from omdplatform.accounts.throttling import seconds_to_wait
from omdplatform.accounts.tokens import LONGEST, SCOPES


def told_to_wait(seconds: int) -> str:
    wait = f"{seconds} seconds" if seconds < 120 else f"{seconds // 60} minutes"
    return f"Too many attempts to sign in. Try again in {wait}."


class _SaysHowLong(AuthenticationForm):
    def get_invalid_login_error(self) -> ValidationError:
        seconds = seconds_to_wait(self.request) if self.request else 0
        if seconds:
            return ValidationError(told_to_wait(seconds), "throttled")
        return super().get_invalid_login_error()


class SignInForm(_SaysHowLong):
    """The sign-in form of the pages."""


class AdminSignInForm(_SaysHowLong, AdminAuthenticationForm):
    """The sign-in form of the admin site."""


class TokenForm(forms.Form):
    name = forms.CharField(max_length=100, label="What it is for", help_text="For example: nightly upload.")
    scopes = forms.MultipleChoiceField(
        label="What it may do", choices=list(SCOPES.items()), widget=forms.CheckboxSelectMultiple
    )
    days = forms.IntegerField(label="Days that it holds", min_value=1, max_value=LONGEST.days, initial=90)

    @property
    def lifetime(self) -> timedelta:
        return timedelta(days=self.cleaned_data["days"])
