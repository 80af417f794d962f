"""Talks of the made-up day: what was said, what the machine made of it."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Found:
    """One finding as the scorer would write it."""

    turn: int
    kind: str
    verdict: str
    words: str
    article: str = ""
    heard: str = ""
    expected: str = ""
    critical: bool = False
    item: str = "basis"


@dataclass(frozen=True)
class Talk:
    """One talk: topic, title, turns (``c`` caller, ``a`` lawyer), and its findings."""

    topic: str
    title: str
    turns: tuple[tuple[str, str], ...]
    total: float
    legal_ok: bool | None
    findings: tuple[Found, ...] = ()
    data: dict[str, object] = field(default_factory=dict)
    confidential: bool = False
    running: tuple[tuple[str, str], ...] = ()
    """What is being said at the made-up moment, where the talk goes on."""


WAGES = Talk(
    "wages",
    "工地干活三个月，包工头拖欠工资 18600 元",
    (
        ("a", "您好，12348 法律服务热线，101 号律师为您服务。"),
        ("c", "你好，我在工地上干了三个月，包工头一直不给钱，说等甲方结账。"),
        ("a", "您是说三个月的工资都没有结清。请问一共欠多少，有没有记工本或者聊天记录？"),
        ("c", "一万八千六，有记工本，微信里他也认了。"),
        (
            "a",
            (
                "根据《保障农民工工资支付条例》第三十条，分包单位拖欠农民工工资的，"
                "由施工总承包单位先行清偿。您可以先到县劳动保障监察大队投诉，也可以申请劳动仲裁。"
            ),
        ),
        ("c", "那仲裁有没有时间限制？我去年冬天就不在那干了。"),
        ("a", "申请劳动仲裁的时效是两年，您现在还来得及，先把材料准备好。"),
        ("c", "好的，请律师要花钱吗？"),
        (
            "a",
            (
                "农民工讨要工资，可以申请法律援助，不用审查经济困难条件，"
                "也不收费。您到青石镇服务站就能申请。"
            ),
        ),
        ("c", "知道了，谢谢。"),
        ("a", "不客气，祝您早日拿到工资，再见。"),
    ),
    61.0,
    False,
    (
        Found(
            6,
            "wrong_fact",
            "wrong",
            "仲裁时效说错：应为一年",
            "《劳动争议调解仲裁法》第二十七条",
            "两年",
            "一年",
            critical=True,
        ),
        Found(
            4,
            "citation",
            "right",
            "引用总承包单位先行清偿正确",
            "《保障农民工工资支付条例》第三十条",
        ),
        Found(
            8,
            "duty",
            "right",
            "已告知法律援助，且说明免经济困难审查",
            "《法律援助法》第四十二条",
            item="legal_aid",
        ),
        Found(
            8,
            "missing_point",
            "missing",
            "未提示举证责任：用人单位应提供工资支付台账",
            "《保障农民工工资支付条例》第五十条",
            item="complete",
        ),
        Found(2, "conduct", "right", "复述了诉求并询问金额、证据", item="listening"),
    ),
    {
        "details": (
            "来电人在青石镇安置房工地做木工三个月，包工头口头约定日薪 310 元，"
            "完工后以甲方未结账为由拖欠 18600 元。有记工本和微信认欠记录。"
        ),
        "demand": "要求支付拖欠工资 18600 元。",
        "business": "legal_aid",
        "area": "civil",
        "special_group": ["migrant"],
        "number_place": "甘肃天水",
        "amount": "18600",
        "other_party": "包工头刘某、某建筑劳务公司",
        "evidence": "记工本、微信聊天记录",
        "answer": "可向劳动保障监察大队投诉或申请劳动仲裁；总承包单位先行清偿；可申请法律援助。",
        "statutes": "保障农民工工资支付条例 第三十条\n法律援助法 第四十二条",
        "legal_aid_told": True,
        "referral": "青石镇公共法律服务站（法律援助）",
    },
    running=(("c", "好的，请律师要"),),
)

DIVORCE = Talk(
    "marriage",
    "分居两年，第二次起诉离婚，孩子七岁归谁",
    (
        ("a", "您好，12348 法律服务热线，102 号律师为您服务。"),
        ("c", "律师你好，我去年起诉离婚没有判离，现在又分开住一年多了，还能再起诉吗？"),
        (
            "a",
            (
                "可以。根据《民法典》第一千零七十九条，经人民法院判决不准离婚后，"
                "双方又分居满一年，一方再次提起离婚诉讼的，应当准予离婚。"
            ),
        ),
        ("c", "那孩子呢，七岁了，一直是我带。"),
        (
            "a",
            (
                "已满两周岁的子女，按照最有利于未成年子女的原则判决；一直随您生活是重要的考虑因素。"
                "孩子满八周岁的，应当尊重他的真实意愿。"
            ),
        ),
        ("c", "明白了，谢谢律师。"),
        ("a", "不客气。如果您经济困难，可以申请法律援助。再见。"),
    ),
    96.0,
    True,
    (
        Found(2, "citation", "right", "引用再次起诉离婚的规定正确", "《民法典》第一千零七十九条"),
        Found(
            4,
            "fact",
            "right",
            "子女意愿的年龄正确：八周岁",
            "《民法典》第一千零八十四条",
            item="complete",
        ),
        Found(6, "duty", "right", "已告知法律援助", "《法律援助法》第二十三条", item="legal_aid"),
    ),
    {
        "details": "第一次起诉判决不准离婚，之后分居一年三个月。婚生子七岁，随来电人生活。",
        "demand": "离婚，抚养孩子。",
        "business": "consult",
        "area": "civil",
        "answer": "可再次起诉；满足分居满一年应准予离婚；抚养按最有利于子女原则。",
        "statutes": "民法典 第一千零七十九条\n民法典 第一千零八十四条",
        "legal_aid_told": True,
    },
)

VIOLENCE = Talk(
    "marriage",
    "丈夫酒后动手，询问人身安全保护令",
    (
        ("a", "您好，12348 法律服务热线。您现在说话方便吗，安全吗？"),
        ("c", "现在他不在家。昨天晚上又喝酒打我，我想问那个保护令怎么办。"),
        (
            "a",
            (
                "您可以向法院申请人身安全保护令，一般七十二小时内作出，"
                "情况紧急的二十四小时内。如有危险请马上拨打 110。"
            ),
        ),
        ("c", "不要发短信给我，他会看手机。"),
        ("a", "好的，我们不发短信。申请不收费，也可以申请法律援助，不审查经济困难。"),
    ),
    92.0,
    True,
    (
        Found(
            2,
            "fact",
            "right",
            "保护令时限正确：72 小时、紧急 24 小时",
            "《反家庭暴力法》第二十八条",
        ),
        Found(2, "duty", "right", "已提示拨打 110", item="guidance"),
    ),
    {"details": "来电人要求不发短信。", "area": "civil", "legal_aid_told": True},
    confidential=True,
)

LENDING = Talk(
    "lending",
    "借给朋友五万元没写借条，只有转账记录",
    (
        ("a", "您好，12348 法律服务热线，103 号律师为您服务。"),
        ("c", "我借给朋友五万块，没写借条，只有银行转账，他现在不认账。"),
        ("a", "只有转账凭证也可以起诉，对方说是别的款项的，要由他举证。您把聊天记录也保存好。"),
        ("c", "当时说好一个月两分利，能要吗？"),
        ("a", "约定利率不能超过合同成立时一年期贷款市场报价利率的四倍，超过部分法院不支持。"),
        ("c", "我肯定能赢吧？"),
        ("a", "您这个官司一定能赢，放心好了。"),
    ),
    0.0,
    True,
    (
        Found(6, "promised_outcome", "wrong", "对案件结果作了承诺", item="manner", critical=True),
        Found(4, "fact", "right", "利率上限正确：一年期 LPR 四倍", "民间借贷司法解释 第二十五条"),
    ),
    {"details": "出借五万元，仅有转账凭证。", "area": "civil", "amount": "50000"},
)

TRAFFIC = Talk(
    "traffic",
    "电动车被撞骨折，对方只愿意出医药费",
    (
        ("a", "您好，12348 法律服务热线，104 号律师为您服务。"),
        ("c", "我骑电动车被小轿车撞了，小腿骨折，交警认定他全责，他只肯出医药费。"),
        (
            "a",
            (
                "除了医药费，误工费、护理费、营养费、交通费，构成伤残的还有残疾赔偿金，"
                "都可以主张。先由交强险赔，不够的由商业险和侵权人赔。"
            ),
        ),
        ("c", "哦，那要做鉴定吗？"),
        ("a", "治疗终结后可以做伤残鉴定。协商不成，可以向法院起诉，也可以申请调解。"),
    ),
    88.0,
    True,
    (Found(2, "fact", "right", "赔偿顺序正确：先交强险", "《民法典》第一千二百一十三条"),),
    {"details": "对方全责，小腿骨折。", "area": "civil"},
)

PENALTY = Talk(
    "administrative",
    "店招被罚款两千元，不服处罚决定",
    (
        ("a", "您好，12348 法律服务热线，108 号律师为您服务。"),
        ("c", "你好，城管说我店招违规，罚款两千块，我不服这个行政处罚，能不能告？"),
        ("a", "可以。您是哪一天收到处罚决定书的？上面有没有写救济途径？"),
        ("c", "上个月八号收到的，让我自己签了字。行政复议要多长时间内申请？"),
        (
            "a",
            (
                "知道处罚之日起六十日内可以申请行政复议，行政复议不收费；"
                "也可以在六个月内直接向人民法院起诉。"
            ),
        ),
        ("c", "那我要是复议了还不服呢？"),
    ),
    0.0,
    None,
    running=(("a", "收到复议决定书之日起"),),
)
"""A talk that goes on: it has no score yet."""

TALKS = (WAGES, DIVORCE, LENDING, TRAFFIC, VIOLENCE)
