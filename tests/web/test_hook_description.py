"""The description of the webhooks is true: what it says is what the running endpoints do."""

import json
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest
import schemathesis
from hypothesis import HealthCheck, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    negative_data_rejection,
    response_schema_conformance,
    status_code_conformance,
)
from standardwebhooks import Webhook

from tests.web.web_site import HOOK_SECRET, Site
from web.hook_bodies import LEAD_FIELDS, TOUCHPOINT_FIELDS
from web.hook_description import FILE, describe, written
from web.limits import RateLimit


def _without_headers() -> dict[str, Any]:
    """Return the description without the signature's headers, which every message of these tests gets rightly."""
    description = describe()
    for path in description["paths"].values():
        del path["post"]["parameters"]
    return description


API = schemathesis.openapi.from_dict(_without_headers())
CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]


@pytest.fixture(autouse=True)
def _patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """A test asks more often than anybody would."""
    monkeypatch.setattr(RateLimit, "wait_seconds", lambda *_: 0)


def _schema(name: str) -> dict[str, Any]:
    return describe()["components"]["schemas"][name]  # type: ignore[no-any-return]


def test_the_file_is_what_the_program_says(door: Site) -> None:
    """The one in docs/ is written by `python -m web.hook_description`, and a running Baton serves the same."""
    assert FILE.read_text() == written()
    assert door.http.get("/hooks/openapi.json").json() == json.loads(written())


def test_every_field_that_is_read_is_described() -> None:
    """No more, no fewer."""
    assert set(_schema("Lead")["properties"]) == set(LEAD_FIELDS)
    assert set(_schema("Touchpoint")["properties"]) == set(TOUCHPOINT_FIELDS)


@pytest.mark.parametrize(("path", "schema"), [("leads", "Lead"), ("touchpoints", "Touchpoint")])
def test_the_lengths_are_those_that_are_checked(tanaka: Site, path: str, schema: str) -> None:
    """A text of the described length is taken, one more sign is 422 at that field."""
    right = {"lead": "L-1", "kind": "call"} if path == "touchpoints" else {"external_id": "crm-77"}
    for field, kind in _schema(schema)["properties"].items():
        limit = kind.get("maxLength")
        if limit is None or field in {"email", "phone"}:
            continue
        assert tanaka.hook(path, {**right, field: "x" * limit}).status_code < 300, field
        refused = tanaka.hook(path, {**right, field: "x" * (limit + 1)})
        assert (refused.status_code, refused.json()["field"]) == (422, field)


@pytest.mark.parametrize(("path", "schema"), [("leads", "Lead"), ("touchpoints", "Touchpoint")])
def test_every_word_that_is_described_is_taken(tanaka: Site, path: str, schema: str) -> None:
    """The closed sets, as the description lists them."""
    right = {"lead": "L-1", "kind": "call"} if path == "touchpoints" else {"external_id": "crm-77"}
    for field, kind in _schema(schema)["properties"].items():
        for word in kind.get("examples", ()):
            assert tanaka.hook(path, {**right, field: word}).status_code < 300, (field, word)


@API.parametrize()
@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
def test_signed_messages_are_answered_as_described(case: schemathesis.Case[Any], barrel: Site) -> None:
    """Whatever fits the description or does not: an answer that it names, of the form that it says, and never a crash."""
    _send(case, barrel, [*CHECKS, negative_data_rejection])


def _send(case: schemathesis.Case[Any], site: Site, checks: list[Any]) -> None:
    request = case.as_transport_kwargs(base_url=str(site.http.base_url))
    body = request.get("json", request.get("data", b""))
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    at = datetime.now(UTC)
    site.sent += 1
    message_id = f"case_{site.sent}"
    headers = {"content-type": "application/json", "webhook-id": message_id, "webhook-timestamp": str(int(at.timestamp())),
               "webhook-signature": Webhook(HOOK_SECRET).sign(message_id, at, raw.decode(errors="replace"))}  # fmt: skip
    case.headers.update(headers)
    answer = site.http.request(case.method, case.formatted_path, content=raw, headers=headers)
    case.validate_response(answer, checks=checks)


@pytest.fixture
def tanaka(site: Site) -> Site:
    """A site that knows somebody as L-1."""
    assert site.hook("leads", {"name": "田中", "external_id": "crm-77"}).status_code == 201
    return site


def test_unsigned_messages_are_all_refused(door: Site) -> None:
    """The same in every wrong way: forged, replayed, cut, huge; an answer with a reason, and nothing saved."""
    body = json.dumps({"name": "Mallory"}).encode()
    wrong: list[httpx.Response] = [
        door.http.post("/hooks/leads", content=body),
        door.hook("leads", body, age=400),
        door.hook("leads", {"name": "x" * 70_000}),
    ]
    assert [answer.status_code for answer in wrong] == [401, 401, 413]
    assert all(answer.json()["error"] for answer in wrong)
    assert door.leads() == []
