"""Names are compared in one form, however they are written."""

import csv
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.folding import company_key, company_spellings, fold_name, search_words

TYPED = st.text(max_size=20) | st.text(
    alphabet="株式会社有限()（）㈱ーｰ-‐゛かガヵㇰ㌔髙邉A ・.,&coltdIncSA", max_size=14
)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("髙橋 一郎", "高橋一郎"),
        ("渡邊", "渡辺"),
        ("渡邉", "渡辺"),
        ("齋藤", "斎藤"),
        ("ロツク", "ロック"),
        ("さかた", "サカタ"),
        ("ﾀﾅｶ", "タナカ"),
        ("キヤノン", "キャノン"),
        ("Ｊ－ＭＡＸ", "j‐max"),
        ("デ－タ", "データ"),
    ],
)
def test_ways_to_write_a_name_are_one(one: str, other: str) -> None:
    """Old and new characters, both kana, small kana, width and hyphens do not tell people apart."""
    assert fold_name(one) == fold_name(other)


@pytest.mark.parametrize(
    ("one", "other"), [("田中", "中田"), ("ビール", "ビル"), ("斎藤", "斉藤"), ("小野", "大野"), ("カ", "ガ")]
)
def test_names_that_differ_stay_apart(one: str, other: str) -> None:
    """Folding joins ways of writing, never two names."""
    assert fold_name(one) != fold_name(other)


@pytest.mark.parametrize(
    "typed",
    ["㈱ミナモ精機", "(株)ミナモ精機", "（株） ミナモ精機", "株式会社　ミナモ精機", "ミナモ精機株式会社", "ミナモ精機㈱",
     "ﾐﾅﾓ精機", "ミナモ精機株式会社（東京支店）"],
)  # fmt: skip
def test_a_japanese_company_is_known_without_its_legal_form(typed: str) -> None:
    """Before or after the name, written out, abridged or in one sign."""
    assert company_key(typed) == "ミナモ精機"


@pytest.mark.parametrize(
    "typed",
    ["Minamo Seiki Co., Ltd.", "MINAMO SEIKI K.K.", "Minamo-Seiki GmbH & Co. KG", "minamo seiki, inc", "Minamo Seiki S.A. de C.V.",
     "PT Minamo Seiki Tbk", "Minamo Seiki Sp. z o.o.", "A B Minamo Seiki", "Minamo Seiki Pty Ltd"],
)  # fmt: skip
def test_a_company_of_the_world_is_known_without_its_legal_form(typed: str) -> None:
    """Legal forms are words at the end, or before the name where that is the custom."""
    assert company_key(typed) == "minamoseiki"


@pytest.mark.parametrize("typed", ["株式会社", "Inc.", "Company", "㈱", "SE", "(株)"])
def test_nothing_but_a_legal_form_stays(typed: str) -> None:
    """Who types only that is not made nobody."""
    assert company_key(typed)


def test_initials_are_known_by_their_japanese_names() -> None:
    """JSP and ジェイエスピー are found by each other, and a name that only holds letters is left alone."""
    assert company_spellings("ＪＳＰ")[1] == company_key("株式会社ジェイエスピー")
    assert company_spellings("株式会社ジェイエスピー")[1] == company_key("JSP")
    assert company_spellings("エスフーズ") == (company_key("エスフーズ"),)


def test_words_to_search_leave_legal_forms_out() -> None:
    """`㈱ミナモ` looks for ミナモ; who looks for 株式会社 alone means it."""
    assert search_words("㈱ミナモ 精機") == ["ミナモ", "精機"]
    assert search_words("Minamo K.K.") == ["minamo"]
    assert search_words("株式会社") == ["株式会社"]
    assert search_words("  ") == []


@given(TYPED)
def test_folding_again_changes_nothing(typed: str) -> None:
    """A key of a key is the key, so that what is stored can be compared with what is folded."""
    assert fold_name(fold_name(typed)) == fold_name(typed)
    assert company_key(company_key(typed)) == company_key(typed)


def test_legal_forms_of_the_world_are_left_out(shared_data: Path) -> None:
    """Of 1,320 companies of the world none keeps the form that ends its name."""
    forms = ("ltd", "inc", "corp", "plc", "gmbh")
    with (shared_data / "companies" / "cleanco_companies.csv").open(encoding="utf-8") as file:
        names = [row[0] for row in csv.reader(file, delimiter=";") if row]
    kept = [name for name in names if name.lower().rstrip(".").split()[-1] in forms and len(name.split()) > 1
            and company_key(name).endswith(name.lower().rstrip(".").split()[-1]) and company_key(name) == company_key(name + " x")[:-1]]  # fmt: skip
    assert len(names) > 1300
    assert kept == []
