"""Words for one reader: days, times, lengths and names."""

from datetime import UTC, date, datetime, timedelta

import pytest

from tests.views.factories import EN, JA, NOW
from views.words import Reader, capital, signed, whole


def test_days_are_written_as_people_write_them() -> None:
    """Short with the weekday in lists, long in headings, with the year when it is far off."""
    day = date(2026, 11, 24)
    assert (JA.day(day), EN.day(day)) == ("11/24（火）", "Tue, Nov 24")
    assert (JA.long_day(day), EN.long_day(day)) == ("11月24日（火）", "Tue, Nov 24")
    assert (JA.short_day(day), EN.short_day(day)) == ("11/24", "Nov 24")
    assert (JA.short_day(date(2028, 1, 5), day), EN.short_day(date(2028, 1, 5), day)) == ("2028/1/5", "Jan 5, 2028")
    assert JA.short_day(date(2027, 1, 5), day) == "1/5"


def test_instants_stand_in_the_readers_zone() -> None:
    """The same instant is another time, and even another day, abroad."""
    abroad = Reader("en", "America/Los_Angeles")
    assert JA.moment(NOW) == "11/24 10:40"
    assert EN.moment(NOW) == "Nov 24, 10:40"
    assert abroad.moment(NOW) == "Nov 23, 17:40"
    assert EN.moment(NOW, NOW + timedelta(hours=1)) == "10:40"
    assert JA.time(datetime(2026, 11, 24, 0, 5, tzinfo=UTC)) == "9:05"


@pytest.mark.parametrize(
    ("minutes", "ja", "en"),
    [
        (0, "0分", "less than a minute"),
        (23, "23分", "23 min"),
        (60, "1時間", "1 h"),
        (72, "1時間12分", "1 h 12 min"),
        (60 * 47, "47時間", "47 h"),
        (60 * 24 * 3, "3日", "3 days"),
        (-5, "0分", "less than a minute"),
    ],
)
def test_lengths_of_time(minutes: int, ja: str, en: str) -> None:
    """Minutes, hours, days: never more precise than of use."""
    assert (JA.duration(timedelta(minutes=minutes)), EN.duration(timedelta(minutes=minutes))) == (ja, en)


def test_leads_and_colleagues_are_named_by_their_custom() -> None:
    """様 for leads, さん for colleagues in a sentence, nothing in English; braces in a name are letters."""
    assert (JA.honor("中村 理恵"), EN.honor("中村 理恵")) == ("中村 理恵 様", "中村 理恵")
    assert (JA.person("青木"), EN.person("Aoki")) == ("青木さん", "Aoki")
    assert JA.honor("{label} {0}") == "{label} {0} 様"


def test_lists_leave_out_what_is_empty() -> None:
    """A missing fact leaves no separator behind."""
    assert JA.dotted(("a", "", "b")) == "a・b"
    assert EN.listed(("a", "", "b")) == "a, b"
    assert (EN.together(["a", "b", "c"]), JA.together(["a", "b"]), EN.together(["a"])) == ("a, b and c", "aとb", "a")
    assert EN.sentences(("One.", "", "Two.")) == "One. Two."
    assert JA.sentences(("一。", "二。")) == "一。二。"


def test_a_sentence_is_ended_once() -> None:
    """What people typed often ends in a full stop already."""
    assert (JA.stopped("見込み。"), JA.stopped("見込み")) == ("見込み。", "見込み。")


def test_counts_choose_their_form() -> None:
    """English has a singular."""
    assert [EN.n("{count} lead", "{count} leads", count) for count in (0, 1, 2)] == ["0 leads", "1 lead", "2 leads"]
    assert JA.n("{count} lead", "{count} leads", 1) == "1件"


def test_points_never_seem_to_reach_a_threshold_that_they_miss() -> None:
    """59.6 rounds to 60, but a lead that is not hot must not show the hot threshold's number."""
    assert whole(59.6) == 60
    assert whole(59.6, 50, 60) == 59
    assert whole(60.0, 60) == 60
    assert whole(11.9999) == 12
    assert (signed(12), signed(-3), signed(0.2), signed(-0.2)) == ("+12", "−3", "+0", "+0")


def test_a_line_begins_with_a_capital() -> None:
    """Labels begin small because most stand inside a line."""
    assert (capital("inbound call"), capital("電話"), capital("")) == ("Inbound call", "電話", "")
