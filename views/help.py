"""What `/lead` can do: one line a verb."""

from collections.abc import Sequence
from dataclasses import dataclass

from views.blocks import Block, Message, context, escape, header, section
from views.words import Reader

LINES_PER_BLOCK = 8


@dataclass(frozen=True)
class VerbHelp:
    """One verb: its aliases, how it is typed after the command ("log LEAD KIND"), and what it does (both msgids)."""

    verb: str
    aliases: tuple[str, ...]
    usage: str
    summary: str


def help_message(verbs: Sequence[VerbHelp], reader: Reader) -> Message:
    """List what can be typed, with the Japanese words that mean the same."""
    t = reader.t
    lines = [_line(verb, reader) for verb in verbs]
    blocks: list[Block] = [header(t("How it works"))]
    intro = t("A lead is named by its number (L-12), an e-mail address or a name.")
    blocks.append(section(intro))
    blocks += [
        section("\n".join(lines[start : start + LINES_PER_BLOCK])) for start in range(0, len(lines), LINES_PER_BLOCK)
    ]
    blocks.append(context(t("`{command} add` without anything after it opens a form.", command=reader.command)))
    listed = reader.listed(f"{reader.command} {verb.verb}" for verb in verbs)
    return Message(t("{what}: {commands}. {hint}", what=t("How it works"), commands=listed, hint=intro), blocks)


def _line(verb: VerbHelp, reader: Reader) -> str:
    typed = f"{reader.command} {reader.t(verb.usage)}"
    aliases = reader.t(" ({aliases})", aliases=escape(reader.listed(verb.aliases))) if verb.aliases else ""
    return reader.t("`{typed}` {summary}{aliases}", typed=typed, summary=reader.t(verb.summary), aliases=aliases)
