"""The words people type for the closed sets, in both languages, looked up by their folded form.

A word that is not listed reads as None; the `nearest_*` functions say which one was probably meant.
"""

from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import TypeVar

from models.consent import ConsentBasis
from models.facts import ListName
from models.handoff import ReturnReason
from models.lead import Consent, DecisionRole, LeadKind, Progress, Source
from models.touchpoint import Direction, TouchpointKind
from services.identity import fold

_Choice = TypeVar("_Choice", bound=StrEnum)

_NEAREST_MIN = 60
"""Similarity (rapidfuzz ratio, 0 to 100) below which a suggestion would only puzzle: `ad` for `edit` scores 57."""
_WORD_MAX = 40
"""Characters; a longer word is a sentence, and comparing it costs time."""


_KIND_WORDS: dict[TouchpointKind, str] = {
    TouchpointKind.CALL: "電話,架電,発信,受電,着信,入電,コール,TEL,call,called,phone,phone call,telephone,ring,zoom電話",
    TouchpointKind.EMAIL: "メール,eメール,電子メール,メール送信,メール受信,email,e-mail,mail,emailed",
    TouchpointKind.REPLY: "返信,メール返信,返事,回答,reply,replied,response,answer",
    TouchpointKind.MEETING: "商談,打ち合わせ,打合せ,打合わせ,商談・打ち合わせ,会議,面談,ミーティング,オンライン商談,オンライン会議,"
                            "web商談,web会議,アポ,アポイント,meeting,mtg,met,appointment,zoom,teams,google meet",
    TouchpointKind.VISIT: "訪問,往訪,客先訪問,来社,来店,来訪,来場,visit,visited,on-site visit,onsite",
    TouchpointKind.DEMO: "デモ,デモンストレーション,製品デモ,実演,demo,demonstration,product demo",
    TouchpointKind.DEMO_REQUEST: "デモ依頼,デモ希望,デモ申込,デモ申し込み,デモリクエスト,トライアル申込,demo request,request demo,"
                                 "trial request",
    TouchpointKind.TRADE_SHOW: "展示会,見本市,エキスポ,ブース,ブース来場,trade show,tradeshow,trade fair,exhibition,expo,fair,booth",
    TouchpointKind.SEMINAR: "セミナー,勉強会,講演,講演会,イベント,セミナー参加,seminar,event,workshop,conference",
    TouchpointKind.WEBINAR: "ウェビナー,webセミナー,オンラインセミナー,ウェビナー参加,webinar,online seminar",
    TouchpointKind.WHITEPAPER: "資料請求,資料ダウンロード,資料dl,ダウンロード,ホワイトペーパー,カタログ請求,whitepaper,white paper,"
                               "whitepaper request,download,downloaded,dl,ebook,brochure",
    TouchpointKind.FORM: "フォーム,問い合わせ,問合せ,問合わせ,お問い合わせ,お問合せ,問い合わせフォーム,お問い合わせフォーム,Webフォーム,引き合い,"
                         "form,web form,inquiry,enquiry,contact,contact form",
    TouchpointKind.PRICING: "料金ページ,価格ページ,料金表,料金ページ閲覧,pricing,pricing page,price page",
    TouchpointKind.PAGE_VIEW: "閲覧,ページ閲覧,サイト訪問,web訪問,Web閲覧,ウェブ,page view,pageview,page visit,web,website visit",
    TouchpointKind.SNS: "ソーシャル,ソーシャルメディア,ツイッター,フェイスブック,リンクトイン,インスタ,インスタグラム,いいね,DM,social,"
                        "social media,twitter,x,facebook,fb,linkedin,instagram,line",
    TouchpointKind.AD: "広告,広告クリック,リスティング,バナー,ad,ads,advert,advertisement,ad click,banner",
    TouchpointKind.CARD: "名刺,名刺交換,名刺をいただいた,card,business card,cards exchanged",
    TouchpointKind.OTHER: "その他,他,そのほか,other,misc",
}  # fmt: skip

_KIND_DIRECTIONS = {
    fold(word): direction
    for direction, words in {
        Direction.INBOUND: ("受電", "着信", "入電", "メール受信", "来社", "来店", "来訪", "来場", "引き合い"),
        Direction.OUTBOUND: ("架電", "発信", "メール送信", "往訪", "客先訪問", "called", "emailed"),
    }.items()
    for word in words
}
"""Words that say with the kind who came to whom."""

_DIRECTION_WORDS: dict[Direction, str] = {
    Direction.INBOUND: "先方から,相手から,お客様から,客先から,向こうから,受信,インバウンド,in,inbound,incoming,from them,"
                       "←,<-,⬅,⇐,Inbound (from them)",
    Direction.OUTBOUND: "こちらから,当方から,弊社から,当社から,自社から,送信,発信,アウトバウンド,out,outbound,outgoing,from us,"
                        "→,->,➡,⇒,Outbound (from us)",
}  # fmt: skip

_SOURCE_WORDS: dict[Source, str] = {
    Source.TRADE_SHOW: "展示会,見本市,エキスポ,ブース,trade show,tradeshow,trade fair,exhibition,expo,fair,booth",
    Source.SEMINAR: "セミナー,勉強会,講演,講演会,イベント,seminar,event,workshop,conference",
    Source.WEBINAR: "ウェビナー,webセミナー,オンラインセミナー,webinar,online seminar",
    Source.WHITEPAPER: "資料請求,資料ダウンロード,資料dl,ダウンロード,ホワイトペーパー,カタログ請求,whitepaper,white paper,"
                       "whitepaper request,download,dl,ebook,brochure",
    Source.WEB_FORM: "フォーム,Webフォーム,問い合わせ,問合せ,お問い合わせ,問い合わせフォーム,お問い合わせフォーム,引き合い,Web,ウェブ,"
                     "ホームページ,HP,サイト,ウェブサイト,インターネット,検索,form,web form,website,site,homepage,inquiry,enquiry,"
                     "contact form,contact us,organic,search,inbound",
    Source.REFERRAL: "紹介,ご紹介,知人紹介,既存顧客紹介,代理店紹介,口コミ,パートナー,referral,referred,introduction,word of mouth,partner",
    Source.CARD: "名刺,名刺交換,card,business card",
    Source.COLD_CALL: "テレアポ,飛び込み,飛込,電話営業,コールドコール,アウトバウンド,cold call,cold calling,telemarketing,outbound,"
                      "cold email",
    Source.AD: "広告,Web広告,ネット広告,リスティング,リスティング広告,バナー,ad,ads,advert,advertising,advertisement,paid,ppc,banner",
    Source.SNS: "ソーシャル,ソーシャルメディア,ツイッター,フェイスブック,リンクトイン,インスタグラム,social,social media,twitter,x,"
                "facebook,linkedin,instagram,line",
    Source.NEWSLETTER: "メルマガ,メールマガジン,ニュースレター,メール配信,newsletter,mail magazine,email campaign,email marketing",
    Source.OTHER: "その他,他,そのほか,不明,other,unknown,misc",
}  # fmt: skip

_REASON_WORDS: dict[ReturnReason, str] = {
    ReturnReason.INCOMPLETE: "情報不足,情報が足りない,情報が足りない・誤りがある,情報誤り,誤り,不備,incomplete,not enough,"
                             "not enough information,not enough or wrong information,missing information,missing info,wrong info",
    ReturnReason.MISROUTED: "担当違い,担当が違う,担当・エリアが違う,エリア違い,エリアが違う,チーム違い,別チーム,misrouted,wrong team,wrong region,"
                            "wrong team or region,wrong territory,not mine",
    ReturnReason.NO_FIT: "対象外,対象外（業種・規模）,ターゲット外,ミスマッチ,no fit,nofit,not a fit,bad fit,out of target,"
                         "Out of target (industry, size),unqualified",
    ReturnReason.TOO_EARLY: "時期が早い,時期尚早,早い,まだ早い,時期未定,タイミング,too early,early,not now,not yet,timing,later",
    ReturnReason.UNREACHABLE: "連絡がつかない,連絡つかず,連絡取れず,連絡が取れない,連絡不能,不通,不在,unreachable,cannot be reached,"
                              "can't reach,cannot reach,no answer,no response,no reply",
    ReturnReason.NO_NEED: "ニーズがない,ニーズなし,ニーズ無し,ニーズ・予算がない,予算がない,予算なし,必要なし,興味なし,no need,no budget,"
                          "no need or no budget,not interested,no interest",
    ReturnReason.DUPLICATE: "重複,重複・商談中,商談中,既存,二重登録,duplicate,dup,dupe,already in a deal,duplicate or already in a deal,"
                            "existing",
    ReturnReason.OTHER: "その他,他,そのほか,other",
}  # fmt: skip

_CONSENT_WORDS: dict[Consent, str] = {
    Consent.YES: "あり,有り,有,はい,同意,同意あり,同意する,同意済み,可,許可,OK,○,〇,◯,yes,y,true,1,opt-in,opted in,opt in,granted,on",
    Consent.NO: "なし,無し,無,いいえ,同意なし,同意しない,なし・配信停止,配信停止,停止,不可,拒否,オプトアウト,解除,×,✕,✗,no,n,false,0,opt-out,"
                "opted out,opt out,No or opted out,unsubscribe,unsubscribed,off,denied",
    Consent.UNKNOWN: "未確認,不明,未,わからない,？,-,unknown,not known,n/a,open",
}  # fmt: skip

_BASIS_WORDS: dict[ConsentBasis, str] = {
    ConsentBasis.CONSENT: "同意,本人の同意,オプトイン,consent,agreed,they agreed,opt-in,opt in",
    ConsentBasis.CONTRACT: "契約,取引,取引関係,契約・取引関係,contract,customer,business relation",
    ConsentBasis.LEGITIMATE_INTEREST: "正当な利益,正当利益,legitimate interest,legitimate interests,li",
    ConsentBasis.CARD: "名刺,名刺交換,名刺をいただいた,名刺の受領,card,business card,business card received",
    ConsentBasis.PUBLISHED: "公表,公表アドレス,公表されたアドレス,公開アドレス,ホームページ掲載,published,published address,public address",
}  # fmt: skip

_ROLE_WORDS: dict[DecisionRole, str] = {
    DecisionRole.DECIDER: "決裁者,決裁,決裁権あり,意思決定者,決定者,decider,decides,decision maker,decision-maker,approver,buyer",
    DecisionRole.CHAMPION: "推進役,推進者,推進役（決裁は別の方）,キーマン,チャンピオン,起案者,champion,Champion not the decider,sponsor,"
                           "promoter,influencer",
    DecisionRole.USER: "利用者,利用者（決裁は別の方）,ユーザー,ユーザ,現場,現場担当,user,end user,uses it",
    DecisionRole.RESEARCHER: "情報収集,情報収集担当,情報収集者,調査担当,調査,担当者,researcher,gathering information,"
                             "gathers information,research,evaluator",
}  # fmt: skip

_PROGRESS_WORDS: dict[Progress, str] = {
    Progress.RESEARCH: "情報収集,情報収集中,調査中,検討前,research,researching,gathering information",
    Progress.COMPARE: "比較,比較検討,比較検討中,検討中,比較中,compare,comparing,comparing vendors,evaluating,evaluation",
    Progress.APPROVAL: "稟議,稟議中,稟議・社内調整中,社内調整,社内調整中,決裁待ち,承認待ち,approval,internal approval,approving,in approval",
    Progress.HOLD: "見送り,保留,中断,凍結,延期,hold,on hold,onhold,paused,postponed",
}  # fmt: skip

_LEAD_KIND_WORDS: dict[LeadKind, str] = {
    LeadKind.PROSPECT: "新規,見込み,見込み客,見込客,新規見込み客,リード,prospect,new,lead",
    LeadKind.CUSTOMER: "既存,既存顧客,顧客,既存客,お客様,取引先,取引あり,customer,existing,existing customer,client,existing buyer",
}  # fmt: skip

_LIST_WORDS: dict[ListName, str] = {
    ListName.MINE: "自分,自分の,私,私の,担当,自分の担当,マイリスト,mine,my,me,my leads",
    ListName.HOT: "ホット,ホットリード,有望,🔥,hot,hot leads",
    ListName.DORMANT: "休眠,休眠中,眠っている,ご無沙汰,💤,dormant,sleeping,inactive",
    ListName.UNCLAIMED: "引き受け待ち,引受待ち,引受け待ち,未対応,未引き受け,引き渡し待ち,待ち,✋,unclaimed,waiting,offered,open",
    ListName.RECYCLED: "再育成,差し戻し,差戻し,差戻,戻り,↩️,recycled,returned,recycle",
    ListName.DUE: "期限,予定,フォロー,今日,本日,やること,⏰,due,follow up,followup,todo,today,overdue",
}  # fmt: skip


_UNDELIVERED_WORDS = frozenset(
    map(fold, ("undelivered", "not delivered", "failed", "未配信", "未送信", "未達", "届いていない", "配信エラー", "⚠️"))
)


_DUPLICATES_WORDS = frozenset(map(fold, ("duplicates", "duplicate", "dups", "重複", "名寄せ", "重複候補")))


def _table(words: Mapping[_Choice, str]) -> dict[str, tuple[str, _Choice]]:
    """Return folded word → (word as listed, choice); the lists are separated by commas, and the code is always a word."""
    return {
        fold(word): (word.strip(), choice)
        for choice, listed in words.items()
        for word in (*listed.split(","), choice.value)
    }


_KINDS = _table(_KIND_WORDS)
_DIRECTIONS = _table(_DIRECTION_WORDS)
_SOURCES = _table(_SOURCE_WORDS)
_REASONS = _table(_REASON_WORDS)
_CONSENTS = _table(_CONSENT_WORDS)
_LEAD_KINDS = _table(_LEAD_KIND_WORDS)
_BASES = _table(_BASIS_WORDS)
_ROLES = _table(_ROLE_WORDS)
_PROGRESS = _table(_PROGRESS_WORDS)
_LISTS = _table(_LIST_WORDS)

EXTRA_FIELDS = ("address", "website", "fax")
"""Names of `FIELD_NAMES` that are no columns: they go into a lead's `extra`."""

_FIELDS = {
    "name": "氏名,名前,お名前,姓名,顧客名,担当者,担当者名,ご担当者,ご担当者名,name,full name,fullname,person,contact name",
    "company": "会社,会社名,企業,企業名,法人名,御社名,貴社名,勤務先,組織,組織名,団体名,company,company name,organization,organisation,"
               "org,account,employer",
    "title": "役職,部署,部署名,役職名,部署・役職,部署/役職,所属,肩書,肩書き,職種,title,job title,jobtitle,position,dept,department,"
             "division,department and title",
    "email": "メール,メールアドレス,メアド,eメール,電子メール,email,e-mail,mail,email address,mailto",
    "phone": "電話,電話番号,携帯,携帯電話,携帯番号,連絡先,直通,代表電話,TEL,phone,phone number,telephone,mobile,cell,"
             "mobile phone",
    "external_id": "外部ID,外部id番号,顧客ID,管理番号,external_id,external id,externalid,id,crm id",
    "source": "獲得経路,経路,流入経路,流入元,リードソース,ソース,きっかけ経路,source,lead source,leadsource,origin",
    "campaign": "キャンペーン,キャンペーン名,施策,施策名,展示会名,イベント名,campaign,campaign name",
    "note": "メモ,備考,ノート,コメント,内容,特記事項,note,notes,memo,comment,comments,remarks,remark",
    "consent": "同意,メール同意,メール配信の同意,配信同意,オプトイン,consent,opt-in,optin,consent to e-mail",
    "lead_kind": "顧客区分,リード区分,取引区分,既存・新規,新規・既存,新規既存区分,lead kind,lead type,customer type",
    "mission": "ミッション,担当業務,ミッション：担当業務と目標,mission,job,goal",
    "interest": "関心,興味,きっかけ,関心：きっかけ,interest,interested in",
    "role": "立場,役割,立場：決裁への関わり,決裁への関わり,role,role in the decision,decision role",
    "need": "課題,ニーズ,困りごと,要望,need,needs,pain,problem,challenge",
    "progress": "検討状況,検討段階,状況,進捗,progress,evaluation",
    "timing": "導入時期,時期,導入予定,希望時期,timing,timeframe,timeline,when",
    "budget": "予算,予算感,budget",
    "address": "住所,所在地,ご住所,address,location,street address",
    "website": "ウェブサイト,ホームページ,サイト,HP,ウェブ,Web,website,site,url,homepage,web site,web page",
    "fax": "ファックス,ファクス,FAX番号,fax,fax number",
}  # fmt: skip

FIELD_NAMES: dict[str, str] = {
    fold(word): field for field, words in _FIELDS.items() for word in (field, *words.split(","))
}
"""Folded key of `key:value` → field of LeadEntry (`lead_kind` is its `kind`), one of THE_SEVEN, or of EXTRA_FIELDS."""
_FIELD_WORDS = {fold(word): word.strip() for words in _FIELDS.values() for word in words.split(",")}


def read_kind(word: str) -> tuple[TouchpointKind, Direction | None] | None:
    """Return the kind of touchpoint and, where the word says it (受電, 架電), who came to whom."""
    folded = fold(word)
    listed = _KINDS.get(folded)
    return (listed[1], _KIND_DIRECTIONS.get(folded)) if listed else None


def read_direction(word: str) -> Direction | None:
    """Return who came to whom."""
    return _read(_DIRECTIONS, word)


def read_source(word: str) -> Source | None:
    """Return where a lead came from."""
    return _read(_SOURCES, word)


def read_reason(word: str) -> ReturnReason | None:
    """Return why a lead is given back."""
    return _read(_REASONS, word)


def read_lead_kind(word: str) -> LeadKind | None:
    """Return whether they may buy or have bought before."""
    return _read(_LEAD_KINDS, word)


def read_consent(word: str) -> Consent | None:
    """Return the answer to "may we e-mail you?"."""
    return _read(_CONSENTS, word)


def read_basis(word: str) -> ConsentBasis | None:
    """Return why an address may be written to."""
    return _read(_BASES, word)


def read_role(word: str) -> DecisionRole | None:
    """Return the part somebody plays in the decision."""
    return _read(_ROLES, word)


def read_progress(word: str) -> Progress | None:
    """Return how far the evaluation is."""
    return _read(_PROGRESS, word)


def read_list(word: str) -> ListName | None:
    """Return which list of `/lead list` is meant."""
    return _read(_LISTS, word)


def is_undelivered(word: str) -> bool:
    """Tell whether the list of `/lead list` is meant that holds no leads: the messages that are not delivered."""
    return fold(word) in _UNDELIVERED_WORDS


def is_duplicates(word: str) -> bool:
    """Tell whether the list of `/lead list` is meant that holds pairs: what may be the same person or company."""
    return fold(word) in _DUPLICATES_WORDS


def read_field(word: str) -> str | None:
    """Return the field that a typed key or a column's heading names."""
    return FIELD_NAMES.get(fold(word))


def nearest_kind(word: str) -> str:
    """Return the listed word for a kind of touchpoint that is most like this one, empty when none is."""
    return _nearest(word, _listed(_KINDS))


def nearest_source(word: str) -> str:
    """Return the listed word for a source that is most like this one, empty when none is."""
    return _nearest(word, _listed(_SOURCES))


def nearest_reason(word: str) -> str:
    """Return the listed word for a reason that is most like this one, empty when none is."""
    return _nearest(word, _listed(_REASONS))


def nearest_list(word: str) -> str:
    """Return the listed word for a list that is most like this one, empty when none is."""
    return _nearest(word, _listed(_LISTS))


def nearest_field(word: str) -> str:
    """Return the key that is most like this one, empty when none is."""
    return _nearest(word, _FIELD_WORDS)


def nearest_word(word: str, words: Iterable[str]) -> str:
    """Return the one of `words` that is most like this one, empty when none is."""
    return _nearest(word, {fold(listed): listed for listed in words})


def _read(table: Mapping[str, tuple[str, _Choice]], word: str) -> _Choice | None:
    listed = table.get(fold(word))
    return listed[1] if listed else None


def _listed(table: Mapping[str, tuple[str, _Choice]]) -> dict[str, str]:
    return {folded: listed for folded, (listed, _) in table.items()}


def _nearest(word: str, words: Mapping[str, str]) -> str:
    from rapidfuzz import fuzz, process  # noqa: PLC0415  # 30 ms of start-up that only a slip of the pen needs.

    folded = fold(word[:_WORD_MAX])
    # One wrong character of two (電詰) is a slip in Japanese, another word in English.
    least = 50 if len(folded) == 2 and not folded.isascii() else _NEAREST_MIN
    best = process.extractOne(folded, words.keys(), scorer=fuzz.ratio, score_cutoff=least) if folded else None
    return words[best[0]] if best else ""
