"""What the page's server says to people when it refuses something, in the language of their Slack."""

from playground.errors import PeopleError, SlackError

# code → (English, Japanese). The codes are Slack's where it has one.
WORDS: dict[str, tuple[str, str]] = {
    "account_inactive": (
        "This account is deactivated. Switch to another person.",
        "このアカウントは無効になっています。別の人に切り替えてください。",
    ),
    "already_reacted": ("You have reacted with this already.", "このリアクションはすでに付けています。"),
    "bad_request": (
        "The page sent something that the playground does not understand ({detail}). Reload the page and try again.",
        "playgroundが理解できない内容がページから届きました（{detail}）。ページを読み込み直して、もう一度お試しください。",
    ),
    "clock_backwards": (
        "The clock only goes forward. Choose a later time.",
        "時計は先にしか進められません。もっと後の時刻を選んでください。",
    ),
    "clock_busy": (
        "The clock is on its way already. Try again when it has arrived.",
        "時計はすでに進んでいるところです。止まってから、もう一度お試しください。",
    ),
    "clock_fixed": ("The clock cannot be moved here.", "ここでは時計を動かせません。"),
    "clock_too_far": (
        "That is more than a year ahead. Choose an earlier time.",
        "1年以上先です。もっと前の時刻を選んでください。",
    ),
    "dispatch_failed": (
        "The app is not connected. Wait until it is, then try again.",
        "アプリがつながっていません。つながってから、もう一度お試しください。",
    ),
    "file_not_found": (
        "This file is not here. Upload it again.",
        "ファイルがありません。もう一度アップロードしてください。",
    ),
    "file_too_large": (
        "This file is larger than 20 MB. Choose a smaller one.",
        "ファイルが20MBを超えています。もっと小さいものを選んでください。",
    ),
    "http_service_error": (
        "The app answered with an error. Try again.",
        "アプリがエラーを返しました。もう一度お試しください。",
    ),
    "internal": (
        "Sorry, the playground failed at this. What it was stands in its log as {detail}.",
        "申し訳ありません、playgroundで問題が起きました。ログの {detail} に詳細があります。",
    ),
    "is_archived": (
        "This channel is archived. Write in another one.",
        "このチャンネルはアーカイブされています。別のチャンネルに書いてください。",
    ),
    "message_not_found": ("This message is no longer there.", "このメッセージはもうありません。"),
    "msg_too_long": (
        "This message is too long. Shorten it and send it again.",
        "メッセージが長すぎます。短くして送り直してください。",
    ),
    "no_reaction": ("You have not reacted with this.", "このリアクションは付けていません。"),
    "no_such_control": (
        "This control is no longer there. Look at the message or form again.",
        "この操作はもうできません。メッセージかフォームを見直してください。",
    ),
    "no_such_option": (
        "This option is no longer offered. Choose another one.",
        "この選択肢はもうありません。別のものを選んでください。",
    ),
    "no_such_shortcut": ("The app has no such shortcut.", "アプリにこのショートカットはありません。"),
    "no_text": ("There is nothing to send. Write something first.", "送る内容がありません。先に入力してください。"),
    "not_found": (
        "This form is no longer open. Open it again.",
        "このフォームはもう開いていません。もう一度開いてください。",
    ),
    "not_in_channel": (
        "You are not in this channel. Choose one that you are in.",
        "このチャンネルに入っていません。入っているチャンネルを選んでください。",
    ),
    "operation_timeout": (
        "The app did not answer within 3 seconds. Try again.",
        "アプリが3秒以内に応答しませんでした。もう一度お試しください。",
    ),
    "thread_not_found": ("This thread is no longer there.", "このスレッドはもうありません。"),
    "unknown_command": (
        "There is no such command here. Type / to see those there are.",
        "このコマンドはありません。/ と入力すると一覧が出ます。",
    ),
    "user_not_found": ("There is no such person here.", "この人はここにいません。"),
}
# What Slack's client calls otherwise after a click than after a command.
SAME_AS = {"timeout": "operation_timeout", "refused": "http_service_error", "unreachable": "dispatch_failed"}
OTHERWISE = ("Slack refused this: {detail}.", "Slackに断られました：{detail}")

NOT_BUILT = """This page is not built yet. Build it, then reload: npm ci && npm run build, in playground/web.

ページはまだビルドされていません。playground/web で npm ci && npm run build を実行してから、読み込み直してください。
"""


class PageError(Exception):
    """The page's server refuses something; `code` stands in WORDS."""

    def __init__(self, code: str, detail: str = "") -> None:
        super().__init__(code, detail)
        self.code, self.detail = code, detail


def sentence(code: str, locale: str, detail: str = "") -> str:
    """Say why something was refused. A code without words of its own is told as Slack's."""
    pair = WORDS.get(SAME_AS.get(code, code))
    english, japanese = pair or OTHERWISE
    return (japanese if locale.startswith("ja") else english).format(detail=detail if pair else detail or code)


def words_of(refusal: PageError | PeopleError | SlackError, locale: str) -> str:
    """Say what an error means for the person who caused it."""
    detail = refusal.detail if isinstance(refusal, PageError) else str(refusal)
    if isinstance(refusal, SlackError):
        detail = "; ".join([refusal.code, *refusal.messages])
    return sentence(refusal.code, locale, detail)
