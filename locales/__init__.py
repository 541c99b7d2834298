"""The catalogues: every sentence that people see, in Japanese and English.

English sentences are the msgids. The `.po` files are read at first use and kept in memory; there are no `.mo` files.
`python -m locales` brings both files up to date with the sentences in views/ and the verbs' help in handlers/.
"""

from functools import cache
from gettext import GNUTranslations
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from babel.messages.catalog import Catalog

SUPPORTED = ("ja", "en")
FALLBACK = "en"
FOLDER = Path(__file__).parent


def pick(slack_locale: str, default: str) -> str:
    """Return the catalogue for a locale as Slack writes it ("ja-JP", "en-GB"), or `default` where we have none."""
    language = slack_locale.replace("_", "-").partition("-")[0].lower()
    return language if language in SUPPORTED else default


def catalogue_path(locale: str) -> Path:
    """Return where the catalogue of a supported locale stands."""
    return FOLDER / f"{locale}.po"


def read_catalogue(locale: str) -> "Catalog":
    """Read a supported locale's catalogue from its file."""
    # Local, like the other one: most commands of bot.py say nothing that is translated.
    from babel.messages.pofile import read_po  # noqa: PLC0415

    with catalogue_path(locale).open("rb") as file:
        return read_po(file, locale=locale)


@cache
def translator(locale: str) -> GNUTranslations:
    """Return the translations of `locale`, or the English ones where we have none."""
    if locale not in SUPPORTED:
        return translator(FALLBACK)
    from babel.messages.mofile import write_mo  # noqa: PLC0415

    compiled = BytesIO()
    write_mo(compiled, read_catalogue(locale))
    compiled.seek(0)
    return GNUTranslations(compiled)
