"""What `/lead` can do: one line a verb."""

from collections.abc import Sequence
from dataclasses import dataclass

from views.blocks import Block, Message, context, escape, header, section
from views.words import Reader, msg

LINES_PER_BLOCK = 8


@dataclass(frozen=True)
class VerbHelp:
    """One verb: its Japanese aliases, how it is typed after the verb, and what it does; both are msgids."""

    verb: str
    aliases: tuple[str, ...]
    usage: str
    summary: str


HELP: dict[str, VerbHelp] = {
    entry.verb: entry
    for entry in (
        VerbHelp(
            "add", ("追加", "登録"), msg("NAME, COMPANY, EMAIL, PHONE"), msg("add a lead; alone it opens the form")
        ),
        VerbHelp("show", ("表示", "詳細"), msg("LEAD"), msg("show a lead")),
        VerbHelp("find", ("検索", "探す"), msg("WORDS"), msg("search by name, company or e-mail")),
        VerbHelp("list", ("一覧",), msg("mine|hot|dormant|unclaimed|recycled|due"), msg("list leads")),
        VerbHelp("log", ("記録",), msg("LEAD KIND NOTE"), msg("log a touchpoint")),
        VerbHelp("edit", ("編集",), msg("LEAD FIELD:VALUE"), msg("edit a lead; without a field it opens the form")),
        VerbHelp("follow", ("予定",), msg("LEAD DATE NOTE"), msg("plan the next step")),
        VerbHelp("undo", ("取り消し", "取消"), "", msg("take back your own last slip (30 minutes)")),
        VerbHelp("qualify", ("引き渡し", "トスアップ"), msg("LEAD WHY"), msg("hand off to sales")),
        VerbHelp("withdraw", ("取り下げ",), msg("LEAD"), msg("take an offer back")),
        VerbHelp("claim", ("引き受け",), msg("LEAD"), msg("claim a handoff")),
        VerbHelp("release", ("解除",), msg("LEAD"), msg("put a claim back (15 minutes)")),
        VerbHelp("return", ("差し戻し",), msg("LEAD REASON COMMENT"), msg("give a lead back to marketing")),
        VerbHelp("won", ("受注",), msg("LEAD NOTE"), msg("close a lead as won")),
        VerbHelp("lost", ("失注",), msg("LEAD NOTE"), msg("close a lead as lost")),
        VerbHelp("assign", ("担当",), msg("LEAD @PERSON"), msg("give a lead to somebody (managers)")),
        VerbHelp("merge", ("統合", "名寄せ"), msg("LEAD LEAD"), msg("merge two leads (managers)")),
        VerbHelp("consent", ("同意",), msg("LEAD yes|no"), msg("note whether e-mailing is allowed")),
        VerbHelp("forget", ("削除",), msg("LEAD"), msg("erase a person (managers)")),
        VerbHelp("import", ("取り込み",), "", msg("import leads from a file")),
        VerbHelp("export", ("書き出し",), msg("leads|touchpoints|handoffs"), msg("export as CSV (managers)")),
        VerbHelp("report", ("レポート",), "", msg("see the figures")),
        VerbHelp("setup", ("設定",), "", msg("set up channels and rules (managers)")),
        VerbHelp("help", ("ヘルプ", "使い方"), "", msg("show this list")),
    )
}
"""Every verb of the contract; the router shows those that it carries out."""


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
    usage = reader.t(verb.usage) if verb.usage else ""
    typed = f"{reader.command} {verb.verb} {usage}".rstrip()
    aliases = reader.t(" ({aliases})", aliases=escape(reader.listed(verb.aliases))) if verb.aliases else ""
    return reader.t("`{typed}` {summary}{aliases}", typed=typed, summary=reader.t(verb.summary), aliases=aliases)
