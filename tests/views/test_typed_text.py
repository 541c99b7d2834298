"""Nothing that people type can mention, link, format or inject."""

import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.views import factories as make
from tests.views.checks import OUR_TOKENS, TOKENS, check, walk
from tests.views.factories import EN, JA, NOW
from views import claim_answers, duplicates, errors, handoff_card, lead_card, touchpoints
from views.blocks import cut, escape, sentence, tidy
from views.masks import mask_email, mask_phone, mask_typed

BLNS = Path(__file__).parents[2].parent / "shared" / "data" / "nasty" / "blns.json"

SIGNS = st.text(alphabet=st.sampled_from("<>&*_~`|!@#: \n\t\x00\u202e\u200b\ud800aあ様{}%/\\\"'>＊"), max_size=120)
TYPED = st.one_of(SIGNS, st.text(max_size=300))


def show_everywhere(text: str) -> None:
    """Put a text into every field of a lead and check the surfaces that it reaches, in one language or the other."""
    who = make.stuffed(text)
    for reader in (JA if len(text) % 2 else EN,):
        check(lead_card.added(make.lead_facts(who), reader))
        check(lead_card.card(make.lead_facts(who), make.aoki().as_actor(), reader, NOW))
        check(lead_card.add_undone("L-1", text, reader))
        check(
            touchpoints.logged(
                make.logged(who, touchpoint=make.touchpoint(note=text[:2000])), make.aoki().as_actor(), reader
            )
        )
        check(duplicates.question(make.duplicates(make.match(who)), make.entry(text), reader))
        check(errors.unknown_verb(text, None, text, reader))
        of = make.handoff(why_now=text[:500], comment=text[:500])
        facts = make.handoff_facts(of, who, offered_by=make.member(text[:80]))
        check(handoff_card.card(facts, reader))
        check(claim_answers.claim_won(make.claimed(facts), reader, NOW))


@pytest.mark.skipif(not BLNS.exists(), reason="the shared data are not here")
def test_the_big_list_of_naughty_strings_does_no_harm() -> None:
    """Every naughty string goes through every field."""
    for text in json.loads(BLNS.read_text(encoding="utf-8")):
        show_everywhere(text)


@settings(max_examples=40, deadline=None)
@given(TYPED)
def test_no_text_at_all_does_harm(text: str) -> None:
    """Neither does anything that a machine thinks of."""
    show_everywhere(text)


@settings(max_examples=200, deadline=None)
@given(TYPED, st.integers(5, 120))
def test_escaped_text_is_short_one_line_and_without_marks(text: str, limit: int) -> None:
    """What `escape` returns can stand anywhere in mrkdwn."""
    shown = escape(text, limit)
    assert len(shown) <= limit
    assert "\n" not in shown
    assert not set(shown) & set("<>*_~`")
    assert not shown.startswith("&gt;")
    shown.encode("utf-8")


@pytest.mark.parametrize(
    ("typed", "shown"),
    [
        ("<!channel> *田中* _太郎_", "&lt;!channel&gt; ＊田中＊ ＿太郎＿"),
        ("R&D", "R&amp;D"),
        ("> 引用", "＞ 引用"),
        ("a\nb\tc", "a b c"),
        (" 中村\u3000理恵 ", "中村\u3000理恵"),
        ("&amp;", "&amp;amp;"),
        ("👩\u200d💻", "👩\u200d💻"),
        ("", ""),
    ],
)
def test_short_fields_are_shown_as_typed_and_do_nothing(typed: str, shown: str) -> None:
    """The reader sees what was typed; Slack sees nothing to act on."""
    assert escape(typed) == shown


def test_a_long_field_is_cut_between_entities() -> None:
    """A cut entity would show as "&am…"."""
    assert escape("&" * 50, 20) == "&amp;&amp;&amp;…"


def test_tidy_and_sentence_keep_what_they_should() -> None:
    """A field is one line, a sentence keeps its lines."""
    assert tidy("一\r\n二") == "一 二"
    assert sentence("一\r\n二\x00") == "一\n二"
    assert cut("あいうえお", 3) == "あい…"


def test_typed_sentences_stand_in_rich_text_as_typed() -> None:
    """A note is shown to the letter, in an element where Slack parses nothing."""
    note = '<!here> *至急* `rm -rf` <https://evil.example|請求書> =HYPERLINK("https://evil.example")\n> 引用'
    message = touchpoints.logged(make.logged(touchpoint=make.touchpoint(note=note)), make.aoki().as_actor(), JA)
    assert [node["text"] for node in walk(message.blocks) if node.get("type") == "text"] == [note]
    for node in walk(message.blocks):
        if node.get("type") == "mrkdwn":
            assert all(OUR_TOKENS.fullmatch(token) for token in TOKENS.findall(node["text"]))


@pytest.mark.parametrize(
    ("email", "masked"),
    [
        ("r.nakamura@minamo-seiki.example", "r•••@minamo-seiki.example"),
        ("a@b.example", "a•••@b.example"),
        ("x", "x•••"),
        ("", "•••"),
    ],
)
def test_an_address_shows_its_first_letter_and_domain(email: str, masked: str) -> None:
    """Enough to recognise the person, not enough to write to them."""
    assert mask_email(email) == masked


@pytest.mark.parametrize(
    ("phone", "masked"),
    [
        ("045-555-0142", "045-•••-••42"),
        ("+81 45-555-0142", "+81 45-•••-••42"),
        ("03-1234-5678", "03-••••-••78"),
        ("0455550142", "045•••••42"),
        ("+819012345678", "+819•••••••78"),
        ("（045）555-0142", "（045）•••-••42"),
        ("045-55-5014", "045-••-••14"),
        ("110", "•••"),
        ("", "•••"),
    ],
)
def test_a_number_shows_its_area_and_its_last_two_digits(phone: str, masked: str) -> None:
    """At most half of the digits are shown, however the number is written."""
    assert mask_phone(phone) == masked


def test_addresses_inside_a_note_are_masked_for_a_channel() -> None:
    """People type numbers into notes; a channel card must not carry them."""
    note = "携帯 090-1234-5678 か taro@example.co.jp へ。2026-11-24 14:00、予算 3,000,000円、2027年3月"
    assert (
        mask_typed(note) == "携帯 090-••••-••78 か t•••@example.co.jp へ。2026-11-24 14:00、予算 3,000,000円、2027年3月"
    )


def test_masking_takes_no_time_on_hostile_input() -> None:
    """A regular expression that backtracks would stop a worker."""
    for text in ("@" * 2000, "a" * 2000 + "@", "1-" * 1000, "+" * 2000, "0" * 2000):
        mask_typed(text)
