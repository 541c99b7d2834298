"""`python -m locales`: bring ja.po and en.po up to date with the sentences in views/.

New sentences arrive untranslated in ja.po and as themselves in en.po; sentences that nobody uses any more leave both.
Exits with 1 while a translation is missing.
"""

import sys

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import write_po

from locales import FOLDER, SUPPORTED, catalogue_path, read_catalogue

VIEWS = FOLDER.parent / "views"
KEYWORDS: dict[str, tuple[int, ...] | None] = {"t": None, "n": (1, 2), "msg": None}
"""`reader.t(msgid)`, `reader.n(one, many, count)`, and `msg(msgid)` for the sentences that stand in tables."""


def extract() -> Catalog:
    """Collect the sentences of views/ into a template."""
    template = Catalog(project="Baton", fuzzy=False)
    for filename, line, message, comments, context in extract_from_dir(VIEWS, keywords=KEYWORDS):
        # A plural's singular may also stand alone somewhere; the catalogue then keeps the plural form of both.
        template.add(message, None, [(filename, line)], auto_comments=comments, context=context)
    return template


def is_missing(message: Message) -> bool:
    """Tell whether a message, or one of its plural forms, has no translation."""
    strings = message.string if isinstance(message.string, list | tuple) else (message.string,)
    return bool(message.id) and not all(strings)


def update(locale: str, template: Catalog) -> list[Message]:
    """Rewrite the catalogue of `locale` after `template` and return the messages that lack a translation."""
    catalogue = read_catalogue(locale) if catalogue_path(locale).exists() else Catalog(locale=locale, project="Baton")
    catalogue.update(template, no_fuzzy_matching=True)
    if locale == "en":
        for message in catalogue:
            if message.id and is_missing(message):
                message.string = message.id
    catalogue.fuzzy = False
    catalogue.header_comment = (
        f"# Baton's sentences in {catalogue.locale_identifier}; `python -m locales` keeps the list."
    )
    # A fixed date keeps the file the same while its sentences are.
    catalogue.revision_date = catalogue.creation_date
    with catalogue_path(locale).open("wb") as file:
        write_po(file, catalogue, width=120, sort_output=True, ignore_obsolete=True, no_location=True)
    return [message for message in catalogue if message.id and is_missing(message)]


def main() -> int:
    """Update both catalogues and say what is missing."""
    template = extract()
    missing = 0
    for locale in SUPPORTED:
        lacking = update(locale, template)
        missing += len(lacking)
        for message in lacking:
            sys.stdout.write(f"{locale}: not translated: {message.id!r}\n")
    sys.stdout.write(f"{len(template)} sentences, {missing} translations missing\n")
    return 1 if missing else 0


if __name__ == "__main__":
    sys.exit(main())
