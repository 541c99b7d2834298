"""The one table: what can be typed, clicked and submitted, who may, and which handler answers."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from handlers import (
    consents,
    deliveries,
    dropped_files,
    erasures,
    events,
    exports,
    handoffs,
    imports,
    leads,
    merging,
    messages,
    outcomes,
    reports,
    scoring,
    setup,
    steps,
    touchpoints,
)
from handlers.events import Event
from handlers.home import home_opened
from handlers.request import Desk, Handler, Reply, Request
from handlers.steps import Outputs, Step
from models.member import Right
from services.identity import fold
from views import help as help_view
from views.help import VerbHelp
from views.words import msg


@dataclass(frozen=True)
class Entry:
    """One thing that can be asked for."""

    handler: Handler
    right: Right
    verb: str = ""
    aliases: tuple[str, ...] = ()
    usage: str = ""
    summary: str = ""


def _help(desk: Desk, request: Request) -> Reply:
    """`/lead` and `/lead help`; the first manager to come gets the set-up form."""
    if not request.text and setup.needs_setup(desk, request):
        return setup.open_setup(desk, request)
    return Reply(help_view.help_message(HELP, request.reader))


def _verb(handler: Handler, right: Right, verb: str, aliases: str, usage: str, summary: str) -> Entry:
    return Entry(handler, right, verb, tuple(fold(alias) for alias in aliases.split()), usage, summary)


VERBS: tuple[Entry, ...] = (
    _verb(leads.add, Right.ADD, "add", "追加 登録 new", msg("add NAME, COMPANY, EMAIL, PHONE"), msg("add a lead; alone it opens the form")),
    _verb(touchpoints.log, Right.LOG, "log", "記録 接点 touch", msg("log LEAD KIND [note] [at:DATE]"), msg("log a contact")),
    _verb(leads.show, Right.READ, "show", "見る 表示 詳細 view", msg("show LEAD"), msg("show a lead's card")),
    _verb(leads.edit, Right.EDIT, "edit", "編集 変更", msg("edit LEAD"), msg("change what is known")),
    _verb(leads.find, Right.READ, "find", "検索 探す search", msg("find WORDS"), msg("search by name, company or e-mail")),
    _verb(leads.list_leads, Right.READ, "list", "一覧 リスト ls", msg("list mine|hot|dormant|unclaimed|recycled|due|duplicates|undelivered"), msg("list leads")),
    _verb(outcomes.follow, Right.FOLLOW, "follow", "予定 次 フォロー next", msg("follow LEAD DATE [note]"), msg("plan the next step")),
    _verb(handoffs.qualify, Right.QUALIFY, "qualify", "引き渡し 引き渡す トスアップ handoff", msg("qualify LEAD [why now]"), msg("offer a lead to sales")),
    _verb(handoffs.withdraw, Right.QUALIFY, "withdraw", "取り下げ 取り下げる", msg("withdraw LEAD"), msg("take an offer back")),
    _verb(handoffs.claim, Right.CLAIM, "claim", "引き受け 引き受ける take", msg("claim LEAD"), msg("claim an offered lead")),
    _verb(handoffs.release, Right.CLAIM, "release", "手放す 引き受け取消", msg("release LEAD"), msg("put a claim back, within 15 minutes")),
    _verb(handoffs.give_back, Right.CLAIM, "return", "差し戻し 差し戻す 戻す", msg("return LEAD REASON [comment]"), msg("give a lead back to marketing")),
    _verb(outcomes.won, Right.CLOSE, "won", "受注 成約", msg("won LEAD [note]"), msg("close a lead as won")),
    _verb(outcomes.lost, Right.CLOSE, "lost", "失注", msg("lost LEAD [why]"), msg("close a lead as lost")),
    _verb(handoffs.assign, Right.ASSIGN, "assign", "担当 割り当て", msg("assign LEAD PERSON"), msg("give a lead to a salesperson")),
    _verb(consents.consent, Right.EDIT, "consent", "同意 配信", msg("consent LEAD yes|no|unknown [for what] [from:WHERE]"), msg("note consent to e-mail, or its withdrawal")),
    _verb(merging.merge, Right.MERGE, "merge", "統合 名寄せ", msg("merge LEAD LEAD"), msg("make two leads one, with a preview")),
    _verb(erasures.forget, Right.FORGET, "forget", "削除 忘れる 消去", msg("forget LEAD"), msg("delete a person for good; asks twice")),
    _verb(outcomes.undo_last, Right.LOG, "undo", "取り消し 取消 元に戻す", msg("undo"), msg("take your last slip back, within 30 minutes")),
    _verb(imports.open_upload, Right.IMPORT, "import", "取り込み 取込 取り込む インポート", msg("import"), msg("leads from a file: CSV, Excel, vCard…; or drop it into Baton's messages")),
    _verb(exports.export, Right.EXPORT, "export", "書き出し 出力 エクスポート", msg("export leads|touchpoints|handoffs|LEAD"), msg("a file for other programs, or all about one person; sent to you alone")),
    _verb(reports.report, Right.REPORT, "report", "レポート 報告 分析", msg("report sources|campaigns|imports [PERIOD] | scoring"), msg("what became of the leads, by where they came from; scores against outcomes")),
    _verb(setup.open_setup, Right.SETUP, "setup", "設定 config", msg("setup [scoring]"), msg("channels, thresholds, times; the scoring rules")),
    _verb(_help, Right.READ, "help", "ヘルプ 使い方 ?", msg("help"), msg("this list")),
)  # fmt: skip

HELP = tuple(VerbHelp(entry.verb, entry.aliases, entry.usage, entry.summary) for entry in VERBS)

_SHOW = Entry(leads.show, Right.READ)
_LOG = Entry(touchpoints.open_form, Right.LOG)
_FOLLOW = Entry(outcomes.open_follow_form, Right.FOLLOW)
_RETURN = Entry(handoffs.open_return_form, Right.CLAIM)
_EXPORT = Entry(exports.export, Right.EXPORT)
_ASSIGN = Entry(handoffs.assign, Right.ASSIGN)

ACTIONS: Mapping[str, Entry] = {
    "delivery.retry": Entry(deliveries.retry, Right.SETUP),
    "erasure.confirm_form": Entry(erasures.open_confirm_form, Right.FORGET),
    "erasure.lift_form": Entry(erasures.open_lift_form, Right.FORGET),
    "export.leads": _EXPORT,
    "export.touchpoints": _EXPORT,
    "export.handoffs": _EXPORT,
    "import.discard": Entry(imports.discard, Right.IMPORT),
    "import.form": Entry(imports.open_upload, Right.IMPORT),
    "import.rejects": Entry(imports.get_rejects, Right.IMPORT),
    "import.settings_form": Entry(imports.open_settings, Right.IMPORT),
    "import.start": Entry(imports.confirm, Right.IMPORT),
    "import.stop": Entry(imports.stop, Right.IMPORT),
    "import.undo": Entry(imports.undo, Right.IMPORT),
    "help.show": Entry(_help, Right.READ),
    "lead.add_anyway": Entry(leads.add_anyway, Right.ADD),
    "lead.add_to_existing": Entry(leads.add_to_existing, Right.EDIT),
    "lead.assign_form": _ASSIGN,
    "lead.discard_draft": Entry(leads.discard_draft, Right.ADD),
    "lead.edit": Entry(leads.edit, Right.EDIT),
    "lead.edit_contact": Entry(leads.edit_contact, Right.EDIT),
    "lead.find_form": Entry(leads.open_find_form, Right.READ),
    "lead.form": Entry(leads.open_add_form, Right.ADD),
    "lead.show": _SHOW,
    "lead.undo_add": Entry(leads.undo_add, Right.ADD),
    "merge.form": Entry(merging.merge, Right.MERGE),
    "merge.undo": Entry(merging.undo, Right.MERGE),
    "pair.join": Entry(merging.join, Right.MERGE),
    "pair.part": Entry(merging.part, Right.MERGE),
    "pair.later": Entry(merging.later, Right.REVIEW),
    "pair.not_same": Entry(merging.not_same, Right.REVIEW),
    "pairs.list": Entry(merging.list_pairs, Right.REVIEW),
    "touchpoint.form": _LOG,
    "touchpoint.form_any": _LOG,
    "touchpoint.undo": Entry(touchpoints.undo_log, Right.LOG),
    "handoff.claim": Entry(handoffs.claim, Right.CLAIM),
    "handoff.form": Entry(handoffs.open_offer_form, Right.QUALIFY),
    "handoff.return_form": _RETURN,
    "followup.form": _FOLLOW,
    "followup.on": Entry(outcomes.follow_on, Right.FOLLOW),
    "scoring.open": Entry(scoring.open_scoring, Right.SETUP),
    "scoring.part": Entry(scoring.open_part, Right.SETUP),
    "scoring.restore": Entry(scoring.preview_restore, Right.SETUP),
    "scoring.versions": Entry(scoring.open_versions, Right.SETUP),
    "score.correct_form": Entry(scoring.open_correction, Right.EDIT),
    "score.why": Entry(scoring.why, Right.READ),
    "report.columns": Entry(reports.open_columns, Right.SETUP),
    "report.proposal": Entry(reports.open_proposal, Right.SETUP),
    "undo.last": Entry(outcomes.undo_last, Right.LOG),
}

MENUS: frozenset[str] = frozenset({"lead.more", "lead.row", "lead.dormant_next"})
"""Menus whose chosen value says what to do: `won:L-12`."""

MENU_ENTRIES: Mapping[str, Entry] = {
    "show": _SHOW,
    "log": _LOG,
    "follow": _FOLLOW,
    "return": _RETURN,
    "assign": _ASSIGN,
    "won": Entry(outcomes.won, Right.CLOSE),
    "lost": Entry(outcomes.lost, Right.CLOSE),
}

FORMS: Mapping[str, Entry] = {
    "lead.add": Entry(leads.add_from_form, Right.ADD),
    "lead.add_duplicate": Entry(leads.answer_duplicate_form, Right.ADD),
    "lead.edit": Entry(leads.save_seven, Right.EDIT),
    "lead.edit_contact": Entry(leads.save_contact, Right.EDIT),
    "lead.find": Entry(leads.find, Right.READ),
    "lead.consent": Entry(consents.consent_from_form, Right.EDIT),
    "erasure.confirm": Entry(erasures.forget_from_form, Right.FORGET),
    "erasure.lift": Entry(erasures.lift_from_form, Right.FORGET),
    "lead.close": Entry(outcomes.close_from_form, Right.CLOSE),
    "lead.assign": Entry(handoffs.assign_from_form, Right.ASSIGN),
    "lead.merge": Entry(merging.merge_from_form, Right.MERGE),
    "touchpoint.log": Entry(touchpoints.log_from_form, Right.LOG),
    "import.settings": Entry(imports.save_settings, Right.IMPORT),
    "import.upload": Entry(imports.begin, Right.IMPORT),
    "handoff.offer": Entry(handoffs.offer_from_form, Right.QUALIFY),
    "handoff.return": Entry(handoffs.return_from_form, Right.CLAIM),
    "followup.plan": Entry(outcomes.follow_from_form, Right.FOLLOW),
    "score.correct": Entry(scoring.correct, Right.EDIT),
    "scoring.preview": Entry(scoring.preview_part, Right.SETUP),
    "scoring.save": Entry(scoring.save_rules, Right.SETUP),
    "report.columns": Entry(reports.save_columns, Right.SETUP),
    "report.proposal": Entry(reports.save_proposal, Right.SETUP),
    "setup.save": Entry(setup.save_setup, Right.SETUP),
}

SHORTCUTS: Mapping[str, Entry] = {
    "lead.add": Entry(leads.open_add_form, Right.ADD),
    "touchpoint.log": _LOG,
    "lead.from_message": Entry(messages.open_add_form, Right.ADD),
    "touchpoint.from_message": Entry(messages.open_log_form, Right.LOG),
}
"""Global ones, and those on a message; manifest.json offers the same."""

OPTIONS: Mapping[str, Entry] = {
    "lead.pick": Entry(messages.suggest_leads, Right.READ),
}
"""Menus that ask for their options as somebody types."""

STEPS: Mapping[str, Callable[[Step], Outputs]] = {
    "add_lead": steps.add_lead,
    "log_touchpoint": steps.log_touchpoint,
}
"""Steps of the Workflow Builder; manifest.json describes the same."""

EVENTS: Mapping[str, Callable[[Event], None]] = {
    "app_home_opened": home_opened,
    "member_joined_channel": events.joined_channel,
    "member_left_channel": events.left_channel,
    "message": dropped_files.message_posted,
    "reaction_added": events.reaction_added,
    "user_change": events.user_changed,
}
"""What Slack tells of by itself; manifest.json subscribes to the same, of messages to the direct ones alone."""
