"""Names as they are compared: one form for every way to write a person or a company.

On top of `identity.fold` (width, case, blanks): hiragana and katakana are one, small kana are large (ロツク, ロック), old
characters are new (髙 鑛 邊), and the many hyphens are one. A company's key also lacks its legal form. Everything is
pure, linear in the length of what was typed, and stays as it is when folded again. docs/matching.md says more.
"""

import re
import unicodedata
from functools import lru_cache

from services.identity import fold

# Old form and new form, as the Jōyō kanji table gives them in brackets (常用漢字表, 2010), and the variants that stand in
# family and company names (髙 﨑 邉 嶋 …, from the family registers' table 戸籍統一文字). What Unicode holds for one
# character (the compatibility ideographs) NFKC has joined before.
_OLD_AND_NEW = """
亞亜 惡悪 壓圧 圍囲 醫医 爲為 壹壱 隱隠 榮栄 營営 衞衛 驛駅 圓円 鹽塩 緣縁 艷艶 應応 歐欧 毆殴 櫻桜 奧奥 橫横 溫温 穩穏 假仮 價価
畫画 會会 繪絵 壞壊 懷懐 槪概 擴拡 殼殻 覺覚 學学 嶽岳 樂楽 渴渇 罐缶 卷巻 陷陥 勸勧 寬寛 關関 歡歓 觀観 顏顔 氣気 歸帰 龜亀 僞偽 戲戯
犧犠 舊旧 據拠 擧挙 虛虚 峽峡 挾挟 狹狭 鄕郷 曉暁 區区 驅駆 勳勲 薰薫 徑径 莖茎 惠恵 揭掲 溪渓 經経 螢蛍 輕軽 繼継 鷄鶏 藝芸 擊撃 缺欠
硏研 縣県 儉倹 劍剣 險険 圈圏 檢検 獻献 權権 顯顕 驗験 嚴厳 廣広 效効 恆恒 黃黄 鑛鉱 號号 國国 黑黒 碎砕 濟済 齋斎 劑剤 雜雑 參参 棧桟
蠶蚕 慘惨 贊賛 殘残 絲糸 齒歯 兒児 辭辞 濕湿 實実 寫写 釋釈 壽寿 收収 從従 澁渋 獸獣 縱縦 肅粛 處処 緖緒 敍叙 將将 稱称 涉渉 燒焼 證証
奬奨 條条 狀状 乘乗 淨浄 剩剰 疊畳 繩縄 壤壌 孃嬢 讓譲 釀醸 觸触 囑嘱 眞真 寢寝 愼慎 盡尽 圖図 粹粋 醉酔 穗穂 隨随 髓髄 樞枢 數数 瀨瀬
聲声 齊斉 靜静 竊窃 攝摂 專専 淺浅 戰戦 踐践 錢銭 潛潜 纖繊 纎繊 禪禅 雙双 壯壮 爭争 莊荘 搜捜 插挿 巢巣 曾曽 瘦痩 裝装 總総 騷騒 增増
藏蔵 臟臓 卽即 屬属 續続 墮堕 對対 體体 帶帯 滯滞 臺台 瀧滝 擇択 澤沢 擔担 單単 膽胆 團団 斷断 彈弾 遲遅 癡痴 蟲虫 晝昼 鑄鋳 廳庁 徵徴
聽聴 敕勅 鎭鎮 遞逓 鐵鉄 點点 轉転 傳伝 燈灯 當当 黨党 盜盗 稻稲 鬭闘 德徳 獨独 讀読 屆届 貳弐 惱悩 腦脳 霸覇 拜拝 廢廃 賣売 麥麦 發発
髮髪 拔抜 晚晩 蠻蛮 祕秘 濱浜 甁瓶 拂払 佛仏 倂併 竝並 餠餅 邊辺 變変 辨弁 瓣弁 辯弁 步歩 寶宝 豐豊 襃褒 飜翻 每毎 萬万 滿満 麵麺 默黙
彌弥 譯訳 藥薬 與与 豫予 餘余 譽誉 搖揺 樣様 謠謡 來来 賴頼 亂乱 覽覧 龍竜 兩両 獵猟 綠緑 淚涙 壘塁 禮礼 勵励 戾戻 靈霊 隸隷 齡齢 曆暦
歷歴 戀恋 鍊錬 爐炉 勞労 郞郎 樓楼 錄録 灣湾
髙高 﨑崎 嵜崎 碕崎 邉辺 濵浜 嶋島 嶌島 冨富 桒桑 𠮷吉 淵渕 舘館 舍舎 劔剣 槗橋 栁柳 廣広 凬風 曻昇 眞真 槇槙 靏鶴 靍鶴 緜綿 鉃鉄 鈆鉛 煕熙 凞熙
"""
_NEW_FORMS = {pair[0]: pair[1] for pair in _OLD_AND_NEW.split()}
_SMALL_KANA = dict(zip("ァィゥェォッャュョヮヵヶㇰㇱㇲㇳㇴㇵㇶㇷㇸㇹㇺㇻㇼㇽㇾㇿ",
                       "アイウエオツヤユヨワカケクシストヌハヒフヘホムラリルレロ", strict=True))  # fmt: skip
_OLD_KANA = {"ヱ": "エ", "ヰ": "イ", "ヲ": "オ"}
_HIRAGANA = {chr(code): chr(code + 0x60) for code in range(0x3041, 0x3097)}
_KANA = {sign: _SMALL_KANA.get(kana, _OLD_KANA.get(kana, kana)) for sign, kana in _HIRAGANA.items()}
_ONE_FORM = str.maketrans({**_NEW_FORMS, **_SMALL_KANA, **_OLD_KANA, **_KANA, "ゝ": "ヽ", "ゞ": "ヾ"})

_HYPHEN = "‐‑‒–—―−ーｰ－〜～~-"
_HYPHENS = re.compile(f"[{_HYPHEN}]+")
_IS_KANA = re.compile("[ァ-ヺヽヾ]")


@lru_cache(maxsize=64)
def fold_name(text: str) -> str:
    """Return the form by which names of people and companies are compared and searched."""
    folded = fold(text)
    if folded.isascii():
        return folded
    # A voiced kana can arrive as two signs, and a small one inside a square (㌔): NFKC before, the table after.
    folded = unicodedata.normalize("NFKC", folded.translate(_ONE_FORM)).translate(_ONE_FORM)
    return _HYPHENS.sub(_one_hyphen, folded)


def _one_hyphen(found: re.Match[str]) -> str:
    """Write a long vowel's mark after kana and a hyphen anywhere else, as often as signs were typed."""
    before = found.string[found.start() - 1 : found.start()]
    return ("ー" if _IS_KANA.match(before) else "-") * len(found[0])


# 法人格: what may stand before or after a Japanese name, written out, in brackets (NFKC opens ㈱) or abridged.
_JAPANESE_FORMS = (
    "特定非営利活動法人|国立研究開発法人|地方独立行政法人|一般社団法人|一般財団法人|公益社団法人|公益財団法人|社会福祉法人|"
    "独立行政法人|国立大学法人|公立大学法人|特定目的会社|生活協同組合|農業協同組合|協同組合|株式会社|有限会社|合同会社|合資会社|"
    "合名会社|相互会社|医療法人社団|医療法人財団|医療法人|学校法人|宗教法人|社団法人|財団法人|弁護士法人|税理士法人|監査法人|"
    r"\([株有同資名相医学社財福宗独特](?:福|独|非)?\)|"
    # Readings, as registers of kana give them; kana are large by now.
    "カブシキガイシヤ|カブシキカイシヤ|ユウゲンガイシヤ|ゴウドウガイシヤ"
)
# Legal forms of the world, as words without points and slashes; several words stand joined.
_WORLD_FORMS = frozenset("""
    co ltd limited inc incorporated corp corporation company llc llp lp plc pllc pc kk gk yk ks
    kabushikikaisha kabushikigaisha godokaisha godogaisha yugenkaisha
    gmbh mbh ag kgaa kg ohg ug ev se aktiengesellschaft sa sarl sas sasu sca snc spa srl sapa sl slu sau
    sadecv sabdecv sapidecv srldecv cv sab scr ltda eireli nv bv vof bvba sprl ab publ aktiebolag aktieselskab
    as asa aps oy oyj abp hf ehf ou uab sia spzoo sro kft zrt nyrt rt doo dd ad eood ood
    ooo oao zao pao ao jsc ojsc pjsc cjsc pty proprietary pvt private pte sdn bhd berhad pt tbk pcl nl ulc rl saic
    societeanonyme sociedadanonima naamlozevennootschap publiccompanylimited
""".split())  # noqa: SIM905  # fmt: skip  # A table reads better than a hundred quotation marks.
_BEFORE = frozenset({"pt", "ooo", "oao", "zao", "pao", "ao", "ab", "as", "oy", "kk"})
_LONGEST_FORM = 3
"""Words: S.A. de C.V., Sp. z o.o."""

_ASIDE = re.compile(r"\([^()]*\)")
_NOT_NAME = re.compile(r"[^\w]|_")
_POINTS = re.compile(r"[./'’]")
_JAPANESE_FORM = re.compile(f"^(?:{_JAPANESE_FORMS})|(?:{_JAPANESE_FORMS})$")


@lru_cache(maxsize=64)
def company_key(text: str) -> str:
    """Return the form by which companies are compared: the folded name without legal form, blanks and punctuation.

    "" for nothing. A name that is nothing but a legal form stays.
    """
    whole = fold_name(text)
    name = _without_japanese_form(whole)
    if name == whole:
        name = fold_name(_without_world_form(unicodedata.normalize("NFKC", text)))
    # Brackets hold another name or a place, once those that hold a legal form are gone.
    return _core(_without_japanese_form(_ASIDE.sub("", name))) or _core(whole)


def company_spellings(text: str) -> tuple[str, ...]:
    """Return the company's key and, where the name is letters or their Japanese names (JSP, ジェイエスピー), the other."""
    key = company_key(text)
    if key.isascii() and key.isalpha() and len(key) in _INITIALS:
        return key, "".join(_LETTER_NAMES[letter] for letter in key)
    letters = _SPELT_OUT.fullmatch(key)
    spelt = "".join(_LETTERS[name] for name in _LETTER_NAME.findall(key)) if letters else ""
    return (key, spelt) if len(spelt) in _INITIALS else (key,)


_INITIALS = range(2, 6)
_LETTER_NAMES = dict(zip("abcdefghijklmnopqrstuvwxyz", """
    エー ビー シー デイー イー エフ ジー エイチ アイ ジエイ ケー エル エム エヌ オー ピー キユー アール エス テイー ユー ブイ
    ダブリユー エツクス ワイ ゼツト
""".split(), strict=True))  # fmt: skip  # noqa: SIM905  # As above.
_LETTERS = {name: letter for letter, name in _LETTER_NAMES.items()} | {
    "エイ": "a", "デー": "d", "エツチ": "h", "ジエー": "j", "ケイ": "k", "テー": "t", "ヴイ": "v"}  # fmt: skip
_LETTER_NAME = re.compile("|".join(sorted(_LETTERS, key=len, reverse=True)))
_SPELT_OUT = re.compile(f"(?:{_LETTER_NAME.pattern})+")


def _core(folded: str) -> str:
    return _NOT_NAME.sub("", folded)


def _without_japanese_form(folded: str) -> str:
    while (rest := _JAPANESE_FORM.sub("", folded)) != folded and rest:
        folded = rest
    return folded


def _without_world_form(text: str) -> str:
    """Return the text without the legal forms that stand as words at its end, or before its first word."""
    words = text.replace(",", " ").split()
    plain = [_POINTS.sub("", word).casefold() for word in words]
    while len(words) > 1:
        ends = range(min(_LONGEST_FORM, len(words) - 1), 0, -1)
        size = next((n for n in ends if "".join(plain[-n:]) in _WORLD_FORMS), 0)
        if size and plain[-size - 1] in {"&", "and"}:
            # GmbH & Co. is one form; the company of TAKARA & COMPANY is its name.
            size = size + 1 if len(words) > size + 2 and plain[-size - 2] in _WORLD_FORMS else 0
        if size == 0:
            break
        del words[-size:], plain[-size:]
    starts = next((n for n in (2, 1) if n < len(words) and "".join(plain[:n]) in _BEFORE), 0)
    return " ".join(words[starts:])


def search_words(query: str) -> list[str]:
    """Return the folded words to look for: legal forms are left out, unless nothing else was typed."""
    words = [fold_name(word) for word in query.split()]
    kept = [_without_japanese_form(word) for word in words if _POINTS.sub("", word).strip(",") not in _WORLD_FORMS]
    return [word for word in kept if word and not _JAPANESE_FORM.fullmatch(word)] or [word for word in words if word]
