"""Finds personal data in written text and in recognised speech."""

from __future__ import annotations

import enum
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from transcripts.redaction.numbers import (
    SPOKEN_DIGITS,
    as_digits,
    is_card_number,
    is_identity_number,
    is_landline_number,
    is_mobile_number,
    is_old_identity_number,
    looks_like_identity_number,
)


class Kind(enum.StrEnum):
    """What was found; the value stands in its place."""

    NAME = "姓名"
    IDENTITY = "身份证号"
    PHONE = "电话"
    CARD = "银行卡号"
    ADDRESS = "地址"
    PLATE = "车牌"
    EMAIL = "邮箱"
    ACCOUNT = "账号"
    NUMBER = "号码"


@dataclass(frozen=True, slots=True)
class Personal:
    """Personal data at ``start`` to ``end`` of a text."""

    kind: Kind
    start: int
    end: int
    text: str


_DIGITS = rf"[0-9０-９{SPOKEN_DIGITS}xXｘＸ]"
_RUN = re.compile(rf"{_DIGITS}(?:[ \-－—]?{_DIGITS}){{6,}}")
_FILLER = r"(?:[ \-－—，,、。]|嗯|啊|呃|对|然后|后面是|再后面)"
_LOOSE = re.compile(rf"{_DIGITS}(?:{_FILLER}{{0,3}}{_DIGITS}){{6,}}")
"""A number said piece by piece, with breaths and fillers between."""
_SURE = frozenset({Kind.IDENTITY, Kind.PHONE, Kind.CARD})
_LONG = 7
_FIGURE_UNITS = re.compile(r"^(?:元|块|万|亿|千|百|十|年|月|日|号文|条|款|平方|公里|%|％)")
_PAGES = re.compile(r"\d{1,4}[\-－—]\d{1,4}")
_EMAIL = re.compile(r"[A-Za-z0-9._%+\-]+@[A-Za-z0-9\-]+(?:\.[A-Za-z0-9\-]+)+")
_ACCOUNT = re.compile(
    r"(?:微信号?|QQ号?|qq号?|支付宝账号)(?:是|为|：|:)?\s*(?P<found>[A-Za-z0-9_\-]{5,20})"
)
_PROVINCES = "京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼"
_PLATE = re.compile(
    rf"[{_PROVINCES}][A-Za-z][·\s]?(?:[A-Za-z0-9{SPOKEN_DIGITS}]{{5,6}})(?:[学警挂港澳])?"
)

_SURNAMES = (
    "欧阳|司马|上官|诸葛|夏侯|皇甫|尉迟|公孙|慕容|令狐|司徒|长孙|东方|南宫|"
    "[赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨朱秦尤许何吕施张孔曹严华金魏陶姜戚谢邹喻柏窦章苏潘葛奚范彭郎鲁韦昌马苗凤"
    "花方俞任袁柳鲍史唐费廉岑薛雷贺倪汤滕殷罗毕郝邬安常乐于时傅皮卞齐康伍余元卜顾孟平黄和穆萧尹姚邵湛汪祁毛禹狄"
    "米贝明臧计伏成戴宋茅庞熊纪舒屈项祝董梁杜阮蓝闵席季麻强贾路娄危江童颜郭梅盛林刁钟徐邱骆高夏蔡田樊胡凌霍虞万"
    "支柯管卢莫经房裘缪干解应宗丁宣邓郁单杭洪包诸左石崔吉钮龚程嵇邢滑裴陆荣翁荀羊惠甄曲封储靳段焦巴弓牧车侯宓蓬全"
    "班仰秋仲伊宫宁仇栾甘厉祖武符刘景詹束龙叶幸司韶黎蓟薄印宿白怀蒲从鄂索咸籍赖卓蔺屠蒙池乔阴胥能苍双闻莘党翟谭"
    "贡劳逄姬申扶堵冉宰郦雍却璩桑桂濮牛寿通边扈燕冀浦尚农温别庄晏柴瞿阎充慕连茹习宦艾鱼容向古易慎戈廖庾终暨居衡步"
    "都耿满弘匡国文寇广禄阙东欧殳沃利蔚越夔隆师巩厍聂晁勾敖融冷訾辛阚那简饶空曾毋沙乜养鞠须丰巢关蒯相查后荆红游竺权"
    "逯盖益桓闫肖涂仝付代覃]"
)
_NAME_CUES = (
    r"(?:我的?名字叫|我的?名字是|名字叫做?|名字是|名叫|我叫|姓名是|姓名为|姓名[：:]|本人叫|他叫|她叫|全名叫|全名是|户主叫|户主是|"
    r"(?:老公|老婆|丈夫|妻子|儿子|女儿|父亲|母亲|爸爸|妈妈|老板|包工头|房东|邻居|被告|原告|对方|债务人|借款人|朋友|同事)"
    r"(?:名字)?叫)"
)
_STOP = "的了是在和与就都不也我你他她您这那有要去说问给把被让从对向跟同住电手身家今年月"
_NAME = re.compile(
    rf"{_NAME_CUES}[：:，, ]?(?P<found>(?:{_SURNAMES})(?:(?![{_STOP}])[\u4e00-\u9fff]){{1,2}})"
)
_MAYBE_NAME = re.compile(
    rf"{_NAME_CUES}[：:，, ]?(?P<found>(?![来做过车救])"
    rf"[\u4e00-\u9fff](?:(?![{_STOP}])[\u4e00-\u9fff]){{1,2}})"
)
"""A name whose surname the recogniser wrote with another character: 长建国 for 张建国."""
_TITLED = re.compile(
    rf"(?P<found>(?:{_SURNAMES})(?:(?![{_STOP}])[\u4e00-\u9fff]){{2}})(?=先生|女士|小姐|同志|师傅|大爷|大妈)"
)
_PARTY = re.compile(
    rf"(?:原告|被告|申请人|被申请人|委托人|受援人|当事人|来电人|证人)[：:]"
    rf"(?P<found>(?:{_SURNAMES})(?:(?![{_STOP}当该可能应得须])[\u4e00-\u9fff]){{1,2}})"
)

_N = rf"[0-9０-９{SPOKEN_DIGITS}十百]+"
_PLACE = r"[\u4e00-\u9fff]"
_REGION = (
    rf"(?:{_PLACE}{{2,7}}(?:省|自治区))?(?:{_PLACE}{{2,6}}(?:市|自治州|地区|盟))?"
    rf"(?:{_PLACE}{{1,6}}(?:区|县|旗))?(?:{_PLACE}{{1,6}}(?:镇|乡|街道))?"
)
_STREET = rf"(?:{_PLACE}{{1,8}}(?:村|社区|小区|花园|家园|苑|大道|路|街|巷|胡同|弄|组))"
_UNITS = "号楼|号院|号|栋|幢|座|单元|楼|层|室|组|户|租|撞"
"""Also 租 and 撞: how a recogniser may write 组 and 幢."""
_HOUSE = rf"(?:{_N}(?:{_UNITS}))"
_DOOR = rf"(?:{_N}(?!{_UNITS}|{_N})室?)?"
_ADDRESS = re.compile(rf"(?P<found>{_REGION}{_STREET}{{1,2}}{_HOUSE}{{1,5}}{_DOOR})")
_BEFORE_ADDRESS = re.compile(r"^.{0,6}?(?:住在|家在|搬到|开到|送到|寄到|位于|在|到|去|从|是)")
_LIVES = re.compile(
    rf"(?:家住在?|我住在?|住在|住址是?|地址是?|户籍地?在?是?|老家在|位于)[：:，, ]?"
    rf"(?P<found>{_REGION}{_STREET}{_HOUSE}{{0,5}}{_DOOR})"
)


def find_personal(text: str) -> list[Personal]:
    """Find personal data in order and without overlap; the surer kind wins."""
    found: list[Personal] = []
    for candidate in _candidates(text):
        overlaps = (one for one in found if one.start < candidate.end and candidate.start < one.end)
        if not any(overlaps):
            found.append(candidate)
    return sorted(found, key=lambda one: one.start)


def _candidates(text: str) -> Iterator[Personal]:
    for match in _EMAIL.finditer(text):
        yield Personal(Kind.EMAIL, match.start(), match.end(), match[0])
    for match in _PLATE.finditer(text):
        yield Personal(Kind.PLATE, match.start(), match.end(), match[0])
    for match in _ACCOUNT.finditer(text):
        yield _personal(Kind.ACCOUNT, match)
    yield from find_broken_numbers(text)
    yield from _numbers(text)
    for pattern, kind in (
        (_LIVES, Kind.ADDRESS),
        (_ADDRESS, Kind.ADDRESS),
        (_NAME, Kind.NAME),
        (_PARTY, Kind.NAME),
        (_TITLED, Kind.NAME),
    ):
        for match in pattern.finditer(text):
            yield _personal(kind, match)
    for match in _MAYBE_NAME.finditer(text):
        if _sounds_like_surname(match["found"][0]):
            yield _personal(Kind.NAME, match)


@lru_cache(maxsize=1)
def _surname_sounds() -> frozenset[str]:
    from pypinyin import lazy_pinyin  # noqa: PLC0415 - its dictionary takes a third of a second

    letters = re.sub(r"[^\u4e00-\u9fff]", "", _SURNAMES)
    return frozenset(lazy_pinyin(letters))


def _sounds_like_surname(letter: str) -> bool:
    from pypinyin import Style, pinyin  # noqa: PLC0415

    readings = pinyin(letter, style=Style.NORMAL, heteronym=True)[0]
    return letter not in _STOP and not _surname_sounds().isdisjoint(readings)


def _personal(kind: Kind, match: re.Match[str]) -> Personal:
    if kind is Kind.ADDRESS and (lead := _BEFORE_ADDRESS.match(match["found"])):
        start = match.start("found") + lead.end()
        return Personal(kind, start, match.end("found"), match["found"][lead.end() :])
    return Personal(kind, match.start("found"), match.end("found"), match["found"])


def _numbers(text: str) -> Iterator[Personal]:
    for match in _RUN.finditer(text):
        digits = as_digits(match[0])
        kind = number_kind(digits)
        if kind is None:
            continue
        if kind is Kind.NUMBER and (
            _FIGURE_UNITS.match(text[match.end() :]) or _PAGES.fullmatch(match[0])
        ):
            continue
        yield Personal(kind, match.start(), match.end(), match[0])


def find_broken_numbers(text: str) -> list[Personal]:
    """Find telephone, identity and card numbers that were said piece by piece.

    Only what is surely one of these counts: a list of years is made of digits, too.
    """
    found = []
    for match in _LOOSE.finditer(text):
        kind = number_kind(as_digits(match[0]))
        if kind in _SURE:
            found.append(Personal(kind, match.start(), match.end(), match[0]))
    return found


def number_kind(digits: str) -> Kind | None:
    """Tell what a run of digits is; None for what identifies nobody."""
    if is_identity_number(digits) or is_old_identity_number(digits):
        return Kind.IDENTITY
    if is_mobile_number(digits) or is_landline_number(digits):
        return Kind.PHONE
    if is_card_number(digits):
        return Kind.CARD
    if looks_like_identity_number(digits):
        return Kind.IDENTITY
    # A misheard digit breaks every check; a run this long identifies somebody all the same.
    return Kind.NUMBER if len(digits) >= _LONG else None
