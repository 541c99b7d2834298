"""Tell by its looks what a piece is: a company by its legal form, a title by its words, an address by its signs."""

import re

from models.lead import Source
from services.identity import half_width
from services.line_pieces import Piece
from services.vocabulary import read_source

FORM_JA = re.compile(
    r"株式会社|有限会社|合同会社|合資会社|合名会社|相互会社|㈱|㈲|[(（][株有合同資名社財学医福]{1,2}[)）]|(?:社団|財団|学校|医療|宗教|福祉|独立行政|"
    r"国立大学|公立大学|監査|税理士|弁護士|農業協同組合|NPO|特定非営利活動)法人|協同組合"
)
_FORM_EN = re.compile(
    r"(?:\b(?:Inc|Incorporated|Ltd|Limited|LLC|LLP|PLC|Corp|Corporation|GmbH|SARL|K\.?K|Pte|Pty|B\.V|N\.V|S\.A|S\.p\.A)\b\.?|"
    r"\bCo\.|\b(?:Company|University|Holdings)|\b(?:AG|AB|Oy))(?=\s*[(（/]|\s*\Z)",
)
FORM_ALONE = re.compile(r"(?:株式会社|有限会社|合同会社|㈱|㈲|[(（][株有][)）])\Z")
_COMPANY_END = re.compile(
    r"(?:大学院?|病院|銀行|信用金庫|協会|組合|研究所|製作所|商事|商店|商会|市役所|[町村]役場|県庁|都庁|府庁|学園|高校|学校|ホールディングス|製薬|電機|電力|"
    r"建設|不動産|印刷|新聞社|工務店|精機|工業|化学|食品|物産)\Z"
)

_TITLE_END = (
    r"(?:[部課係室局次所店社会院館校園学団議組]長|支[店社]長|工場長|理事長?|監事|事務長|本部長|[班隊]長|主任|主査|主幹|主事|参事|取締役|監査役|執行役員?|代表(?:者)?|"
    r"役員|顧問|相談役|参与|担当者?|責任者|リーダー|チーフ|マネージャー?|マネジャー|ディレクター|エンジニア|プロデューサー|デザイナー|コンサルタント|アナリスト|"
    r"アドバイザー|スペシャリスト|プランナー|秘書|弁護士|税理士|会計士|教授|講師|研究員|技師|職員|社員|スタッフ|バイヤー|オーナー)"
)
_DEPARTMENTS = (
    "営業|総務|人事|経理|開発|技術|製造|企画|法務|広報|購買|調達|財務|管理|物流|生産|情報|品質|事業|業務|宣伝|販売|研究|設計|施設|工務|資材|国際|海外|編集|調査|監査|経営|"
    "秘書|審査|教育|看護|薬剤|商品|店舗|運営|推進|戦略|システム|マーケティング"
)
_TITLE_JA = re.compile(
    rf"\S*{_TITLE_END}(?:/\S+)?\Z|(?:{_DEPARTMENTS}|\S{{3,}})(?:部|課|係|室|事務局|営業所|事業所|支店|支社|チーム)\Z"
)
_PURE_TITLE = re.compile(
    rf"(?:(?:{_DEPARTMENTS}|代表|常務|専務|副|本|第[一二三四五六七八九\d]|[部課係室局]|担当|最高|執行|責任者?)*"
    rf"{_TITLE_END}?)+\Z|\S{{4,}}(?:部|課|係|室)\Z"
)
_TITLE_EN = re.compile(
    r"(?:manager|director|ceo|coo|cfo|cto|cio|cmo|ciso|president|officer|engineer|head of|head|vp|evp|svp|chief|leader|"
    r"supervisor|coordinator|consultant|analyst|specialist|executive|founder|co-founder|professor|researcher|scientist|"
    r"developer|designer|architect|administrator|secretary|buyer|planner|accountant|department|dept|division|div|section)"
    r"(?![A-Za-z])",
    re.IGNORECASE,
)

_PREFECTURES = (
    "北海道|(?:京都|大阪)府|東京都|(?:青森|岩手|宮城|秋田|山形|福島|茨城|栃木|群馬|埼玉|千葉|神奈川|新潟|富山|石川|福井|山梨|長野|岐阜|静岡|愛知|三重|滋賀|兵庫|奈良|"
    "和歌山|鳥取|島根|岡山|広島|山口|徳島|香川|愛媛|高知|福岡|佐賀|長崎|熊本|大分|宮崎|鹿児島|沖縄)県"
)
_NUMBER_JA = r"[\d一二三四五六七八九十〇百](?:丁目|番|[\-ー−‐–の]|号)"
_ADDRESS = re.compile(
    rf"〒|(?:{_PREFECTURES})\s?\S{{1,12}}?[市区町村郡]|\S{{1,8}}?[市区町村郡]\S{{0,30}}?{_NUMBER_JA}|\d+(?:-\d+)+\s+[A-Za-z]|"
    r"\d+\s+(?:[\w.'-]+\s+){0,4}(?:st|street|ave|avenue|rd|road|dr|drive|blvd|boulevard|lane|ln|park|way|square|plaza|suite|"
    r"floor|court|highway|hwy|parkway|terrace)\b",
    re.IGNORECASE,
)
REGION = re.compile(
    r"(?:(?:suite|room|rm|floor|unit|apt|bldg|building)\b.*|[\w'-]+-(?:ku|shi|cho|machi|ken|to|fu|gun)|[A-Z]{2}(?:\s\d{5}(?:-\d{4})?)?|"
    r"\d{3}-\d{4}|\d{5}|\d{1,3}(?:F|階|号室)|tokyo|osaka|kyoto|yokohama|nagoya|japan|usa|u\.s\.a\.?|uk|germany|france|"
    r"singapore|china|korea|.*(?:ビル|タワー|階|号室|丁目|番地))\Z",
    re.IGNORECASE,
)
LATIN = re.compile(r"[A-Za-z0-9À-ɏ .,'&/#()-]{1,60}\Z")
TITLE_CASE = re.compile(r"[A-Z][\w&.'/-]*(?:\s+(?:[A-Z&(][\w&.'/()-]*|of|and|for|the|in))*\Z", re.ASCII)
FREE_TEXT = frozenset({"note", "mission", "interest", "need", "timing", "budget"})
LOOKED_AT_MAX = 120
"""Characters of a piece that its looks are judged by."""


def looks_of(piece: Piece, *, is_first: bool) -> str:
    """Return the field that a free piece's text belongs to by its looks, empty when they do not tell."""
    text = half_width(piece.text[:LOOKED_AT_MAX])
    if _ADDRESS.match(text):
        return "address"
    if has_legal_form(text) or (is_first and _COMPANY_END.search(text)):
        return "company"
    if _is_title(text, is_first=is_first):
        return "title"
    source = None if is_first else read_source(text)
    return "source" if source not in {None, Source.OTHER} else ""


def has_legal_form(text: str) -> bool:
    """Tell whether a legal form such as 株式会社 or Inc. stands in the text."""
    return bool(FORM_JA.search(text) or _FORM_EN.search(text))


def _is_title(text: str, *, is_first: bool) -> bool:
    """Say whether the text is a title or a department. In first place only if it can be nothing else: 阿部, 佐藤 部長."""
    words = text.split()
    if is_first:
        return all(_PURE_TITLE.match(word) or _is_title_en(word) for word in words)
    return any(map(is_title_word, words)) or "head of" in text.lower()


def is_title_word(word: str) -> bool:
    """Tell whether a word is a title or a department by itself."""
    return bool(_TITLE_JA.match(word)) or _is_title_en(word)


def _is_title_en(word: str) -> bool:
    return word[:1].isascii() and bool(_TITLE_EN.match(word))
