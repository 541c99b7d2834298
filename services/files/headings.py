"""Which field a column belongs to: by the words of its heading, as the exports of common tools write them."""

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from models.lead import Source
from services.files.records import Record, width_of
from services.history_fields import read_history_field
from services.identity import fold, is_plain_email
from services.vocabulary import read_field

FAMILY, GIVEN, MIDDLE = "family_name", "given_name", "middle_name"
DEPARTMENT = "department"
FIRST_CONTACT = "first_contact"
"""Field of a date: when the lead came in."""
TOUCHED_AT = "touched_at"
"""Field of a date: the last contact."""

# Columns that come earlier here are asked first: a direct number says more of a person than the exchange's.
_WORDS = {
    "name": "氏名,Display Name,Full Name,full_name,Name,File As,cn,displayName",
    FAMILY: "姓,氏,苗字,名字,氏名［姓］,氏名[姓],Last Name,LastName,last_name,Surname,Family Name,sn",
    GIVEN: "名,氏名［名］,氏名[名],First Name,FirstName,first_name,Given Name,givenName",
    MIDDLE: "Middle Name,Additional Name,ミドルネーム",
    "company": "会社名,Company / Account,Account Name,Organization Name,Organization 1 - Name,company_name,companyname,"
               "Associated Company,o",
    DEPARTMENT: "部署名,部署,所属部署,Organization Department,Organization 1 - Department,Department,ou",
    "title": "役職,役職名,Organization Title,Organization 1 - Title,Job Title,job_title,Position",
    "email": "e-mail,Email(1),Primary Email,E-mail 1 - Value,E-mail Address,Email Address,電子メール アドレス,電子メールアドレス,"
             "work_email,Secondary Email,E-mail 2 - Value,E-mail 2 Address,Email(2)",
    "phone": "TEL直通,携帯電話,携帯電話(1),携帯,Mobile Number,Mobile Phone,Mobile Phone Number,mobile,Phone 1 - Value,"
             "Business Phone,勤務先 電話,勤務先電話,Work Phone,TEL-1(1),TEL部門,TEL会社,TEL,Phone Number,phone_number,"
             "telephoneNumber,Home Phone,Phone 2 - Value,Company Main Phone,会社電話",
    "external_id": "Record ID,Contact ID,Lead ID,mql_id,entryUUID",
    "source": "Lead Source,lead_source,Original Source",
    "campaign": "campaign_name,Campaign Name",
    "note": "Notes,アンケート,備考,メモ,description",
    FIRST_CONTACT: "名刺交換日,created_time,Create Date,Created Date,Connected On,登録日,登録日時,受付日,受付日時,来場日,来場日時",
    TOUCHED_AT: "Last Activity Date,最終接点日,最終接触日",
    "address": "住所,住所(1)［全て］,Work Address,Street Address,Business Street,Address 1 - Formatted,Mailing Street,postalAddress",
    "website": "URL,URL(1),Website URL,Web Page,Web Page 1,Website 1 - Value,labeledURI",
    "fax": "Fax,FAX(1),Fax Number,Business Fax,facsimileTelephoneNumber",
}  # fmt: skip

_RANKED = {fold(word): (field, rank) for field, words in _WORDS.items() for rank, word in enumerate(words.split(","))}
_UNRANKED = 50


@dataclass(frozen=True)
class KnownExport:
    """A tool whose exports are known by headings that nobody else has.

    `id_prefix` tells the ids of one tool from those of another; `source` is where its leads come from.
    """

    name: str
    headings: frozenset[str]
    id_prefix: str = ""
    source: Source | None = None


def _export(name: str, headings: str, id_prefix: str = "", source: Source | None = None) -> KnownExport:
    return KnownExport(name, frozenset(map(fold, headings.split(","))), id_prefix, source)


_EXPORTS = (
    _export("Eight", "会社名,e-mail,TEL会社,名刺交換日", source=Source.CARD),
    _export("Sansan", "会社名,TEL-1(1),Email(1)", source=Source.CARD),
    _export("HubSpot", "Lifecycle Stage,Lead Status,Record ID", "hubspot:"),
    _export("HubSpot", "Lifecycle Stage,Lead Status,Contact ID", "hubspot:"),
    _export("Meta", "created_time,ad_id,form_id", "meta:", Source.AD),
    _export("Salesforce", "Lead ID,Lead Status,Company / Account", "salesforce:"),
    _export("LinkedIn", "First Name,Last Name,Connected On,Position", source=Source.SNS),
    _export("Google", "File As,Organization Name,E-mail 1 - Value"),
    _export("Google", "Given Name,Family Name,E-mail 1 - Value"),
    _export("Outlook", "First Name,Last Name,Company,E-mail Address,Business Phone"),
    _export("Outlook", "姓,名,会社名,勤務先 電話,携帯電話"),
    _export("Thunderbird", "Display Name,Primary Email,Screen Name"),
    _export("Thunderbird", "Display Name,Primary Email,Nickname"),
    _export("Mautic", "firstname,lastname,points,ip"),
)


def known_export(headings: Sequence[str]) -> KnownExport | None:
    """Return the tool that wrote these headings; None when they could be anybody's."""
    found = frozenset(map(fold, headings))
    return next((export for export in _EXPORTS if export.headings <= found), None)


def field_of(heading: str) -> tuple[str, int] | None:
    """Return the field that a heading names and how early it is asked; None when it names none."""
    ranked = _RANKED.get(fold(heading))
    if ranked is not None:
        return ranked
    field = read_field(heading) or read_history_field(heading)
    return (field, _UNRANKED) if field else None


# What a heading never is: an address, a number to dial, a date.
_DATA = re.compile(r"[+(]?\d[\d\s().\-/:]{5,}")


def looks_like_data(cells: Sequence[str]) -> bool:
    """Tell whether one of the cells holds what no heading does."""
    return any(is_plain_email(cell.strip()) or _DATA.fullmatch(cell.strip()) for cell in cells)


def find_header(records: Sequence[Record], mapped: Collection[str]) -> int | None:
    """Return the place of the header among a file's first records; None when it has none.

    The header is the row with the most headings that are known (or `mapped` by somebody). Lines before it are a
    preamble; where nothing is known, it is the first row as wide as most are, unless that holds data.
    """
    if not records:
        return None
    counts = [known_headings(record.cells, mapped) for record in records]
    best = max(counts)
    place = counts.index(best)
    if best >= 2 or (best == 1 and place == 0):
        return place
    first = _first_full(records)
    return None if looks_like_data(records[first].cells) else first


def known_headings(cells: Sequence[str], mapped: Collection[str]) -> int:
    """Count the fields that a row's cells name, if it can be a header at all."""
    if looks_like_data(cells):
        return 0
    fields = {heading for heading in cells if heading.strip() in mapped}
    return len(fields | {found[0] for cell in cells if (found := field_of(cell))})


def _first_full(records: Sequence[Record]) -> int:
    widths = [width_of(record.cells) for record in records]
    usual = max(set(widths), key=lambda width: (widths.count(width), width))
    return widths.index(usual)
