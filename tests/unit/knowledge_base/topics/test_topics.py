from __future__ import annotations

from pathlib import Path

import pytest

from hotline.configfiles import ConfigFileError
from hotline.errors import InvalidInputError
from hotline.settings import load
from knowledge_base.library.installed import KnowledgeFiles
from knowledge_base.search.questions import QuestionEntry
from knowledge_base.topics.classifier import Example, TopicClassifier, evaluate
from knowledge_base.topics.taxonomy import load_taxonomy
from knowledge_base.topics.teaching import labelled, open_classifier, shipped_examples

CODES = [
    *("marriage", "inheritance", "wages", "labour_contract", "work_injury", "lending", "sales"),
    *("lease", "property", "traffic", "injury", "consumer", "neighbour", "procedure"),
    *("criminal", "administrative", "legal_aid", "other"),
]


def test_the_taxonomy_has_the_bureaus_topics() -> None:
    assert list(load_taxonomy().codes) == CODES


@pytest.mark.parametrize(
    ("label", "code"),
    [
        ("wages", "wages"),
        ("劳动报酬", "wages"),
        ("民事/劳动报酬", "wages"),
        ("人身损害/医疗", "injury"),
        ("医疗纠纷", "injury"),
        ("诉讼程序/执行", "procedure"),
        ("离婚", "marriage"),
        ("其它", "other"),
    ],
)
def test_a_label_may_be_a_code_or_a_chinese_name(label: str, code: str) -> None:
    found = load_taxonomy().find(label)

    assert found is not None
    assert found.code == code


def test_an_unknown_label_is_told_with_those_that_exist() -> None:
    entries = [QuestionEntry(question="？", topic="天气")]

    with pytest.raises(InvalidInputError, match=r"天气.*婚姻家庭"):
        labelled(entries, load_taxonomy())


@pytest.mark.parametrize(
    ("question", "code"),
    [
        ("老板拖欠我三个月工资不给", "wages"),
        ("丈夫出轨我要离婚，孩子怎么判", "marriage"),
        ("被公司无故辞退能拿多少经济补偿", "labour_contract"),
        ("朋友借了我两万块不还，有借条", "lending"),
        ("骑电动车被轿车撞了，对方全责", "traffic"),
        ("房东不退押金", "lease"),
        ("请不起律师，怎么申请法律援助", "legal_aid"),
    ],
)
def test_plain_questions_are_understood_from_the_first_day(question: str, code: str) -> None:
    guesses = open_classifier(load()).guesses(question)

    assert guesses[0].topic == code
    assert len(guesses) == 3


def test_confidences_add_up_to_one() -> None:
    confidences = open_classifier(load()).confidences("工资")

    assert sum(confidences.values()) == pytest.approx(1)
    assert min(confidences.values()) >= 0


def test_a_text_that_says_nothing_is_other_and_unsure() -> None:
    guess = open_classifier(load()).guesses("☎☎☎")[0]

    assert guess.topic == "other"
    assert guess.confidence < 0.3


def test_the_classifier_learns_from_confirmed_tickets() -> None:
    taxonomy = load_taxonomy()
    asked = [Example("鱼塘被隔壁抽干了水", "neighbour")]
    before = TopicClassifier.train(taxonomy, shipped_examples(taxonomy))

    after = TopicClassifier.train(
        taxonomy, [*shipped_examples(taxonomy), Example("隔壁抽干我鱼塘的水", "neighbour")]
    )

    key = "neighbour"
    assert after.confidences(asked[0].text)[key] > before.confidences(asked[0].text)[key]
    assert evaluate(after, asked) == ([True], [True])


def test_a_trained_classifier_is_kept_and_opened(tmp_path: Path) -> None:
    taxonomy = load_taxonomy()
    settings = load()
    trained = TopicClassifier.train(taxonomy, [Example("飞碟降落", "criminal")])
    trained.save(KnowledgeFiles.of(settings).topics)

    opened = open_classifier(settings)

    assert opened.examples == 1
    assert opened.guesses("飞碟降落")[0] == trained.guesses("飞碟降落")[0]


def test_a_broken_taxonomy_is_told_with_its_line(tmp_path: Path) -> None:
    file = tmp_path / "topics.yaml"
    file.write_text(
        "version: 1\ntopics:\n  - code: wages\n    name: 劳动报酬\n    area: 民事\n"
        "    laws: [民法典 20-10]\n",
        encoding="utf-8",
    )

    with pytest.raises(ConfigFileError, match=r"topics\.yaml:6: .*起-止"):
        load_taxonomy(file)
