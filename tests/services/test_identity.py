"""Names, addresses and numbers: what counts as the same, and what is refused."""

import unicodedata
import xml.etree.ElementTree as ET
from pathlib import Path

import email_validator
import phonenumbers
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.errors import InputError, Problem
from services.identity import (
    email_key,
    fold,
    half_width,
    is_business_email,
    is_plain_email,
    is_plain_phone,
    is_real_phone,
    phone_key,
    read_email,
    read_phone,
)

DATA = Path(__file__).parents[2].parent / "shared" / "data"

_ATEXT = "abzABZ019._+-'!#$%&*/=?^`{|}~"
_addresses = st.builds(
    lambda local, labels, top: f"{local}@{'.'.join([*labels, top])}",
    st.text(_ATEXT, min_size=1, max_size=70),
    st.lists(st.text("abzAZ09-", min_size=1, max_size=66), min_size=1, max_size=4),
    st.text("abzAZ09-", min_size=1, max_size=66),
)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("ＡＢＣ", "abc"),
        ("ﾅｶﾑﾗ", "ナカムラ"),
        ("中村 理恵", "中村　理恵"),
        ("㈱ミナモ", "(株)ミナモ"),
        ("Straße", "STRASSE"),
        ("髙橋", "高橋"),
        ("山﨑", "山崎"),
        ("葛\U000e0100城", "葛城"),
        ("a\u200bb\u00adc", "ABC"),
        ("か\u3099", "が"),
    ],
)
def test_fold_sees_no_difference(one: str, other: str) -> None:
    """Width, case, blanks, invisible signs and variant glyphs do not make another person."""
    assert fold(one) == fold(other)


def test_fold_removes_all_invisible_characters() -> None:
    """Every control, format and space character of Unicode is gone after folding."""
    unseen = [
        chr(code) for code in range(0x110000) if unicodedata.category(chr(code)) in {"Cc", "Cf", "Zs", "Zl", "Zp"}
    ]
    assert [hex(ord(sign)) for sign in unseen if fold(sign)] == []


@given(st.text())
def test_folding_twice_changes_nothing(text: str) -> None:
    """A key can be folded again without becoming another key."""
    assert fold(fold(text)) == fold(text)


@given(st.text())
def test_half_width_keeps_every_offset(text: str) -> None:
    """Positions found in the half-width text are good for the typed one."""
    assert len(half_width(text)) == len(text)


@pytest.mark.parametrize(
    ("typed", "read", "key"),
    [
        ("r.nakamura@minamo-seiki.example", "r.nakamura@minamo-seiki.example", "r.nakamura@minamo-seiki.example"),
        (" R.Nakamura+Expo@Minamo.EXAMPLE ", "R.Nakamura+Expo@Minamo.EXAMPLE", "r.nakamura+expo@minamo.example"),
        ("ｒ１＠ｘ．ｅｘａｍｐｌｅ", "r1@x.example", "r1@x.example"),
        ("a@b.test", "a@b.test", "a@b.test"),
        ("a@intra.local", "a@intra.local", "a@intra.local"),
        ("山田@例え.jp", "山田@例え.jp", "山田@xn--r8jz45g.jp"),
        ("r@XN--R8JZ45G.jp", "r@XN--R8JZ45G.jp", "r@xn--r8jz45g.jp"),
    ],
)
def test_email_is_read_as_typed_and_compared_by_its_key(typed: str, read: str, key: str) -> None:
    """Full-width signs become plain, the rest stays; the key is lower case and IDNA."""
    assert read_email(typed) == read
    assert email_key(typed) == key


@pytest.mark.parametrize("typed", ["", "@", "a@b", "a..b@c.jp", "a b@c.jp", "a@b@c.jp", "@tanaka", "a@-b.jp", "a@b.1"])
def test_what_is_no_address_is_refused(typed: str) -> None:
    """The error names the field and what was typed; there is no key."""
    with pytest.raises(InputError) as caught:
        read_email(typed)
    assert (caught.value.problem, caught.value.field, caught.value.value) == (Problem.BAD_EMAIL, "email", typed)
    assert email_key(typed) is None


@given(_addresses)
def test_plain_addresses_are_a_subset_of_what_the_validator_accepts(address: str) -> None:
    """The cheap pattern never lets through what email-validator would refuse."""
    email_key("r@例え.jp")  # The first unusual address loads the validator as we use it.
    if is_plain_email(address):
        valid = email_validator.validate_email(address, check_deliverability=False)
        assert email_key(address) == valid.normalized.lower()


def test_isemail_collection_reads_as_the_validator_says() -> None:
    """A public collection of odd addresses: we accept exactly what email-validator does, and only its errors."""
    path = DATA / "nasty" / "isemail_tests.xml"
    if not path.exists():
        pytest.skip(f"{path} is absent")
    addresses = [node.findtext("address") or "" for node in ET.parse(path).iter("test")]  # noqa: S314  # Our own file.
    assert len(addresses) > 150
    email_key("r@例え.jp")
    for address in addresses:
        try:
            email_validator.validate_email(
                unicodedata.normalize("NFKC", address.strip()).strip(), check_deliverability=False
            )
            is_valid = True
        except email_validator.EmailNotValidError:
            is_valid = False
        assert (email_key(address) is not None) == is_valid, address


@pytest.mark.parametrize(
    ("email", "is_business"),
    [
        ("r@minamo-seiki.example", True),
        ("r@GMAIL.com", False),
        ("r@yahoo.co.jp", False),
        ("r@docomo.ne.jp", False),
        ("r@t.vodafone.ne.jp", False),
        ("ｒ＠ｎｉｆｔｙ．ｃｏｍ", False),
        ("r@notgmail.com", True),
        ("", False),
        ("gmail.com", False),
    ],
)
def test_free_mail_is_no_business_address(email: str, is_business: bool) -> None:
    """Fit points for a business address are not given to private ones."""
    assert is_business_email(email) is is_business


@pytest.mark.parametrize(
    ("typed", "read", "key"),
    [
        ("045-555-0142", "045-555-0142", "+81455550142"),
        ("０３ー１２３４ー５６７８", "03-1234-5678", "+81312345678"),
        ("+81 45-555-0142", "+81 45-555-0142", "+81455550142"),
        ("(03) 1234-5678", "(03) 1234-5678", "+81312345678"),
        ("090  0000　0000", "090 0000 0000", "+819000000000"),
        ("03-1234-5678 内線 123", "03-1234-5678 内線 123", "+81312345678"),
        ("03-1234-5678 ext. 5", "03-1234-5678 ext. 5", "+81312345678"),
        ("tel:+1-415-555-0132", "+1-415-555-0132", "+14155550132"),
        ("0120-123-456", "0120-123-456", "+81120123456"),
    ],
)
def test_phone_is_tidied_and_compared_as_e164(typed: str, read: str, key: str) -> None:
    """The typed form stays readable with its extension; the key is the number alone."""
    assert read_phone(typed, "JP") == read
    assert phone_key(typed, "JP") == key


@pytest.mark.parametrize("typed", ["", "abc", "123", "530-0001", "+999 1234", "1" * 300])
def test_what_is_no_phone_number_is_refused(typed: str) -> None:
    """The error names the field and what was typed."""
    with pytest.raises(InputError) as caught:
        read_phone(typed, "JP")
    assert (caught.value.problem, caught.value.field, caught.value.value) == (Problem.BAD_PHONE, "phone", typed)
    assert phone_key(typed, "JP") is None


@given(st.from_regex(r"0-?[0-9](?:-?[0-9]){6,10}", fullmatch=True))
def test_plain_numbers_are_a_subset_of_what_phonenumbers_finds_possible(typed: str) -> None:
    """The cheap pattern takes no number that phonenumbers refuses, and makes the same key of it."""
    if is_plain_phone(typed, "JP"):
        number = phonenumbers.parse(typed, "JP")
        assert phonenumbers.is_possible_number(number)
        assert phone_key(typed, "JP") == phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
    assert not is_plain_phone(typed, "US")


@given(st.text("0123456789+-() 内線ext.#,;=ー０", max_size=40) | st.text(max_size=40))
def test_phones_and_addresses_raise_nothing_but_input_errors(text: str) -> None:
    """Whatever is typed, the answer is a value or an InputError."""
    phone_key(text, "JP")
    is_real_phone(text, "JP")
    is_business_email(text)
    email_key(text)
    for read in (read_email, lambda typed: read_phone(typed, "JP")):
        try:
            read(text)
        except InputError:
            continue
