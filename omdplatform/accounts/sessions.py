"""Sign-ins and their end: browsers' sessions and programs' tokens."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.models import User
from django.contrib.auth.signals import user_logged_in, user_login_failed
from django.contrib.sessions.backends.base import SessionBase
from django.contrib.sessions.models import Session
from django.db import transaction
from django.db.models.signals import post_save, pre_save
from django.dispatch import receiver
from django.http import HttpRequest

from governance.audit import record
from omdplatform.accounts.throttling import address_of, forget_attempts, seconds_to_wait
from omdplatform.models import ApiIdentity, SignIn

# A change of one of these fields ends all of the user's sign-ins.
STATE = ("password", "is_active", "is_staff", "is_superuser")
LONGEST_AGENT = 200


@receiver(user_logged_in)
def note_sign_in(sender: Any, request: HttpRequest, user: User, **kwargs: Any) -> None:
    forget_attempts(request, user.get_username())
    remember_session(request, user)
    record(user, "signed in", way=_way(request), address=address_of(request))


@receiver(user_login_failed)
def note_failure(
    sender: Any, credentials: dict[str, Any], request: HttpRequest | None = None, **kwargs: Any
) -> None:
    """An unknown name is not recorded: it may be a password in the wrong field."""
    if request is None:
        return
    name = credentials.get("username") or ""
    known = User.objects.filter(username=name).exists()
    record(
        None, "sign-in refused: too many" if seconds_to_wait(request) else "sign-in failed",
        account=name if known else None, way=_way(request), address=address_of(request),
    )  # fmt: skip


def _way(request: HttpRequest) -> str:
    return next((way for way in ("admin", "api") if request.path.startswith(f"/{way}/")), "page")


def remember_session(request: HttpRequest, user: User) -> None:
    """List this browser's session on the account page."""
    agent = request.headers.get("User-Agent", "")[:LONGEST_AGENT]
    if request.session.session_key is None:
        request.session.save()
    SignIn.objects.update_or_create(
        session_key=request.session.session_key,
        defaults={"user": user, "address": address_of(request)[:64], "agent": agent},
    )


def sessions_of(user: User, current: SessionBase) -> list[SignIn]:
    """Sessions that have not expired, newest first. `is_current` marks the one of this request."""
    found = list(SignIn.objects.filter(user=user).order_by("-at"))
    living = set(
        Session.objects.filter(session_key__in=[each.session_key for each in found]).values_list(
            "session_key", flat=True
        )
    )
    gone = [each.pk for each in found if each.session_key not in living]
    SignIn.objects.filter(pk__in=gone).delete()
    kept = [each for each in found if each.session_key in living]
    for each in kept:
        each.is_current = each.session_key == current.session_key
    return kept


def end_session(sign_in: SignIn) -> None:
    with transaction.atomic():
        Session.objects.filter(session_key=sign_in.session_key).delete()
        sign_in.delete()


def end_everything(user: User) -> None:
    """End all sessions, all tokens from sign-ins, and all personal tokens of the user."""
    with transaction.atomic():
        sessions = SignIn.objects.filter(user=user)
        Session.objects.filter(session_key__in=sessions.values("session_key")).delete()
        sessions.delete()
        user.personal_tokens.all().delete()
        ApiIdentity.rotate(user)


@receiver(pre_save, sender=User)
def see_change(sender: type[User], instance: User, update_fields: Any = None, **kwargs: Any) -> None:
    looked_at = [name for name in STATE if update_fields is None or name in update_fields]
    before = User.objects.filter(pk=instance.pk).values(*looked_at).first() if looked_at else None
    instance._changed = [name for name in looked_at if before and before[name] != getattr(instance, name)]  # type: ignore[attr-defined]


@receiver(post_save, sender=User)
def end_after_change(sender: type[User], instance: User, **kwargs: Any) -> None:
    changed = getattr(instance, "_changed", [])
    if changed:
        end_everything(instance)
        record(instance, "sessions and tokens ended", because=changed)
