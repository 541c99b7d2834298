"""The catalogues hold every sentence in both languages, and every sentence only once needed."""

import re
import string
from collections.abc import Iterator

import pytest
from babel.messages.catalog import Catalog, Message

import locales
from locales.__main__ import extract_sentences

MARKS = re.compile(r"\*[^*\n]+\*|`[^`\n]+`")


@pytest.fixture(scope="module")
def template() -> Catalog:
    return extract_sentences()


@pytest.fixture(scope="module", params=locales.SUPPORTED)
def catalogue(request: pytest.FixtureRequest) -> Catalog:
    return locales.read_catalogue(request.param)


def messages(catalogue: Catalog) -> Iterator[Message]:
    return (message for message in catalogue if message.id)


def forms(value: object) -> tuple[str, ...]:
    """Return the forms of a msgid or a translation: one, or one for each plural."""
    return tuple(value) if isinstance(value, list | tuple) else (str(value),)


def placeholders(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name is not None}


def marks(text: str) -> tuple[int, int]:
    return text.count("*"), text.count("`")


def test_every_sentence_has_a_translation(template: Catalog, catalogue: Catalog) -> None:
    """A sentence of the views that a catalogue lacks would reach people in English; run `python -m locales`."""
    lacking = [message.id for message in messages(template) if message.id not in {m.id for m in messages(catalogue)}]
    assert lacking == []
    assert [message.id for message in messages(catalogue) if not all(forms(message.string))] == []


def test_no_sentence_is_obsolete(template: Catalog, catalogue: Catalog) -> None:
    """A translation that nobody shows any more only misleads translators; run `python -m locales`."""
    wanted = {message.id for message in messages(template)}
    assert [message.id for message in messages(catalogue) if message.id not in wanted] == []
    assert not catalogue.obsolete
    assert not any(message.fuzzy for message in messages(catalogue))


def test_placeholders_are_the_same_in_both_languages(catalogue: Catalog) -> None:
    """A placeholder that is missing loses a fact, one too many raises."""
    for message in messages(catalogue):
        wanted = placeholders(forms(message.id)[-1])
        for form in forms(message.string):
            assert placeholders(form) <= wanted, message.id
        # A singular may say "one" in words; the form for many holds every fact.
        assert placeholders(forms(message.string)[-1]) == wanted, message.id


def test_plural_forms_are_complete(catalogue: Catalog) -> None:
    """English has two forms, Japanese one."""
    for message in messages(catalogue):
        if isinstance(message.id, tuple | list):
            assert len(forms(message.string)) == catalogue.num_plurals, message.id
        else:
            assert isinstance(message.string, str), message.id


def test_english_is_its_own_translation() -> None:
    """The msgids are the English sentences; a second wording in en.po would be shown to nobody who reads the code."""
    for message in messages(locales.read_catalogue("en")):
        assert forms(message.string) == forms(message.id)


def test_japanese_marks_stand_between_spaces() -> None:
    """Slack shows the asterisks of bold that touches a Japanese letter (ux/rules.md 20)."""
    for message in messages(locales.read_catalogue("ja")):
        for form in forms(message.string):
            for mark in MARKS.finditer(form):
                before, after = form[: mark.start()][-1:], form[mark.end() :][:1]
                assert before in {"", "\n", " "}, form
                assert after in {"", "\n", " "}, form
                assert mark[0][1:-1].strip() == mark[0][1:-1], form


def test_marks_are_the_same_in_both_languages() -> None:
    """Bold and code are structure: one language cannot have them alone."""
    for message in messages(locales.read_catalogue("ja")):
        assert marks(forms(message.string)[0]) == marks(forms(message.id)[0]), message.id


def test_sentences_end_alike() -> None:
    """A full stop is a full stop in both languages, and a label has none in either."""
    for message in messages(locales.read_catalogue("ja")):
        english, japanese = forms(message.id)[0], forms(message.string)[0]
        if re.search(r"[A-Za-z]{3,}.*[a-z]\.$", english) and not english.startswith("e.g."):
            assert japanese.endswith(("。", "…")), english
        if re.search(r"[a-z}]$", english):
            assert not japanese.endswith("。") or ":" in english or english.startswith("{"), english


def test_no_sentence_can_be_taken_for_a_token() -> None:
    """Our own words hold none of the signs that Slack parses, so escaping concerns only what people type."""
    for locale in locales.SUPPORTED:
        for message in messages(locales.read_catalogue(locale)):
            assert not any(set(form) & set("<>&~") for form in forms(message.string)), message.id


def test_extraction_sees_calls_inside_f_strings(template: Catalog) -> None:
    """Babel's own extractor does not, before Python 3.12."""
    assert "*Not saved yet.*" in template


@pytest.mark.parametrize(
    ("slack_locale", "wanted"),
    [("ja-JP", "ja"), ("ja", "ja"), ("en-US", "en"), ("en-GB", "en"), ("en_US", "en"), ("fr-FR", "ja"), ("", "ja")],
)
def test_slacks_locale_picks_a_catalogue(slack_locale: str, wanted: str) -> None:
    """People get their own language where we have it, else the workspace's."""
    assert locales.pick(slack_locale, "ja") == wanted


def test_an_unknown_locale_reads_english() -> None:
    """A member's stored locale may be one that we dropped."""
    assert locales.translator("fr").gettext("Undo") == "Undo"
    assert locales.translator("ja").gettext("Undo") == "取り消す"
