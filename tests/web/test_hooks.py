"""Other systems report leads and contacts: only with a secret, once each, and nothing they send is a crash."""

import base64
import hashlib
import logging
import sqlite3
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from sqlalchemy import update
from sqlmodel import col
from standardwebhooks import Webhook

from models.handoff import Handoff
from models.lead import Consent, Lead, LeadKind, Outcome, Source, Stage
from models.records import Change, ChangeKind, Receipt
from models.touchpoint import Direction, Touchpoint, TouchpointKind
from services.records import is_first
from settings import SettingsError
from tests.postgres import fresh_url
from tests.web.web_site import HOOK_SECRET, NOW, OLD_HOOK_SECRET, Site, open_site
from web import hooks
from web.hooks import read_secrets
from web.limits import RateLimit

TANAKA = {
    "name": "田中 一郎",
    "company": "青葉商事",
    "title": "部長",
    "email": "Ichiro.Tanaka@Aoba.example",
    "phone": "045-555-0142",
    "external_id": "crm-77",
    "source": "展示会",
    "campaign": "EXPO 2026",
    "note": "来週また電話",
    "consent": True,
}


BUSY_ANSWERS = ("baton_requests_total", {"kind": "hook", "outcome": "busy"})


@pytest.fixture(autouse=True)
def _patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """A test asks more often than anybody would."""
    monkeypatch.setattr(RateLimit, "wait_seconds", lambda *_: 0)


@pytest.fixture
def tanaka(site: Site) -> Site:
    """A site that knows Tanaka-san as L-1."""
    assert site.hook("leads", TANAKA).status_code == 201
    return site


def _change_lead(site: Site, **values: Any) -> None:
    with site.database.write() as session:
        session.execute(update(Lead).values(**values))


def _refusal(response: Any) -> tuple[int, str]:
    return response.status_code, response.json().get("field", "")


# Who may


def test_a_signed_lead_is_added(site: Site) -> None:
    """By no member, with its keys folded and its adding on record."""
    response = site.hook("leads", TANAKA)
    assert (response.status_code, response.json()) == (201, {"lead": "L-1", "status": "added"})
    (lead,) = site.leads()
    assert (lead.name, lead.company, lead.email) == ("田中 一郎", "青葉商事", "Ichiro.Tanaka@Aoba.example")
    assert (lead.email_key, lead.phone_key) == ("ichiro.tanaka@aoba.example", "+81455550142")
    assert (lead.source, lead.consent, lead.consent_at) == (Source.TRADE_SHOW, Consent.YES, NOW)
    assert (lead.stage, lead.created_by_id, lead.marketer_id) == (Stage.INQUIRY, None, None)
    assert [change.kind for change in site.rows(Change)] == [ChangeKind.ADDED]


@pytest.mark.parametrize("secret", [HOOK_SECRET, OLD_HOOK_SECRET])
def test_each_secret_verifies_while_they_are_rotated(site: Site, secret: str) -> None:
    """The old one is taken until it is removed."""
    assert site.hook("leads", TANAKA, secret=secret).status_code == 201


@pytest.mark.parametrize("headers", [
    {},
    {"webhook-signature": "v1,"},
    {"webhook-signature": "v1"},
    {"webhook-signature": "v1,%%%"},
    {"webhook-signature": "v1,a"},
    {"webhook-signature": "v1,é"},
    {"webhook-signature": "v2,abc v1"},
    {"webhook-signature": "," * 5000},
    {"webhook-timestamp": "nan"},
    {"webhook-timestamp": "1e9"},
    {"webhook-timestamp": "9" * 300},
    {"webhook-timestamp": ""},
    {"webhook-id": ""},
    {"webhook-id": "é"},
    {"webhook-id": "x" * 300},
    {"webhook-id": "msg_2"},
])  # fmt: skip
def test_a_forged_request_is_refused(door: Site, headers: dict[str, str]) -> None:
    """Nothing is read, let alone saved; malformed headers are 401 and not 500."""
    body = b'{"name": "Mallory"}'
    at = datetime.now(UTC)
    right = {"webhook-id": "msg_1", "webhook-timestamp": str(int(at.timestamp())),
             "webhook-signature": Webhook(HOOK_SECRET).sign("msg_1", at, body.decode())}  # fmt: skip
    sent = {name.encode(): value.encode() for name, value in {**right, **headers}.items()} if headers else {}
    assert door.http.post("/hooks/leads", content=body, headers=sent).status_code == 401
    refused = door.http.post("/hooks/touchpoints", content=body, headers=sent)
    assert refused.status_code == 401
    assert refused.json() == {"error": "not signed with a secret of HOOK_SECRET, or more than 5 minutes old"}
    assert door.leads() == []


def test_a_foreign_secret_and_a_changed_body_are_refused(door: Site) -> None:
    """The signature covers every byte."""
    foreign = "whsec_" + base64.b64encode(b"somebody else's 24 bytes").decode()
    assert door.hook("leads", TANAKA, secret=foreign).status_code == 401
    at = datetime.now(UTC)
    headers = {"webhook-id": "msg_1", "webhook-timestamp": str(int(at.timestamp())),
               "webhook-signature": Webhook(HOOK_SECRET).sign("msg_1", at, '{"name": "A"}')}  # fmt: skip
    assert door.http.post("/hooks/leads", content=b'{"name": "B"}', headers=headers).status_code == 401
    assert door.leads() == []


@pytest.mark.parametrize("age", [305, -305])
def test_a_replay_of_another_time_is_refused(door: Site, age: float) -> None:
    """Five minutes of real time, to either side."""
    assert door.hook("leads", TANAKA, age=age).status_code == 401


def test_a_body_that_is_not_utf8_is_refused(door: Site) -> None:
    """It cannot have been signed."""
    assert door.hook("leads", b'{"name": "\xff"}').status_code == 401


def test_without_a_secret_there_are_no_hooks(serve: Callable[..., Site]) -> None:
    """Switched off, they are not there."""
    site = serve(HOOK_SECRET=None)
    assert site.hook("leads", TANAKA).status_code == 404
    assert site.hook("touchpoints", {}).status_code == 404


@pytest.mark.parametrize("value", [",", "whsec_", "whsec_abcde", "whsec_é", f"{HOOK_SECRET},whsec_"])
def test_a_malformed_secret_ends_the_start(value: str) -> None:
    """The text names the variable and does not hold the secret."""
    with pytest.raises(SettingsError) as refusal:
        read_secrets(value)
    words = "HOOK_SECRET is malformed: set it to whsec_ and base64, several separated by commas"
    assert str(refusal.value) == words


# How often and how much


def test_a_repeat_changes_nothing(site: Site) -> None:
    """The sender did not hear our answer and sends the same id again."""
    first = site.hook("leads", TANAKA, message_id="msg_x")
    again = site.hook("leads", {**TANAKA, "note": "other", "external_id": "crm-78"}, message_id="msg_x")
    assert (
        (first.status_code, first.json())
        == (again.status_code, again.json())
        == (201, {"lead": "L-1", "status": "added"})
    )
    assert (len(site.leads()), len(site.rows(Change))) == (1, 1)


def test_a_repeat_of_what_was_kept_without_its_answer_is_told_so(site: Site) -> None:
    """Receipts from before the answers were kept hold none."""
    key = "hook:" + hashlib.sha256(b"msg_x").hexdigest()
    with site.database.write() as session:
        assert is_first(session, site.workspace_id, key, NOW)
    answer = site.hook("leads", TANAKA, message_id="msg_x")
    assert (answer.status_code, answer.json(), site.leads()) == (200, {"status": "repeated"}, [])


def test_each_outcome_is_counted(site: Site) -> None:
    """Done, repeated and refused, under those words and with the time that each took."""

    def counts() -> list[float]:
        read = site.metrics.registry.get_sample_value
        outcomes = ("done", "repeated", "refused")
        counted = [read("baton_requests_total", {"kind": "hook", "outcome": word}) for word in outcomes]
        return [count or 0 for count in [*counted, read("baton_ack_seconds_sum", {"kind": "hook"})]]

    before = counts()
    site.hook("leads", TANAKA, message_id="msg_counted")
    site.hook("leads", TANAKA, message_id="msg_counted")
    site.hook("touchpoints", {"lead": "L-1", "kind": "call"})
    site.hook("leads", {"email": "nonsense"})
    site.hook("leads", b"{")
    *outcomes, seconds = (after - then for after, then in zip(counts(), before, strict=True))
    assert outcomes == [2, 1, 2]
    assert 0 < seconds < 60


def test_what_was_refused_may_be_sent_again_with_the_same_id(site: Site) -> None:
    """Only what was carried out is a repeat."""
    assert site.hook("leads", {"email": "nonsense"}, message_id="msg_x").status_code == 422
    assert site.rows(Receipt) == []
    assert site.hook("leads", TANAKA, message_id="msg_x").status_code == 201


def test_many_repeats_at_once_add_one_lead(site: Site) -> None:
    """Eight threads send one message; one of them adds."""
    with ThreadPoolExecutor(8) as senders:
        answers = list(senders.map(lambda _: site.hook("leads", TANAKA, message_id="msg_x"), range(8)))
    assert {(answer.status_code, answer.text) for answer in answers} == {(201, '{"lead":"L-1","status":"added"}')}
    assert len(site.leads()) == 1


def test_a_body_over_64_kilobytes_is_refused(door: Site) -> None:
    """Before the signature is looked at."""
    assert door.hook("leads", {"name": "x" * 65_536}).status_code == 413
    assert door.http.post("/hooks/touchpoints", content=b"x" * 2_000_000).status_code == 413


def test_who_knocks_too_often_is_slowed_down(monkeypatch: pytest.MonkeyPatch, serve: Callable[..., Site]) -> None:
    """From one address, signed or not: beyond the burst it is told when to come back."""
    monkeypatch.undo()
    monkeypatch.setattr(hooks, "KNOCKS", 5)
    monkeypatch.setattr(hooks, "KNOCKS_PER_SECOND", 0.5)
    site = serve()
    answers = [site.http.post("/hooks/leads", content=b"{}") for _ in range(7)]
    assert [answer.status_code for answer in answers] == [401] * 5 + [429] * 2
    assert answers[-1].headers["retry-after"] in {"1", "2"}
    assert answers[-1].json() == {"error": "too many requests"}
    assert site.http.get("/healthz").status_code == 200


def test_an_eager_sender_does_not_slow_down_the_others(
    monkeypatch: pytest.MonkeyPatch, serve: Callable[..., Site]
) -> None:
    """Each secret has a measure of its own, though all come from one proxy."""
    monkeypatch.undo()
    monkeypatch.setattr(hooks, "BURST", 5)
    monkeypatch.setattr(hooks, "PER_SECOND", 0.1)
    site = serve()
    answers = [site.hook("leads", {"name": f"A{n}"}) for n in range(7)]
    assert [answer.status_code for answer in answers] == [201] * 5 + [429] * 2
    assert 1 <= int(answers[-1].headers["retry-after"]) <= 10
    assert site.hook("leads", {"name": "B"}, secret=OLD_HOOK_SECRET).status_code == 201


@pytest.mark.sqlite
def test_a_busy_database_says_when_to_come_back(site: Site) -> None:
    """503, nothing was saved, and the same message is taken later."""
    path = site.database.engine.url.database or ""
    read = site.metrics.registry.get_sample_value
    refused_before, busy_before = read(*BUSY_ANSWERS) or 0, read("baton_database_busy_total") or 0
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        answer = site.hook("leads", TANAKA, message_id="msg_x")
        assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")
        assert answer.json() == {"error": "busy, nothing was saved"}
        other.execute("ROLLBACK")
    assert read(*BUSY_ANSWERS) == refused_before + 1
    assert read("baton_database_busy_total") == busy_before + 1
    assert site.hook("leads", TANAKA, message_id="msg_x").status_code == 201


# What a lead may be


@pytest.mark.parametrize(
    ("body", "status"),
    [(b"", 400), (b"{", 400), (b"[]", 400), (b'"x"', 400), (b"null", 400), (b'{"name": NaN}', 400),
     (b"[" * 60_000, 400), (b'{"a":' * 10_000, 400), (b'{"name": 1' + b"0" * 5000 + b"}", 400),
     (b"\xef\xbb\xbf{}", 400), (b"{}", 422), (b'{"name": "  "}', 422), (b'{"name": null}', 422)],
)  # fmt: skip
@pytest.mark.parametrize("path", ["leads", "touchpoints"])
def test_what_is_no_json_object_is_refused(door: Site, path: str, body: bytes, status: int) -> None:
    """With the reason, and never with a crash."""
    response = door.hook(path, body)
    assert response.status_code == status
    assert response.json()["error"]


@pytest.mark.parametrize(
    ("field", "value"),
    [("name", 5), ("name", ["x"]), ("company", {}), ("email", True), ("phone", 9012345678), ("external_id", 1.5),
     ("external_id", False), ("consent", "perhaps"), ("consent", 1), ("source", "no such source"), ("note", []),
     ("email", "nonsense"), ("lead_kind", "friend"), ("lead_kind", True), ("phone", "なし"), ("name", "x" * 101), ("note", "x" * 1001), ("external_id", "x" * 201),
     ("色", "x" * 1001)],
)  # fmt: skip
def test_a_field_that_cannot_be_used_is_named(door: Site, field: str, value: Any) -> None:
    """Nothing is saved of it."""
    response = door.hook("leads", {"name": "田中", field: value})
    assert _refusal(response) == (422, field)
    assert response.json()["error"].startswith(f"{field}: ")
    assert door.leads() == []


def test_a_word_that_is_nearly_known_is_suggested(door: Site) -> None:
    """A slip in the sender's mapping is quickly found."""
    assert 'perhaps "seminar"?' in door.hook("leads", {"name": "A", "source": "semminar"}).json()["error"]


@pytest.mark.parametrize(
    ("field", "value", "error"),
    [("name", "x" * 101, "name: is longer than 100 characters"), ("email", "nonsense", "email: is not an e-mail address"),
     ("source", "@@@", "source: is none of the words known here")],
)  # fmt: skip
def test_a_refusal_says_what_is_wrong(door: Site, field: str, value: str, error: str) -> None:
    """In a sentence, for whoever set the sender up."""
    assert door.hook("leads", {"name": "田中", field: value}).json() == {"error": error, "field": field}


def test_nobody_is_refused(door: Site) -> None:
    """A company alone is no person."""
    assert _refusal(door.hook("leads", {"company": "青葉商事"})) == (422, "name")


def test_an_external_id_may_be_a_number(site: Site) -> None:
    """Databases number their rows."""
    assert site.hook("leads", {"external_id": 4711}).status_code == 201
    assert site.hook("leads", {"external_id": "4711"}).json() == {"lead": "L-1", "status": "known"}
    assert site.leads()[0].external_id == "4711"


def test_a_customer_is_told_from_a_prospect(site: Site) -> None:
    """Who buys already goes dormant later; a prospect who has bought becomes one, and whom nobody calls one stays one."""
    site.hook("leads", {"name": "新規 太郎", "email": "new@x.example", "lead_kind": "prospect"})
    site.hook("leads", {"name": "既存 花子", "email": "old@x.example", "lead_kind": "既存顧客"})
    prospect, customer = site.leads()
    assert (prospect.kind, customer.kind) == (LeadKind.PROSPECT, LeadKind.CUSTOMER)
    assert prospect.dormant_at is not None
    assert customer.dormant_at is not None
    assert customer.dormant_at > prospect.dormant_at
    site.hook("leads", {"email": "new@x.example", "lead_kind": "customer"})
    site.hook("leads", {"email": "old@x.example", "lead_kind": "prospect"})
    site.hook("leads", {"email": "old@x.example", "title": "課長"})
    bought, still = site.leads()
    assert (bought.kind, still.kind) == (LeadKind.CUSTOMER, LeadKind.CUSTOMER)
    assert bought.dormant_at == customer.dormant_at
    assert bought.extra == {}


def test_unknown_fields_are_kept_as_text(site: Site) -> None:
    """Whatever the form asked may matter to sales."""
    asked = {"予算": "500万円", "employees": 120, "tags": ["a", "b"], "newsletter": True, "empty": None}
    site.hook("leads", {"name": "田中", **asked})
    assert site.leads()[0].extra == {
        "予算": "500万円", "employees": "120", "tags": '["a", "b"]', "newsletter": "true"
    }  # fmt: skip


def test_too_many_unknown_fields_are_refused(door: Site) -> None:
    """Fifty are more than any form asks."""
    assert door.hook("leads", {"name": "A", **{f"q{n}": "x" for n in range(51)}}).status_code == 400


def test_what_no_database_takes_is_made_harmless(site: Site) -> None:
    """NUL, control characters and half surrogate pairs are no reason to lose a lead."""
    assert (
        site.hook("leads", rb'{"name": "\u0000A\ud800\u0007", "x\u0000": "\udfff", "note": "a\r\nb"}').status_code
        == 201
    )
    (lead,) = site.leads()
    assert (lead.name, lead.extra, lead.note) == ("A\ufffd", {"x": "\ufffd"}, "a\nb")


# Who is known


def test_a_known_lead_gets_its_empty_fields_filled(tanaka: Site) -> None:
    """By e-mail, in any writing; what is known stays, and the values before are on record."""
    _change_lead(tanaka, phone="", phone_key=None, source=Source.OTHER, title="", external_id=None)
    answer = tanaka.hook("leads", {"name": "別名", "email": "ichiro.tanaka@AOBA.example", "phone": "03-5555-0199",
                                   "source": "webinar", "title": "代表取締役", "external_id": "9", "Q": "1"})  # fmt: skip
    assert (answer.status_code, answer.json()) == (200, {"lead": "L-1", "status": "known"})
    (lead,) = tanaka.leads()
    assert (lead.name, lead.phone_key, lead.source, lead.external_id) == (
        "田中 一郎",
        "+81355550199",
        Source.WEBINAR,
        "9",
    )
    assert (lead.fit_points, lead.extra, lead.rev) == (20.0, {"Q": "1"}, 2)
    edited = tanaka.rows(Change)[-1]
    assert (edited.kind, edited.member_id) == (ChangeKind.EDITED, None)
    assert edited.before["phone"] == ""
    assert "name" not in edited.before


def test_a_known_lead_without_news_is_left_alone(tanaka: Site) -> None:
    """No revision, no change on record."""
    assert tanaka.hook("leads", TANAKA).json() == {"lead": "L-1", "status": "known"}
    assert (tanaka.leads()[0].rev, len(tanaka.rows(Change))) == (1, 1)


def test_the_external_id_counts_more_than_the_email(tanaka: Site) -> None:
    """People change their address; their number in the other system stays."""
    tanaka.hook("leads", {"name": "佐藤", "email": "sato@aoba.example", "external_id": "crm-78"})
    answer = tanaka.hook("leads", {"email": "sato@aoba.example", "external_id": "crm-77"})
    assert answer.json()["lead"] == "L-1"
    assert tanaka.leads()[0].email == "Ichiro.Tanaka@Aoba.example"


def test_of_several_with_one_email_the_namesake_is_meant(site: Site) -> None:
    """info@ is often shared."""
    for name in ("田中", "佐藤"):
        site.hook("leads", {"name": name, "external_id": name})
    _change_lead(site, email="info@aoba.example", email_key="info@aoba.example")
    assert site.hook("leads", {"name": "田 中", "email": "info@aoba.example"}).json()["lead"] == "L-1"
    assert site.hook("leads", {"name": "鈴木", "email": "info@aoba.example"}).json()["lead"] == "L-2"


def test_an_opt_out_always_counts(tanaka: Site) -> None:
    """The only thing that overwrites; a later yes by a form does not undo it."""
    tanaka.hook("leads", {"external_id": "crm-77", "consent": "配信停止"})
    assert tanaka.leads()[0].consent is Consent.NO
    tanaka.hook("leads", {"external_id": "crm-77", "consent": "yes"})
    assert tanaka.leads()[0].consent is Consent.NO


def test_who_comes_back_after_their_lead_was_closed_is_a_new_lead(tanaka: Site) -> None:
    """By e-mail; a record of the other system, by its id, stays the same lead."""
    _change_lead(tanaka, stage=Stage.CLOSED, outcome=Outcome.LOST)
    assert tanaka.hook("leads", {"external_id": "crm-77"}).json() == {"lead": "L-1", "status": "known"}
    answer = tanaka.hook("leads", {"email": TANAKA["email"]})
    assert answer.json() == {"lead": "L-2", "status": "added"}


def test_two_reports_of_one_person_at_once_are_one_lead(site: Site) -> None:
    """Eight forms of one address, sent at the same moment."""
    with ThreadPoolExecutor(8) as senders:
        answers = list(senders.map(lambda _: site.hook("leads", {"email": "a@aoba.example"}), range(8)))
    assert {answer.json()["lead"] for answer in answers} == {"L-1"}


@pytest.fixture
def postgres_site(tmp_path: Path) -> Iterator[Site]:
    """A site on PostgreSQL."""
    with fresh_url("postgres", tmp_path, migrated=True) as url, open_site(url) as site:
        yield site


def test_postgres_keeps_the_same_promises(postgres_site: Site) -> None:
    """One lead of many reports, nothing that the column types refuse, and a probe that knows a read-only server."""
    with ThreadPoolExecutor(8) as senders:
        bodies = [{"email": "a@aoba.example", "external_id": f"crm-{n % 2}"} for n in range(8)]
        answers = list(senders.map(lambda body: postgres_site.hook("leads", body), bodies))
    assert {answer.json()["lead"] for answer in answers} == {"L-1"}
    assert postgres_site.hook("leads", rb'{"name": "\u0000A\ud800", "x\u0000": "\u0000"}').status_code == 201
    contact = {"lead": "L-1", "kind": "call", "at": "2026-11-23T10:00:00", "note": "\x00"}
    assert postgres_site.hook("touchpoints", contact).status_code == 201
    assert postgres_site.hook("touchpoints", {**contact, "lead": "\u0000"}).status_code == 422
    assert postgres_site.http.get("/readyz").json()["checks"]["database"]["ok"]
    assert 'baton_deliveries{state="pending"}' in postgres_site.http.get("/metrics").text


# What a contact may be


def test_a_touchpoint_is_logged(tanaka: Site) -> None:
    """By no member, at its own time, with the lead's times before it on record."""
    contact = {"lead": "L-1", "kind": "資料請求", "at": "2026-11-24T09:30:00+09:00", "note": "カタログ\n2部"}
    answer = tanaka.hook("touchpoints", contact)
    assert (answer.status_code, answer.json()) == (201, {"lead": "L-1", "status": "logged"})
    (touchpoint,) = tanaka.rows(Touchpoint)
    assert (touchpoint.kind, touchpoint.direction) == (TouchpointKind.WHITEPAPER, Direction.INBOUND)
    assert (touchpoint.at, touchpoint.note) == (NOW - timedelta(minutes=30), "カタログ\n2部")
    assert (touchpoint.member_id, touchpoint.created_at) == (None, NOW)
    touched = tanaka.rows(Change)[-1]
    assert (touched.kind, touched.subject_id, touched.member_id) == (ChangeKind.TOUCHED, touchpoint.id, None)
    assert touched.before["last_touch_at"] is None
    assert tanaka.leads()[0].last_touch_at == touchpoint.at


@pytest.mark.parametrize("reference", ["L-1", "l1", "ichiro.tanaka@aoba.example", "crm-77", " L-1 "])
def test_a_lead_goes_by_number_email_or_external_id(tanaka: Site, reference: str) -> None:
    """Whichever of them the other system knows."""
    assert tanaka.hook("touchpoints", {"lead": reference, "kind": "page_view"}).json()["lead"] == "L-1"


@pytest.mark.parametrize(
    "reference", ["L-9", "nobody@aoba.example", "crm-99", "田中 一郎", "@", "foo@", "L-" + "9" * 30]
)
def test_an_unknown_lead_is_a_404(tanaka: Site, reference: str) -> None:
    """A name is not enough for a machine, and half an address is nobody's."""
    tanaka.hook("leads", {"name": "no e-mail"})
    answer = tanaka.hook("touchpoints", {"lead": reference, "kind": "call"})
    assert (answer.status_code, answer.json()) == (404, {"error": "lead: no lead goes by this", "field": "lead"})


def test_an_external_id_may_look_like_one_of_our_numbers(site: Site) -> None:
    """Ours comes first, theirs where we have none."""
    site.hook("leads", {"external_id": "L-500"})
    assert site.hook("touchpoints", {"lead": "L-500", "kind": "call"}).json()["lead"] == "L-1"


def test_several_leads_of_one_email_are_told(site: Site) -> None:
    """Guessing would log it with the wrong person; but a closed one is not meant."""
    for name in ("A", "B"):
        site.hook("leads", {"name": name, "external_id": name})
    _change_lead(site, email="info@aoba.example", email_key="info@aoba.example")
    contact = {"lead": "info@aoba.example", "kind": "call"}
    answer = site.hook("touchpoints", contact)
    assert _refusal(answer) == (409, "lead")
    assert answer.json()["error"] == "lead: several leads go by this, name one: L-2, L-1"
    with site.database.write() as session:
        session.execute(update(Lead).where(col(Lead.number) == 2).values(stage=Stage.CLOSED, outcome=Outcome.LOST))
    assert site.hook("touchpoints", contact).json()["lead"] == "L-1"


def test_a_closed_lead_takes_no_touchpoints(tanaka: Site) -> None:
    """409, and nothing is saved."""
    _change_lead(tanaka, stage=Stage.CLOSED, outcome=Outcome.WON)
    answer = tanaka.hook("touchpoints", {"lead": "L-1", "kind": "call"})
    assert (answer.status_code, answer.json()["error"]) == (409, "lead: L-1 is closed")
    assert tanaka.rows(Touchpoint) == []


@pytest.mark.parametrize(
    ("field", "value"),
    [("kind", "no such kind"), ("kind", None), ("kind", 5), ("direction", "sideways"), ("direction", 1), ("lead", None),
     ("lead", ["L-1"]), ("note", "x" * 2001), ("note", 1), ("at", "yesterday"), ("at", 1700000000), ("at", "2026-13-01"),
     ("at", "2026-11-24T10:06:00+09:00"), ("at", "9999-12-31T23:59:59-14:00"), ("at", "0001-01-01T00:00:00+14:00"),
     ("at", "1999-12-31"), ("at", "9999-12-31")],
)  # fmt: skip
def test_a_touchpoint_that_cannot_be_used_is_refused(tanaka: Site, field: str, value: Any) -> None:
    """With the name of its field; nothing is saved."""
    answer = tanaka.hook("touchpoints", {"lead": "L-1", "kind": "call", field: value})
    assert _refusal(answer) == (422, field)
    assert tanaka.rows(Touchpoint) == []


@pytest.mark.parametrize(
    ("at", "utc"),
    [("2026-11-24T09:00", "00:00"), ("2026-11-24T00:30:00Z", "00:30"), ("20261124T090000+0900", "00:00"),
     ("2026-11-24T10:04:59+09:00", "01:00")],
)  # fmt: skip
def test_a_time_without_an_offset_is_the_workspaces(tanaka: Site, at: str, utc: str) -> None:
    """And a clock that runs a little ahead means now."""
    assert tanaka.hook("touchpoints", {"lead": "L-1", "kind": "call", "at": at}).status_code == 201
    assert tanaka.rows(Touchpoint)[0].at.strftime("%H:%M") == utc


@pytest.mark.parametrize(
    ("words", "direction"),
    [({"kind": "call"}, Direction.OUTBOUND), ({"kind": "受電"}, Direction.INBOUND), ({"kind": "form"}, Direction.INBOUND),
     ({"kind": "call", "direction": "inbound"}, Direction.INBOUND), ({"kind": "受電", "direction": "発信"}, Direction.OUTBOUND)],
)  # fmt: skip
def test_the_direction_may_be_said_or_follow_from_the_kind(
    tanaka: Site, words: dict[str, str], direction: Direction
) -> None:
    """What is said outright counts most."""
    tanaka.hook("touchpoints", {"lead": "L-1", **words})
    assert tanaka.rows(Touchpoint)[0].direction is direction


def test_a_lead_that_gets_ripe_is_offered_to_sales(tanaka: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    """The threshold does not care who told of the contact; the deliverer is woken."""
    woken = []
    monkeypatch.setattr(tanaka.database, "on_wake", lambda: woken.append(True))
    for kind in ("demo_request", "whitepaper", "form", "seminar"):
        assert tanaka.hook("touchpoints", {"lead": "L-1", "kind": kind}).status_code == 201
    (handoff,) = tanaka.rows(Handoff)
    assert (handoff.offered_by_id, tanaka.leads()[0].stage, woken) == (None, Stage.MQL, [True])
    touched = [change for change in tanaka.rows(Change) if change.kind is ChangeKind.TOUCHED]
    assert handoff.id in [change.before["handoff"] for change in touched]


def test_a_touchpoint_comes_once(tanaka: Site) -> None:
    """The sender's repeat neither scores nor alerts twice."""
    contact = {"lead": "L-1", "kind": "call"}
    answers = [tanaka.hook("touchpoints", contact, message_id="msg_x") for _ in range(3)]
    assert [answer.status_code for answer in answers] == [201, 201, 201]
    assert len(tanaka.rows(Touchpoint)) == 1


# Whatever arrives

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=5,
)
WORDS = st.sampled_from(["call", "受電", "L-1", "l-1", "a@aoba.example", "yes", "webinar", "2026-11-24", "+81 45", "x"])
BODIES = st.dictionaries(
    st.sampled_from(["name", "company", "email", "phone", "external_id", "source", "note", "consent", "lead", "kind",
                     "direction", "at", "名前"]) | st.text(max_size=8),
    JSON | WORDS,
    max_size=8,
)  # fmt: skip


@settings(max_examples=250, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(path=st.sampled_from(["leads", "touchpoints"]), body=BODIES | JSON)
def test_no_json_is_a_crash(barrel: Site, path: str, body: Any) -> None:
    """Whatever is signed gets an answer that says what was done or what is wrong."""
    answer = barrel.hook(path, body)
    assert answer.status_code < 500
    assert {"status", "error"} & set(answer.json())


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    place=st.integers(min_value=0),
    bit=st.integers(0, 7),
    part=st.sampled_from(["id", "timestamp", "signature", "body"]),
)
def test_one_flipped_bit_is_a_forgery(door: Site, place: int, bit: int, part: str) -> None:
    """In the body, the id, the time or the signature: 401, and nothing is read of it."""
    at = datetime.now(UTC)
    sent = {"id": b"msg_1", "timestamp": str(int(at.timestamp())).encode(), "body": b'{"name": "Mallory"}'}
    sent["signature"] = Webhook(HOOK_SECRET).sign("msg_1", at, sent["body"].decode()).encode()
    flipped = bytearray(sent[part])
    flipped[place % len(flipped)] ^= 1 << bit
    sent[part] = bytes(flipped)
    # What h11 would not send, no sender can; and the last sign of base64 holds bits that mean nothing.
    assume(all(0x21 <= sign <= 0x7E for sign in flipped) or part == "body")
    assume(part != "signature" or place % len(flipped) not in {len(flipped) - 2, len(flipped) - 1})
    headers = {f"webhook-{name}".encode(): value for name, value in sent.items() if name != "body"}
    assert door.http.post("/hooks/leads", content=sent["body"], headers=headers).status_code == 401
    assert door.leads() == []


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    path=st.sampled_from(["leads", "touchpoints"]), body=st.text(alphabet='{}[]":,\\u0d8nametruefl 1.-e', max_size=40)
)
def test_no_text_is_a_crash(barrel: Site, path: str, body: str) -> None:
    """Nearly JSON is no JSON."""
    assert barrel.hook(path, body.encode()).status_code < 500


def test_nothing_that_was_sent_stands_in_the_log(site: Site, caplog: pytest.LogCaptureFixture) -> None:
    """Neither when it is taken nor when it is refused."""
    with caplog.at_level(logging.DEBUG):
        site.hook("leads", {"name": "canary", "email": "canary@aoba.example", "note": "canary"})
        site.hook("leads", {"name": "canary", "email": "canary"})
        site.hook("touchpoints", {"lead": "canary", "kind": "canary"})
        site.hook("leads", {"name": "canary"}, age=1000)
    ours = [record for record in caplog.records if not record.name.startswith(("httpx", "httpcore"))]
    assert not any("canary" in record.getMessage() for record in ours)
