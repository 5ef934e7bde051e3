"""Sign-in, and the account page, on which people see and end their sign-ins."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth import update_session_auth_hash, views
from django.contrib.auth.decorators import login_required
from django.contrib.auth.forms import PasswordChangeForm
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET, require_POST

from governance.audit import record
from omdplatform.accounts.forms import SignInForm, TokenForm, told_to_wait
from omdplatform.accounts.sessions import end_session, remember_session, sessions_of
from omdplatform.accounts.throttling import Throttle, forget_attempts, seconds_to_wait
from omdplatform.accounts.tokens import make_token, revoke
from omdplatform.base.web.signed_in import user_of
from omdplatform.models import PersonalToken, SignIn


class SignInView(views.LoginView):
    redirect_authenticated_user = True
    authentication_form = SignInForm

    def form_invalid(self, form: Any) -> HttpResponse:
        seconds = seconds_to_wait(self.request)
        response = self.render_to_response(self.get_context_data(form=form), status=429 if seconds else 200)
        if seconds:
            response.headers["Retry-After"] = str(seconds)
        return response


@never_cache
@login_required
@require_GET
def account(request: HttpRequest) -> HttpResponse:
    return _page(request)


def _page(request: HttpRequest, status: int = 200, **shown: Any) -> HttpResponse:
    user = user_of(request)
    tokens = PersonalToken.objects.filter(user=user).order_by("expires_at")
    context = {
        "sessions": sessions_of(user, request.session),
        "tokens": [(token, token.expires_at < timezone.now()) for token in tokens],
        "password_form": PasswordChangeForm(user),
        "token_form": TokenForm(),
        **shown,
    }
    return render(request, "accounts/account.html", context, status=status)


@sensitive_post_parameters()
@never_cache
@login_required
@require_POST
def change_password(request: HttpRequest) -> HttpResponse:
    """Ends all other sessions and all tokens, so that somebody with a stolen session is signed out."""
    user = user_of(request)
    # This asks for the current password, too. Wrong guesses count as failed sign-ins.
    if _is_throttled(request, user):
        form = PasswordChangeForm(user)
        messages.error(request, told_to_wait(seconds_to_wait(request)))
        return _page(request, 429, password_form=form)
    form = PasswordChangeForm(user, request.POST)
    if not form.is_valid():
        return _page(request, 400, password_form=form)
    form.save()
    forget_attempts(request, user.get_username())
    update_session_auth_hash(request, user)
    remember_session(request, user)
    record(user, "password changed")
    messages.success(request, "Your password is changed. Other sessions and all tokens have ended.")
    return redirect("account")


def _is_throttled(request: HttpRequest, user: User) -> bool:
    try:
        Throttle().authenticate(request, user.get_username())
    except PermissionDenied:
        return True
    return False


@login_required
@require_POST
def sign_out_session(request: HttpRequest, session_id: UUID) -> HttpResponse:
    sign_in = get_object_or_404(SignIn, pk=session_id, user=user_of(request))
    end_session(sign_in)
    record(user_of(request), "session ended")
    messages.success(request, "Signed out there.")
    return redirect("account")


@login_required
@require_POST
def add_token(request: HttpRequest) -> HttpResponse:
    form = TokenForm(request.POST)
    if not form.is_valid():
        return _page(request, 400, token_form=form)
    told = form.cleaned_data
    _, secret = make_token(user_of(request), told["name"], told["scopes"], form.lifetime)
    return _page(request, new_token=secret)


@login_required
@require_POST
def revoke_token(request: HttpRequest, token_id: UUID) -> HttpResponse:
    revoke(get_object_or_404(PersonalToken, pk=token_id, user=user_of(request)))
    messages.success(request, "The token is revoked.")
    return redirect("account")
