"""Words for one reader: sentences from the catalogue, and days, times, lengths and names in their language and zone."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from locales import translator

_DAY_PATTERNS = {
    "ja": {"day": "M/d（EEE）", "short": "M/d", "long": "M月d日（EEE）", "dated": "yyyy/M/d"},
    "en": {"day": "EEE, MMM d", "short": "MMM d", "long": "EEE, MMM d", "dated": "MMM d, yyyy"},
}
_STOPS = (".", "。", "!", "！", "?", "？", "…")
_BETWEEN_SENTENCES = {"ja": "", "en": " "}
_FAR = timedelta(days=300)
"""From this distance a day is shown with its year."""


def msg(msgid: str) -> str:
    """Mark a sentence that stands in a table, so that `python -m locales` finds it."""
    return msgid


def msgs(singular: str, plural: str) -> tuple[str, str]:
    """Mark the two forms of a sentence that stands in a table."""
    return singular, plural


@lru_cache(maxsize=1024)
def _zone(timezone: str) -> ZoneInfo:
    try:
        return ZoneInfo(timezone)
    except (ZoneInfoNotFoundError, ValueError):
        # Slack knows zones that an older tzdata does not; times are then at least unambiguous.
        return ZoneInfo("UTC")


@lru_cache(maxsize=4096)
def _format_day(day: date, form: str, locale: str) -> str:
    language = locale if locale in _DAY_PATTERNS else "en"
    from babel.dates import format_date  # noqa: PLC0415  Most commands of bot.py say no day.

    return format_date(day, _DAY_PATTERNS[language][form], locale=language)


def capital(text: str) -> str:
    """Begin a line with a capital letter; Japanese stays as it is."""
    return text[:1].upper() + text[1:]


def whole(points: float, *thresholds: int) -> int:
    """Round points to a whole number, but never over a threshold that they have not reached."""
    shown = int(points + 0.5) if points >= 0 else -int(0.5 - points)
    for threshold in thresholds:
        if shown >= threshold > points:
            shown = threshold - 1
    return shown


def signed(points: float) -> str:
    """Write points with their sign: "+12"."""
    rounded = whole(points)
    return f"−{-rounded}" if rounded < 0 else f"+{rounded}"


@dataclass(frozen=True)
class Reader:
    """Who reads: their language, their time zone and the command as this workspace types it."""

    locale: str
    timezone: str
    command: str = "/lead"

    def t(self, msgid: str, /, **values: object) -> str:
        """Return the sentence in the reader's language, its placeholders filled in."""
        text = translator(self.locale).gettext(msgid)
        return text.format(**values) if values else text

    def n(self, singular: str, plural: str, count: int, /, **values: object) -> str:
        """Return the form of a sentence that fits `count`, which is also the placeholder {count}."""
        return translator(self.locale).ngettext(singular, plural, count).format(count=count, **values)

    @property
    def zone(self) -> ZoneInfo:
        return _zone(self.timezone)

    def local(self, at: datetime) -> datetime:
        """Return an instant on the reader's own clock."""
        return at.astimezone(_zone(self.timezone))

    def today(self, now: datetime) -> date:
        """Return the reader's date at `now`."""
        return self.local(now).date()

    def day(self, day: date) -> str:
        """Write a day with its weekday: "11/24（火）", "Tue, Nov 24"."""
        return _format_day(day, "day", self.locale)

    def long_day(self, day: date) -> str:
        """Write a day for a heading: "11月24日（火）", "Tue, Nov 24"."""
        return _format_day(day, "long", self.locale)

    def short_day(self, day: date, near: date | None = None) -> str:
        """Write a day in short, "11/24", "Nov 24"; with its year when it is far from `near`."""
        form = "dated" if near is not None and abs(day - near) > _FAR else "short"
        return _format_day(day, form, self.locale)

    def time(self, at: datetime) -> str:
        """Write the time of day of an instant: "9:40"."""
        local = self.local(at)
        return f"{local.hour}:{local.minute:02d}"

    def moment(self, at: datetime, near: datetime | None = None) -> str:
        """Write an instant, "11/24 9:40", "Nov 24, 9:40"; the time alone when it is the day of `near`."""
        local = self.local(at)
        time = f"{local.hour}:{local.minute:02d}"
        if near is not None and self.local(near).date() == local.date():
            return time
        return self.t("{day}, {time}", day=_format_day(local.date(), "short", self.locale), time=time)

    def duration(self, length: timedelta) -> str:
        """Write a length of time: "23分", "1時間12分", "23 min", "1 h 12 min"."""
        minutes = max(0, int(length.total_seconds() // 60))
        hours, rest = divmod(minutes, 60)
        if minutes == 0:
            return self.t("less than a minute")
        if hours == 0:
            return self.t("{minutes} min", minutes=minutes)
        if hours >= 48:
            return self.n("{count} day", "{count} days", hours // 24)
        if rest == 0:
            return self.t("{hours} h", hours=hours)
        return self.t("{hours} h {minutes} min", hours=hours, minutes=rest)

    def honor(self, name: str) -> str:
        """Name a lead: 様 follows it in Japanese."""
        return self.t("{lead_name}", lead_name=name)

    def person(self, name: str) -> str:
        """Name a colleague in a sentence: さん follows it in Japanese."""
        return self.t("{colleague}", colleague=name)

    def dotted(self, parts: Iterable[str]) -> str:
        """Join the facts of one line; empty ones are left out."""
        return self.t(" · ").join(part for part in parts if part)

    def listed(self, parts: Iterable[str]) -> str:
        """Join the words of a list."""
        return self.t(", ").join(part for part in parts if part)

    def together(self, parts: Sequence[str]) -> str:
        """Join the words of a list inside a sentence: "marketing, sales and managers"."""
        if len(parts) < 2:
            return self.listed(parts)
        return self.t("{first} and {last}", first=self.listed(parts[:-1]), last=parts[-1])

    def stopped(self, text: str) -> str:
        """End a sentence that may have been ended by whoever typed it."""
        return text if text.endswith(_STOPS) else text + self.t(".")

    def sentences(self, parts: Iterable[str]) -> str:
        """Put whole sentences after each other."""
        return _BETWEEN_SENTENCES.get(self.locale, " ").join(part for part in parts if part)
