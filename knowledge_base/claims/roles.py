"""Who a sentence is about: parties that the law sets against each other."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache

# A line is one relation; its sides are parted by blanks, the names of one side by bars. Names of
# one side mean the same party, as a statute, a lawyer and a caller call it.
_RELATIONS = """
用人单位|用工单位|雇主|公司|单位|企业|老板 劳动者|职工|员工|雇员|工人|女职工
劳务派遣单位 用工单位 被派遣劳动者
出租人|房东 承租人|租客|租户|房客|次承租人
债权人 债务人 保证人|担保人
出借人|贷款人 借款人
买受人|买方|购房者|购房人 出卖人|卖方|开发商
委托人 受托人
原告 被告
男方|丈夫|夫 女方|妻子|妻
甲方 乙方
赠与人 受赠人
定作人 承揽人
发包人 承包人|分包人
寄存人|存货人 保管人
托运人 承运人 收货人
抵押人 抵押权人
出质人 质权人
被继承人 继承人|法定继承人 受遗赠人
被侵权人|受害人|受害者 侵权人|加害人
消费者 经营者|商家|销售者 生产者
监护人 被监护人
业主 物业服务企业|物业服务人|物业公司|物业
申请人 被申请人
人民法院|法院 人民检察院|检察院 公安机关
父母 子女
要约人 受要约人
代理人 被代理人
保险人|保险公司 被保险人 投保人 受益人
转让人|让与人 受让人
合伙人 合伙企业
股东 董事 监事 法定代表人
著作权人 使用人
专利权人 被许可人
出版者 著作权人
许可人 被许可人
原出租人 融资租赁承租人
占有人 权利人 所有权人|所有人
用益物权人 所有权人
土地承包经营权人 发包方
居住权人 住宅所有权人
遗失物拾得人|拾得人 失主|权利人
医疗机构|医院 患者
机动车|机动车一方 非机动车 行人
旅客|乘客 承运人
供电人 用电人
中介人 委托人
行纪人 委托人
保理人 应收账款债权人 应收账款债务人
建设单位 施工单位 监理单位
总承包单位|总承包人 分包单位
行政机关 相对人|公民
复议机关 复议申请人
第三人 当事人
善意相对人 法人
养父母|收养人 生父母|送养人 被收养人|养子女
祖父母 外祖父母 孙子女
兄 弟 姐 妹
直接抚养方|抚养方 不直接抚养方
网络服务提供者|网络平台 网络用户
学校|幼儿园|教育机构 学生
饲养人|动物饲养人 管理人
犯罪嫌疑人 被害人
申请执行人 被执行人
债务加入人 原债务人
标的物 价款
要约 承诺
定金 违约金|订金
"""


@dataclass(frozen=True, slots=True)
class Role:
    """A party named in a text."""

    name: str
    start: int
    end: int


@cache
def _table() -> tuple[re.Pattern[str], dict[str, str], dict[str, frozenset[str]]]:
    """Return the names' pattern, each name's party, and each party's opponents."""
    party: dict[str, str] = {}
    opponents: dict[str, set[str]] = {}
    for line in _RELATIONS.strip().splitlines():
        sides = [side.split("|") for side in line.split()]
        for side in sides:
            for name in side:
                party.setdefault(name, party.get(side[0], side[0]))
        parties = {party[side[0]] for side in sides}
        for one in parties:
            opponents.setdefault(one, set()).update(parties - {one})
    names = sorted(party, key=len, reverse=True)
    pattern = re.compile("|".join(map(re.escape, names)))
    return pattern, party, {one: frozenset(others) for one, others in opponents.items()}


_NO_ROLE = re.compile(
    r"最高人民(?:法院|检察院)|父母子女|夫妻|子女父母|买受人出卖人|工人阶级|公司法|企业法|单位犯|承诺书"
)


def roles(text: str) -> list[Role]:
    """Find the parties named in a text, the longest names first."""
    pattern, _, _ = _table()
    hidden = [match.span() for match in _NO_ROLE.finditer(text)]
    return [
        Role(match[0], match.start(), match.end())
        for match in pattern.finditer(text)
        if not any(begin < match.end() and match.start() < end for begin, end in hidden)
    ]


def same_party(one: str, other: str) -> bool:
    """Whether both names mean the same party."""
    _, party, _ = _table()
    return party.get(one, one) == party.get(other, other)


def opposed(one: str, other: str) -> bool:
    """Whether the law sets the two parties against each other."""
    _, party, opponents = _table()
    return party.get(other, other) in opponents.get(party.get(one, one), frozenset())


def opponents_of(name: str) -> list[str]:
    """Return the parties that the law sets against this one, sorted."""
    _, party, opponents = _table()
    return sorted(opponents.get(party.get(name, name), frozenset()))
