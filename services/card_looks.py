"""What the lines of a card look like: names, translations beside them, departments, slogans, sentences."""

import re

from models.lead import Source
from services.line_looks import has_legal_form

_JAPANESE = re.compile(r"[\u3040-\u30ff\u3400-\u9fff々〆ヶ]")
_LATIN = re.compile(r"[A-Za-z]")

_FORMS = {
    "株": "株式会社", "有": "有限会社", "同": "合同会社", "合": "合同会社", "資": "合資会社", "名": "合名会社",
    "社": "社団法人", "財": "財団法人", "医": "医療法人", "学": "学校法人", "福": "社会福祉法人",
}  # fmt: skip
_SHORT_FORM = re.compile(rf"\(([{''.join(_FORMS)}])\)")

_NAME_JA = re.compile(r"[\u4e00-\u9fff々〆ヶぁ-んァ-ヺー﨑]{1,6}(?: [\u4e00-\u9fff々〆ヶぁ-んァ-ヺー﨑]{1,6})?\Z")
_KATAKANA = re.compile(r"[ァ-ヺー・]+\Z")
_NAME_LATIN = re.compile(r"[A-ZÀ-Þ][\w'’.\-]*(?: (?:[A-ZÀ-Þ][\w'’.\-]*|van|von|de|da|di|del|der|la|bin|al)){1,4}\Z")
_TITLED_LATIN = re.compile(r"(?:Mr|Mrs|Ms|Miss|Dr|Prof)\.? (?=[A-Z])|.*\((?:Mr|Mrs|Ms)\.?\)\Z")
_HONORIFICS = re.compile(r"\A(?:Mr|Mrs|Ms|Miss|Dr|Prof)\.? (?=[A-Z])|\s*(?:様|さま|さん|氏| 殿|\((?:Mr|Mrs|Ms)\.?\))\Z")
# Words of companies rather than of people, and of departments: neither is anybody's name.
_COMPANY_WORDS = re.compile(
    r"\b(?:solutions?|systems?|technolog(?:y|ies)|group|partners|labs?|laborator(?:y|ies)|industries|industry|consulting|"
    r"services?|software|holdings?|bank|university|institute|innovations?|networks?|electronics|energy|digital|"
    r"global|international|company|corporation|studio|agency|association|works|robotics|media|foods|logistics|tech)\b",
    re.IGNORECASE,
)
_DEPARTMENT_WORDS = frozenset(
    [
        "research",
        "development",
        "sales",
        "marketing",
        "engineering",
        "operations",
        "finance",
        "accounting",
        "procurement",
        "purchasing",
        "support",
        "quality",
        "production",
        "planning",
        "strategy",
        "legal",
        "compliance",
        "security",
        "information",
        "technology",
        "business",
        "product",
        "products",
        "customer",
        "success",
        "human",
        "resources",
        "hr",
        "it",
        "r&d",
        "administration",
        "general",
        "affairs",
        "public",
        "relations",
        "pr",
        "design",
        "department",
        "dept",
        "division",
        "div",
        "section",
        "group",
        "team",
        "office",
        "global",
        "corporate",
        "and",
        "of",
        "&",
        "the",
        "for",
    ]
)
_SMALL_WORDS = frozenset({"and", "of", "&", "the", "for", "global", "corporate"})

# What a Japanese title is called in English: standing behind it, the English says nothing new.
_TRANSLATIONS: dict[str, str] = {
    "ceo": "最高経営責任者", "cfo": "最高財務責任者", "coo": "最高執行責任者", "cto": "最高技術責任者", "cio": "最高情報責任者",
    "cmo": "最高マーケティング責任者", "president": "社長", "chairman": "会長", "vice": "副", "director": "取締役|部長|ディレクター",
    "executive": "執行|常務|専務", "officer": "役員|責任者", "representative": "代表", "general": "総務|部長|本部長|統括",
    "manager": "部長|課長|室長|係長|所長|店長|マネー?ジャー", "deputy": "副|次長|代理", "senior": "主任|上級|シニア", "chief": "長|主任|チーフ",
    "leader": "リーダー|長", "engineer": "エンジニア|技師", "sales": "営業|販売", "marketing": "マーケティング", "research": "研究",
    "development": "開発", "engineering": "技術|エンジニアリング", "planning": "企画", "accounting": "経理", "finance": "財務|金融",
    "hr": "人事", "human": "人事", "resources": "人事", "legal": "法務", "affairs": "総務|広報|渉外", "purchasing": "購買", "quality": "品質",
    "production": "生産|製造", "manufacturing": "製造", "it": "情報", "information": "情報", "systems": "システム", "business": "事業|業務",
    "overseas": "海外", "international": "国際|海外", "product": "製品|商品", "technology": "技術|テクノロジー", "div": "部", "division": "部",
    "dept": "部|課", "department": "部|課", "section": "課|係", "group": "グループ", "team": "チーム", "office": "室|局", "and": "", "of": "", "&": "",
    "headquarters": "本部", "branch": "支店|支社", "professor": "教授", "secretary": "秘書", "consultant": "コンサルタント",
}  # fmt: skip

_SLOGAN = re.compile(r"""\s*(?:["“”][^"“”]*["“”]|「[^」]*」|『[^』]*』)\s*\Z""")
_IN_BRACKETS = re.compile(r"\s*\(([^()]*)\)\s*\Z")
_SLASH = re.compile(r"\s*/\s*")
_SENTENCE = re.compile(
    r"[。!?！？]|(?:です|ます|ました|ません|ください|下さい|お願いします|した|よろしく)\s*\Z|"
    r"^(?:(?:best|kind|warm)?\s*regards|sincerely|cheers|thanks|thank you|hi|hello|dear|fyi)\b|^(?:from|to|cc|date|sent|subject)\s*:",
    re.IGNORECASE,
)
_PROSE_WORDS = 7
_PLACE_LATIN = re.compile(
    r"(?=.*\d).*(?:\b\d{4,6}(?:-\d{3,4})? [A-ZÀ-Þ][\w]+|\b[A-Z]{2} \d{5}|\b[A-Z]{1,2}\d{1,2}[A-Z]? \d[A-Z]{2}\b|"
    r",\s*(?:Japan|USA|U\.S\.A\.?|UK|United Kingdom|Germany|France|Singapore|Italy|Spain|Netherlands|China|Korea|India|"
    r"Taiwan|Canada|Australia|[A-Z]{2})\.?\Z|\w+(?:str\.|straße|strasse|weg|platz|gasse)\s\d)"
)
_BUILDING = re.compile(
    r".*(?:ビル(?:ディング)?|タワー|館|階|[0-9]F|号室|スクエア|センター|プラザ|ヒルズ|Bldg\.?|Building|Floor)\s*[0-9A-Z\-]{0,6}\Z"
)

_SOURCES: tuple[tuple[re.Pattern[str], Source], ...] = tuple(
    (re.compile(words, re.IGNORECASE), source)
    for words, source in (
        (r"展示会|見本市|ブース|\bexpo\b|trade ?(?:show|fair)|exhibition", Source.TRADE_SHOW),
        (r"ウェビナー|webinar", Source.WEBINAR),
        (r"セミナー|勉強会|\bseminar\b", Source.SEMINAR),
        (r"資料請求|資料ダウンロード|ホワイトペーパー|white ?paper", Source.WHITEPAPER),
        (r"問い?合わ?せ|contact form|web form", Source.WEB_FORM),
        (r"紹介|referral|referred|introduced", Source.REFERRAL),
        (r"メルマガ|newsletter", Source.NEWSLETTER),
        (r"テレアポ|cold call", Source.COLD_CALL),
        (r"名刺|business card", Source.CARD),
    )
)


def is_japanese(text: str) -> bool:
    """Say whether any of it is written in Japanese."""
    return bool(_JAPANESE.search(text))


def spelled_out(company: str) -> str:
    """Return the company with its short legal form, (株), in full."""
    return _SHORT_FORM.sub(lambda form: _FORMS[form[1]], company)


def without_translation(text: str) -> str:
    """Return what stands in front of the same in another script: `研究開発部 / R&D`, `Shinji Okada (岡田 慎二)`."""
    text = _SLOGAN.sub("", text) or text
    brackets = _IN_BRACKETS.search(text)
    if brackets and brackets.start() and not _SHORT_FORM.fullmatch(brackets[0].strip()):
        before = text[: brackets.start()]
        is_reading = is_japanese(before) and not re.search(r"[\u4e00-\u9fff]", brackets[1])
        if is_japanese(before) != is_japanese(brackets[1]) or is_reading:
            text = before
    head, *tail = _SLASH.split(text, maxsplit=1)
    is_translated = tail and head and is_japanese(head) != is_japanese(tail[0]) and _LATIN.search(head + tail[0])
    return head.rstrip() if is_translated else text


def without_translated_title(title: str) -> str:
    """Return a Japanese title without the English words that merely repeat it: `営業部 Sales Div.` but `取締役 CFO`."""
    words = title.split()
    head = [word for word in words if is_japanese(word)]
    tail = words[len(head) :]
    if not head or not tail or any(map(is_japanese, tail)):
        return title
    japanese = " ".join(head)
    return japanese if all(_repeats(word, japanese) for word in tail) else title


def _repeats(word: str, japanese: str) -> bool:
    meaning = _TRANSLATIONS.get(word.strip(".,()").lower())
    return meaning is not None and bool(re.search(meaning, japanese))


def first_script(name: str) -> str:
    """Return the words of a name up to where the same follows in the other script."""
    words = name.split()
    is_first = is_japanese(words[0]) if words else False
    count = next((at for at, word in enumerate(words) if is_japanese(word) != is_first), len(words))
    return " ".join(words[:count])


def without_honorifics(name: str) -> str:
    """Return a name without Mr., 様 and the like."""
    return _HONORIFICS.sub("", name).strip() or name


def likeness_of_name(text: str, email: str) -> int:
    """Say how much a line looks like somebody's name; 0 for not at all."""
    if _TITLED_LATIN.match(text):
        return 6
    text = first_script(without_honorifics(text))
    if is_japanese(text):
        if not _NAME_JA.match(text) or (_KATAKANA.match(text.replace(" ", "")) and " " not in text):
            return 0
        return 4 if " " in text else 2 if 2 <= len(text) <= 6 else 0
    if not _NAME_LATIN.match(text) or _COMPANY_WORDS.search(text) or is_department(text):
        return 0
    local = email.partition("@")[0].lower()
    return 5 if any(len(word) > 2 and word.lower() in local for word in text.split()) else 3


def is_department(text: str) -> bool:
    """Say whether an English line names a department: `Research and Development`."""
    words = {word.strip(".,").lower() for word in text.split()}
    return words <= _DEPARTMENT_WORDS and not words <= _SMALL_WORDS


def looks_like_company(text: str, email: str) -> bool:
    """Say whether a line without a legal form may be a company: by its words, or by the domain of the address."""
    domain = email.rpartition("@")[2].lower().replace("-", "")
    words = [word.lower() for word in re.findall(r"[A-Za-z]{4,}", text)]
    return bool(_COMPANY_WORDS.search(text)) or any(word in domain for word in words)


def is_prose(text: str) -> bool:
    """Say whether a line is a sentence or a greeting, which belongs to no field."""
    if _SENTENCE.search(text):
        return True
    words = 0 if is_japanese(text) else len(text.split())
    ends = text.endswith((".", ":", ",")) and not has_legal_form(text)
    return words > _PROSE_WORDS or (ends and words > _PROSE_WORDS // 2)


def is_place(text: str) -> bool:
    """Say whether a line of Latin letters is an address."""
    return bool(_PLACE_LATIN.match(text))


def is_building(text: str) -> bool:
    """Say whether a line can go on with an address above it: a building, a floor."""
    return bool(_BUILDING.match(text)) and not is_prose(text)


def source_of(prose: str) -> Source | None:
    """Return where the words around a card say that it came from."""
    return next((source for words, source in _SOURCES if words.search(prose)), None)
