"""The client: bounded in time and size whatever the server does, and no trace of what was sent in the log."""

from __future__ import annotations

import datetime
import gzip
import logging
import ssl
import threading
import time
from pathlib import Path
from types import SimpleNamespace

import httpx
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from django.conf import LazySettings

from promptiq.language_model import breaker as breaker_module
from promptiq.language_model.breaker import Breaker
from promptiq.language_model.client import Failed, LanguageModel, Message, Slow
from promptiq.language_model.conversation import Conversation, begin, language_model
from tests.language_model_double import (
    Drip,
    Endless,
    Error,
    HangUp,
    LanguageModelDouble,
    Raw,
    Redirect,
    Reply,
    Say,
    Sleep,
)
from tests.running import free_port

SECRET = "worker7@post.example"
MESSAGES: list[Message] = [
    {"role": "system", "content": "Answer in JSON."}, {"role": "user", "content": SECRET},
]  # fmt: skip
FAILURES: dict[str, Reply] = {
    "sleeps": Sleep(20),
    "drips its body": Drip(0.05),
    "drips its headers": Drip(0.05, headers=True),
    "never ends": Endless(),
    "hangs up": HangUp(),
    "400": Error(400),
    "401": Error(401),
    "404": Error(404),
    "429": Error(429),
    "500": Error(500),
    "503": Error(503),
    "a page": Raw(200, b"<html>Sign in</html>", (("Content-Type", "text/html"),)),
    "nothing": Raw(200, b""),
    "no JSON": Raw(200, b'{"choices": ['),
    "deep JSON": Raw(200, b'{"choices":' * 50_000),
    "no choices": Raw(200, b'{"choices": []}'),
    "other choices": Raw(200, b'{"choices": {"message": 1}}'),
    "a list": Raw(200, b"[]"),
    "null": Raw(200, b"null"),
    "text in parts": Raw(200, b'{"choices": [{"message": {"content": [{"text": "{}"}]}}]}'),
    "no UTF-8": Raw(200, b'{"choices": "\xff\xfe"}'),
    "10 MB": Raw(200, b'{"choices": [{"message": {"content": "' + b"x" * 10_000_000 + b'"}}]}'),
    "compressed": Raw(200, gzip.compress(b"{}" * 1000), (("Content-Encoding", "gzip"),)),
    "no content": Raw(204, b""),
}


def asked(model: LanguageModel | None, seconds: float = 1) -> Conversation:
    assert model
    return Conversation(model, seconds)


def test_what_is_sent(double: LanguageModelDouble) -> None:
    double.reply = Say({"a": 1})
    conversation = begin()
    assert conversation is not None
    assert conversation.answer(MESSAGES) == {"a": 1}
    (request,) = double.requests
    assert request.headers["authorization"] == "Bearer a-key-of-ours"
    assert request.headers["accept-encoding"] == "identity"
    assert request.body["messages"] == MESSAGES
    assert (request.body["model"], request.body["temperature"]) == ("double-1", 0)
    assert request.body["response_format"] == {"type": "json_object"}
    assert (conversation.asked, conversation.name) == (True, "double-1")


def test_none_is_configured_by_default() -> None:
    assert language_model() is None
    assert begin() is None


def test_a_server_without_formats_is_asked_without_them_from_then_on(double: LanguageModelDouble) -> None:
    double.knows_formats, double.reply = False, Say('Sure:\n```json\n{"a": 1}\n```\nAnything else?')
    assert asked(language_model()).answer(MESSAGES) == {"a": 1}
    assert asked(language_model()).answer(MESSAGES) == {"a": 1}
    assert ["response_format" in request.body for request in double.requests] == [True, False, False]
    assert set(double.requests[-1].body) == {"model", "messages"}


def test_a_broken_connection_is_tried_once_more(double: LanguageModelDouble) -> None:
    double.reply = HangUp(1, Say({"a": 1}))
    assert asked(language_model()).answer(MESSAGES) == {"a": 1}
    assert len(double.requests) == 2
    double.requests.clear()
    double.reply = HangUp()
    assert asked(language_model()).answer(MESSAGES) is None
    assert len(double.requests) == 2


@pytest.mark.parametrize("failure", FAILURES)
def test_whatever_the_server_does_ends_in_time_without_an_answer_or_a_trace(
    failure: str, double: LanguageModelDouble, caplog: pytest.LogCaptureFixture
) -> None:
    double.reply = FAILURES[failure]
    model = language_model()
    start = time.monotonic()
    with caplog.at_level(logging.DEBUG):
        assert asked(model, seconds=0.8).answer(MESSAGES) is None
    assert time.monotonic() - start < 4
    assert len(double.requests) <= 2
    ours = [record.getMessage() for record in caplog.records if record.name.startswith("promptiq")]
    assert len(ours) == 1
    assert ours[0].startswith("The language model at LLM_BASE_URL is not called for a while: ")
    said = "\n".join(record.getMessage() for record in caplog.records)
    assert SECRET not in said
    assert double.key not in said
    assert model
    assert model.breaker.is_open


def test_redirects_are_not_followed(double: LanguageModelDouble) -> None:
    with LanguageModelDouble() as elsewhere:
        double.reply = Redirect(f"{elsewhere.url}/chat/completions")
        assert asked(language_model()).answer(MESSAGES) is None
        assert elsewhere.requests == []


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1:{port}/v1", "http://no.such.host.invalid/v1", "http://[::1", "ftp://127.0.0.1"]
)
def test_a_server_that_is_not_there(url: str) -> None:
    model = LanguageModel(url.format(port=free_port()), "m")
    start = time.monotonic()
    with pytest.raises(Failed):
        model.complete(MESSAGES, 1)
    assert time.monotonic() - start < 4
    assert not model.answers()


@pytest.fixture
def certificate(tmp_path: Path) -> Path:
    """Of a name that nobody trusts."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "double")])
    now = datetime.datetime.now(datetime.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name).issuer_name(name).public_key(key.public_key())
        .serial_number(1).not_valid_before(now).not_valid_after(now + datetime.timedelta(hours=1))
        .sign(key, hashes.SHA256())
    )  # fmt: skip
    path = tmp_path / "certificate.pem"
    path.write_bytes(
        made.public_bytes(serialization.Encoding.PEM)
        + key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    return path


def test_a_certificate_that_nobody_vouches_for(certificate: Path) -> None:
    with LanguageModelDouble(certificate=certificate) as server:
        with pytest.raises(Failed):
            LanguageModel(server.url, server.model).complete(MESSAGES, 2)
        assert server.requests == []
        # The same server is fine for a client that trusts the certificate: it is this that was refused.
        trusting = ssl.create_default_context(cafile=str(certificate))
        trusting.check_hostname = False
        assert httpx.get(f"{server.url}/models", verify=trusting).status_code == 200


# --- the breaker


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    now = [1000.0]
    monkeypatch.setattr(breaker_module, "time", SimpleNamespace(monotonic=lambda: now[0]))
    return now


def test_after_a_failure_one_caller_tries_and_the_others_wait(clock: list[float]) -> None:
    breaker = Breaker(pause=30)
    assert breaker.admits()
    breaker.failed()
    assert breaker.is_open
    clock[0] += 29.9
    assert not breaker.admits()
    clock[0] += 0.2
    assert [breaker.admits(), breaker.admits()] == [True, False]
    breaker.succeeded()
    assert not breaker.is_open
    assert [breaker.admits(), breaker.admits()] == [True, True]


def test_a_trial_that_never_ends_is_followed_by_another(clock: list[float]) -> None:
    breaker = Breaker(pause=30)
    breaker.failed()
    clock[0] += 31
    assert breaker.admits()
    clock[0] += 31
    assert breaker.admits()


def test_a_dead_server_is_not_asked_again_for_a_while(double: LanguageModelDouble) -> None:
    double.reply = Sleep(20)
    model = language_model()
    assert asked(model, seconds=0.6).answer(MESSAGES) is None
    start = time.monotonic()
    for _ in range(50):
        later = asked(model, seconds=0.6)
        assert later.answer(MESSAGES) is None
        assert not later.asked
    assert time.monotonic() - start < 0.5
    assert len(double.requests) == 1
    # Once its pause is over it is asked again.
    assert model
    model.breaker._closed_again = time.monotonic()
    double.reply = Say({"a": 1})
    assert asked(model).answer(MESSAGES) == {"a": 1}
    assert not model.breaker.is_open


def test_nonsense_is_no_reason_to_leave_a_server_alone(double: LanguageModelDouble) -> None:
    double.reply = Say("I am sorry, I cannot do that.")
    model = language_model()
    assert asked(model).answer(MESSAGES) is None
    assert model
    assert not model.breaker.is_open


def test_all_calls_for_one_question_share_one_budget(double: LanguageModelDouble) -> None:
    double.reply = Sleep(0.7, Say({"a": 1}))
    model = language_model()
    conversation = asked(model, seconds=1.5)
    start = time.monotonic()
    assert conversation.answer(MESSAGES) == {"a": 1}
    double.reply = Sleep(20)
    assert conversation.answer(MESSAGES) is None
    assert 1.2 < time.monotonic() - start < 5
    assert conversation.answer(MESSAGES) is None
    assert len(double.requests) == 2, "what is left is not worth beginning"
    assert model
    assert not model.breaker.is_open, "too slow for the rest of a budget is no sign that it is away"


def test_several_threads_at_once(double: LanguageModelDouble) -> None:
    double.reply = Sleep(0.2, Say({"a": 1}))
    found: list[object] = []
    threads = [
        threading.Thread(target=lambda: found.append(asked(language_model(), 3).answer(MESSAGES)))
        for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [{"a": 1}] * 8


def test_slow_is_told_apart_from_broken(double: LanguageModelDouble, settings: LazySettings) -> None:
    double.reply = Sleep(20)
    model = language_model()
    assert model
    with pytest.raises(Slow):
        model.complete(MESSAGES, 0.3)
    assert model.answers()
    settings.LLM_API_KEY = "another"
    other = language_model()
    assert other
    assert not other.answers(), "it lists its models to nobody without the key"
