"""Every view, in both languages, with ordinary, empty, maximal and hostile data."""

import json

import pytest

from tests.views import surfaces
from tests.views.checks import blocks_of, check, check_bold, shape, walk
from tests.views.factories import EMAIL, PHONE, READERS
from tests.views.surfaces import Build

EVERY = dict(surfaces.every_surface())


def named(surface: str) -> list[str]:
    return [name for name in EVERY if name.startswith(surface)]


@pytest.mark.parametrize("locale", READERS)
@pytest.mark.parametrize("surface", sorted({name.split(" ")[0] for name in EVERY}))
def test_every_view_keeps_slacks_limits_and_the_boards_rules(surface: str, locale: str) -> None:
    """Whatever the data, a message is one that Slack takes and that does no harm."""
    for name in named(surface):
        try:
            check(EVERY[name](READERS[locale]))
        except Exception as error:
            raise AssertionError(f"{name} in {locale}") from error


@pytest.mark.parametrize("surface", sorted({name.split(" ")[0] for name in EVERY}))
def test_every_view_has_one_shape_in_both_languages(surface: str) -> None:
    """The languages differ in words alone: same blocks, same buttons, same order."""
    for name in named(surface):
        ja, en = (shape(blocks_of(EVERY[name](reader))) for reader in READERS.values())
        assert ja == en, name


@pytest.mark.parametrize("surface", sorted({name.split(" ")[0] for name in EVERY}))
def test_japanese_bold_stands_between_spaces(surface: str) -> None:
    """Slack shows the asterisks where bold touches a Japanese letter."""
    for name in named(surface):
        for node in walk(blocks_of(EVERY[name](READERS["ja"]))):
            if node.get("type") == "mrkdwn":
                check_bold(node["text"])


@pytest.mark.parametrize("surface", sorted({name.split(" ")[0] for name in EVERY}))
def test_the_same_rows_give_the_same_blocks(surface: str) -> None:
    """A view is a pure function: rendering twice gives the same, so an unchanged card is not sent again."""
    for name in named(surface)[:20]:
        first, second = EVERY[name](READERS["ja"]), EVERY[name](READERS["ja"])
        assert first == second, name


def in_a_channel() -> dict[str, Build]:
    return surfaces.channel_surfaces()


@pytest.mark.parametrize("locale", READERS)
def test_a_channel_sees_no_address(locale: str) -> None:
    """A whole channel reads the card, so e-mail and phone are masked wherever they stand."""
    for name, build in in_a_channel().items():
        said = json.dumps(build(READERS[locale]).__dict__, ensure_ascii=False)
        assert EMAIL not in said, name
        assert PHONE not in said, name
        assert "mailto:" not in said, name


@pytest.mark.parametrize("locale", READERS)
def test_home_shows_no_address(locale: str) -> None:
    """Home is open on people's screens all day."""
    for name, build in surfaces.homes().items():
        said = json.dumps(build(READERS[locale]), ensure_ascii=False)
        assert EMAIL not in said, name
        assert PHONE not in said, name
