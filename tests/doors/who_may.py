"""Who may what, by address and method: the whole of it, and short enough to be read.

`NEEDS` names what a request needs; `outcome` says what follows for a role and an object. An address that is
not in `NEEDS` fails the test that tries them all: whoever adds one says here who may.
"""

from __future__ import annotations

from typing import Literal

Outcome = Literal["open", "closed", "refused", "signed out"]
ROLES = ("anonymous", "viewer", "contributor", "steward", "administrator")
# Of a dataset: the role's own, shared with it without personal values, of somebody else, of nobody, and its
# own whose only version is still on its way.
KINDS = ("own", "shared", "foreign", "absent", "pending")

# What is needed of whoever asks, whatever for.
ANYBODY = "anybody"
LEAVE = "leave"  # leads to the page for signing in
PERSON = "person"  # is signed in
UPLOAD = "upload"  # may upload: all but viewers
CURATE = "curate"  # steward or administrator
WATCH = "watch"  # looks after the platform: the same
# What is needed of the dataset that the address names.
SEE = "see"
VERSION = "see a version that is governed to its end"
VALUES = "see all values of such a version"
CHANGE = "change"
CHANGE_VERSION = "change such a version"
CHANGE_OWN = "change, and be its owner"
OWNER = "be its owner, and it is there"
CURATE_SEEN = "curate, and see it"
SEEN_CURATED = "see it, and curate"
MINE = "have made it oneself"
MY_UPLOAD = "may upload, and have made it oneself"

_API = "api/v1/datasets/<uuid:dataset_id>"
_PAGE = "datasets/<uuid:dataset_id>"
_JOB = "jobs/<uuid:job_id>"

NEEDS: dict[str, dict[str, str]] = {
    # Pages
    "": {"GET": ANYBODY},
    "favicon.ico": {"GET": ANYBODY},
    "healthz": {"GET": ANYBODY},
    "accounts/login/": {"GET": ANYBODY, "POST": ANYBODY},
    "accounts/logout/": {"POST": LEAVE},
    "admin/password_change/": {"GET": ANYBODY},
    "account/": {"GET": PERSON},
    "account/password": {"POST": PERSON},
    "account/tokens": {"POST": PERSON},
    "account/sessions/<uuid:session_id>/end": {"POST": MINE},
    "account/tokens/<uuid:token_id>/revoke": {"POST": MINE},
    "datasets/": {"GET": PERSON},
    "datasets/upload": {"GET": PERSON, "POST": PERSON},
    f"{_PAGE}/": {"GET": SEE},
    f"{_PAGE}/versions/<int:number>/": {"GET": VERSION},
    f"{_PAGE}/versions/<int:number>/rows/": {"GET": VERSION, "POST": VERSION},
    f"{_PAGE}/versions/<int:number>/restore": {"POST": CHANGE_VERSION},
    f"{_PAGE}/versions/<int:number>/delete": {"POST": CHANGE_VERSION},
    f"{_PAGE}/compare/": {"GET": SEE},
    "datasets/tray": {"GET": PERSON},
    "datasets/uploads/<uuid:upload_id>/": {"GET": MY_UPLOAD, "POST": MY_UPLOAD},
    f"{_PAGE}/share": {"POST": CHANGE},
    f"{_PAGE}/unshare": {"POST": CHANGE},
    f"{_PAGE}/subject": {"POST": CHANGE},
    f"{_PAGE}/figures/renew": {"POST": CHANGE},
    f"{_PAGE}/keep": {"POST": CHANGE},
    # To make the catalog's owner the owner here is for the owner and administrators: tests/governance/sync.
    f"{_PAGE}/owner": {"POST": CHANGE},
    f"{_PAGE}/delete": {"POST": CHANGE},
    f"{_PAGE}/columns/<int:column_id>/open": {"POST": OWNER},
    f"{_JOB}/": {"GET": SEE},
    # It says by a message that the reader may not.
    f"{_JOB}/retry": {"POST": SEE},
    f"{_JOB}/cancel": {"POST": CHANGE},
    f"{_JOB}/pause": {"POST": CHANGE},
    f"{_JOB}/resume": {"POST": CHANGE},
    "ask/": {"GET": PERSON, "POST": PERSON},
    "ask/examples": {"GET": PERSON},
    "ask/<uuid:question_id>/": {"GET": SEE},
    "ask/<uuid:question_id>/answer.csv": {"GET": SEE},
    "ask/<uuid:question_id>/verify": {"POST": CURATE_SEEN},
    "ask/verified/": {"GET": PERSON},
    "ask/verified/<int:verified_id>/withdraw": {"POST": SEEN_CURATED},
    "ask/stream": {"POST": PERSON},
    "review/": {"GET": CURATE, "POST": CURATE},
    "review/dry-run/": {"GET": CURATE},
    "metrics": {"GET": WATCH},
    "operations/": {"GET": WATCH},
    "operations/reconcile": {"POST": WATCH},
    # For programs
    "api/v1/tokens": {"POST": ANYBODY, "DELETE": PERSON},
    "api/v1/system/config/jwks": {"GET": ANYBODY},
    "api/v1/schema": {"GET": PERSON},
    "api/v1/docs": {"GET": PERSON},
    "api/v1/tickets": {"POST": PERSON},
    "api/v1/ask": {"POST": PERSON},
    "api/v1/ask/<uuid:question_id>": {"GET": SEE},
    "api/v1/ask/<uuid:question_id>/answer.csv": {"GET": SEE},
    "api/v1/ask/<uuid:question_id>/verify": {"POST": CURATE_SEEN},
    "api/v1/ask/verified": {"GET": PERSON},
    "api/v1/ask/verified/<int:verified_id>": {"DELETE": SEEN_CURATED},
    "api/v1/review/": {"GET": CURATE},
    "api/v1/review/decisions": {"POST": CURATE},
    "api/v1/datasets/": {"GET": PERSON},
    "api/v1/datasets/upload": {"POST": UPLOAD},
    "api/v1/datasets/preview": {"POST": UPLOAD},
    "api/v1/uploads/<uuid:upload_id>/keep": {"POST": MY_UPLOAD},
    _API: {"GET": SEE, "PATCH": CHANGE, "DELETE": CHANGE},
    f"{_API}/columns": {"GET": SEE},
    f"{_API}/profile": {"GET": SEE},
    f"{_API}/versions": {"GET": SEE},
    f"{_API}/versions/<int:number>": {"DELETE": CHANGE_VERSION},
    f"{_API}/versions/<int:number>/restore": {"POST": CHANGE_VERSION},
    f"{_API}/compare": {"GET": SEE},
    f"{_API}/protection": {"GET": SEE, "PATCH": CHANGE},
    f"{_API}/protection/renew": {"POST": CHANGE_OWN},
    f"{_API}/rows": {"GET": VERSION},
    f"{_API}/rows.csv": {"GET": VERSION},
    f"{_API}/file": {"GET": VALUES},
    f"{_API}/grants": {"GET": CHANGE, "POST": CHANGE},
    f"{_API}/grants/<str:username>": {"DELETE": CHANGE},
    "api/v1/jobs/": {"GET": PERSON},
    f"api/v1/{_JOB}": {"GET": SEE},
    f"api/v1/{_JOB}/events": {"GET": SEE},
    f"api/v1/{_JOB}/cancel": {"POST": CHANGE},
    f"api/v1/{_JOB}/pause": {"POST": CHANGE},
    f"api/v1/{_JOB}/resume": {"POST": CHANGE},
    f"api/v1/{_JOB}/retry": {"POST": CHANGE},
    "api/v1/uploads/": {"POST": UPLOAD},
    "api/v1/uploads/<uuid:upload_id>": {"PATCH": MY_UPLOAD, "HEAD": MY_UPLOAD, "DELETE": MY_UPLOAD},
}


def outcome(need: str, role: str, kind: str, *, by_api: bool) -> Outcome:
    """What a request that needs this comes to. What one may not know of is closed as if it were absent."""
    if need == ANYBODY:
        return "open"
    if role == "anonymous" or need == LEAVE:
        return "signed out"
    curates, uploads = role in {"steward", "administrator"}, role != "viewer"
    match need:
        case "person":
            return "open"
        case "upload":
            return "open" if uploads else "refused"
        case "curate" | "watch":
            return "open" if curates else "refused"
        case "curate, and see it" if not curates:
            return "refused"
    is_own = kind in {"own", "pending"}
    if need == MY_UPLOAD and not uploads:
        return "refused"
    if need in {MINE, MY_UPLOAD}:
        return "open" if is_own else "closed"
    sees = kind != "absent" and (is_own or kind == "shared" or curates)
    if not sees:
        return "closed"
    match need:
        case "see" | "curate, and see it":
            return "open"
        case "see it, and curate":
            return "open" if curates else "refused"
        case "change, and be its owner":
            return "open" if is_own and uploads else "refused"
        case "change such a version" if kind == "pending":
            return "closed" if curates or uploads or not by_api else "refused"
        case "change" | "change such a version":
            changes = curates or (is_own and uploads)
            return "open" if changes else "refused" if by_api else "closed"
    if need == OWNER:
        return "open" if is_own or role == "administrator" else "closed"
    if kind == "pending":
        return "closed"
    return "open" if need == VERSION or is_own else "refused"
