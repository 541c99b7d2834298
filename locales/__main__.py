"""`python -m locales`: bring ja.po and en.po up to date with the sentences in views/ and the verbs' help in handlers/.

New sentences arrive untranslated in ja.po and as themselves in en.po; sentences that nobody uses any more leave both.
Exits with 1 while a translation is missing.
"""

import ast
import sys
from collections.abc import Collection, Iterator, Mapping
from typing import Any

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract
from babel.messages.pofile import write_po

from locales import FOLDER, SUPPORTED, catalogue_path, read_catalogue

SPEAKING = ("views", "handlers")
KEYWORDS: dict[str, tuple[int, ...] | None] = {"t": None, "n": (1, 2), "msg": None, "msgs": (1, 2)}
"""`reader.t(msgid)` and `reader.n(one, many, count)`; `msg` and `msgs` mark the sentences that stand in tables."""


def find_sentences(
    file: Any,
    keywords: Collection[str],
    comment_tags: Collection[str],  # noqa: ARG001 (Babel passes it)
    options: Mapping[str, Any],  # noqa: ARG001 (Babel passes it)
) -> Iterator[tuple[int, str, Any, Any]]:
    """Find the calls of `keywords` in a Python file, as Babel's extract wants them.

    Babel's own extractor reads tokens, and before Python 3.12 a call inside an f-string is none.
    """
    for node in ast.walk(ast.parse(file.read())):
        if not isinstance(node, ast.Call):
            continue
        name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        if name in keywords:
            texts = [
                arg.value if isinstance(arg, ast.Constant) and isinstance(arg.value, str) else None for arg in node.args
            ]
            yield node.lineno, name, texts, []


def extract_sentences() -> Catalog:
    """Collect the sentences of the rooms that hold any into a template."""
    template = Catalog(project="Baton", fuzzy=False)
    for path in sorted(path for room in SPEAKING for path in (FOLDER.parent / room).glob("*.py")):
        with path.open("rb") as file:
            for _line, message, comments, context in extract(find_sentences, file, keywords=KEYWORDS):
                template.add(message, auto_comments=comments, context=context)
    return template


def is_missing(message: Message) -> bool:
    """Tell whether a message, or one of its plural forms, has no translation."""
    strings = message.string if isinstance(message.string, list | tuple) else (message.string,)
    return bool(message.id) and not all(strings)


def update(locale: str, template: Catalog) -> list[Message]:
    """Rewrite the catalogue of `locale` after `template` and return the messages that lack a translation."""
    catalogue = read_catalogue(locale) if catalogue_path(locale).exists() else Catalog(locale=locale, project="Baton")
    created = catalogue.creation_date
    catalogue.update(template, no_fuzzy_matching=True)
    # The dates stay, so that the file is the same while its sentences are.
    catalogue.creation_date = catalogue.revision_date = created
    if locale == "en":
        for message in catalogue:
            if message.id and is_missing(message):
                message.string = message.id
    catalogue.fuzzy = False
    catalogue.header_comment = (
        f"# Baton's sentences in {catalogue.locale_identifier}; `python -m locales` keeps the list."
    )
    catalogue.last_translator = catalogue.language_team = catalogue.msgid_bugs_address = "Baton"
    with catalogue_path(locale).open("wb") as file:
        write_po(file, catalogue, width=120, sort_output=True, ignore_obsolete=True, no_location=True)
    return [message for message in catalogue if message.id and is_missing(message)]


def main() -> int:
    """Update both catalogues and say what is missing."""
    template = extract_sentences()
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
