"""What a manager types into the scoring form is read as meant, or refused where it stands."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.errors import InputError
from models.scoring import DEFAULT_RULES, FieldRule, FieldTest, RulePart
from services.scoring_parts import change_part, read_field_rule
from views.scoring_form import field_line

LINES = {
    "業種 = 製造業 : +10": FieldRule("業種", FieldTest.IS, 10, text="製造業"),
    "業種＝製造業：１０": FieldRule("業種", FieldTest.IS, 10, text="製造業"),
    "Industry ~ IT services: -5": FieldRule("Industry", FieldTest.HAS, -5, text="IT services"),
    "従業員数 300〜999 : +10": FieldRule("従業員数", FieldTest.RANGE, 10, low=300, high=999),
    "No. of staff 1000- : 15": FieldRule("No. of staff", FieldTest.RANGE, 15, low=1000),
    "staff -50:-3": FieldRule("staff", FieldTest.RANGE, -3, high=50),
}
names = st.text("abc業種 .", min_size=1, max_size=20).map(str.strip).filter(bool)
lines = st.one_of(
    st.builds(FieldRule, names, st.sampled_from([FieldTest.IS, FieldTest.HAS]), st.integers(-99, 99).map(float), names),
    st.builds(
        FieldRule, names, st.just(FieldTest.RANGE), st.integers(-99, 99).map(float), low=st.integers(0, 9).map(float)
    ),
)


@pytest.mark.parametrize("line", LINES)
def test_a_rule_is_read_in_either_width(line: str) -> None:
    """The field, what it says, the points."""
    assert read_field_rule(line) == LINES[line]


@given(lines)
def test_a_rule_is_written_as_it_is_read(rule: FieldRule) -> None:
    """What the form shows can be sent back unchanged."""
    assert read_field_rule(field_line(rule)) == rule


@pytest.mark.parametrize(
    "line", ["", "業種", "業種 = 製造業", "= 製造業 : 5", "業種 = : 5", "業種 = x : many", "a" * 5000]
)
def test_what_is_no_rule_is_refused(line: str) -> None:
    """Quickly, however long it is."""
    with pytest.raises(InputError):
        read_field_rule(line)


@given(st.sampled_from(RulePart), st.dictionaries(st.text(max_size=12), st.text(max_size=12), max_size=6))
def test_made_up_values_are_refused_in_words(part: RulePart, typed: dict[str, str]) -> None:
    """Whatever comes instead of the form's own values."""
    if part in {RulePart.FIELDS, RulePart.GRADES}:
        assert change_part(DEFAULT_RULES, part, typed).engagement == DEFAULT_RULES.engagement
        return
    with pytest.raises(InputError) as refused:
        change_part(DEFAULT_RULES, part, typed)
    assert refused.value.field
