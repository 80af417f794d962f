import math
import struct

from transcripts.training.graph import Compiler, Fst, Weights, word_symbols
from transcripts.training.language import END, START, Bigram, History
from transcripts.training.lexicon import Lexicon
from transcripts.training.phones import Phones

PHONES = Phones({"k+": (1,), "a:1": (2, 3), "a:2": (4, 5), "o:1": (6, 7)})
LEXICON = Lexicon(
    {
        "嘎": (("k+", "a:1"),),
        "咖": (("k+", "a:1"),),  # sounds like the first
        "嘎哦": (("k+", "a:1", "o:1"),),
        "阿": (("a:2",), ("a:1",)),  # two readings
    }
)
MODEL = Bigram(
    {"嘎": 0.3, "咖": 0.1, "嘎哦": 0.2, "阿": 0.3, END: 0.1},
    {
        START: History({"嘎": 0.6, "阿": 0.2}, 0.2 / 0.4),
        "嘎": History({END: 0.5, "咖": 0.3}, 0.2 / 0.8),
    },
)


def compiled() -> Fst:
    return Compiler(PHONES, LEXICON, Weights(language=1.0, silence=0.3, word=0.0)).compile(MODEL)


def cheapest(fst: Fst, pdfs: list[int], words: list[str]) -> float:
    """Return the least cost of hearing ``pdfs`` (each once) as ``words``; infinite where none."""
    pdf_of = {state.leave: state.pdf for chain in PHONES.chains.values() for state in chain}
    labels = [LEXICON.words.index(word) + 1 for word in words]
    best: dict[tuple[int, int, int], float] = {(fst.start, 0, 0): 0.0}
    open_ = [(0.0, (fst.start, 0, 0))]
    while open_:
        open_.sort(reverse=True)
        cost, place = open_.pop()
        if cost > best[place]:
            continue
        state, heard, said = place
        for transition, label, weight, target in fst.arcs[state]:
            if transition and (
                transition not in pdf_of or heard == len(pdfs) or pdf_of[transition] != pdfs[heard]
            ):
                continue  # loops repeat a state and are not needed here
            if label and (said == len(labels) or labels[said] != label):
                continue
            following = (target, heard + bool(transition), said + bool(label))
            total = cost + weight
            if total < best.get(following, math.inf):
                best[following] = total
                open_.append((total, following))
    ends = [
        cost + fst.final[state]
        for (state, heard, said), cost in best.items()
        if heard == len(pdfs) and said == len(labels)
    ]
    return min(ends, default=math.inf)


def total(words: list[str], pdfs: list[int]) -> float:
    return cheapest(compiled(), pdfs, words)


GA, A1, A2, O1 = [1, 2, 3], [2, 3], [4, 5], [6, 7]


def test_a_sentence_costs_what_its_words_cost() -> None:
    found = total(["嘎", "咖"], GA + GA)
    free_end = -math.log(0.6 * 0.3) - 6 * math.log(0.5)
    assert math.isclose(found, free_end, rel_tol=1e-6)


def test_words_that_sound_alike_are_both_possible() -> None:
    assert total(["嘎"], GA) < total(["咖"], GA) < math.inf


def test_a_word_that_begins_like_another_is_told_apart() -> None:
    assert total(["嘎哦"], GA + O1) < math.inf
    assert total(["嘎哦"], GA) == math.inf


def test_each_reading_of_a_word_is_known() -> None:
    assert math.isclose(total(["阿"], A1), total(["阿"], A2), rel_tol=1e-6)


def test_a_pause_is_possible_between_words_and_only_once() -> None:
    fst = compiled()
    assert cheapest(fst, [*GA, 0, *GA], ["嘎", "咖"]) < math.inf
    assert cheapest(fst, [*GA, 0, 0, *GA], ["嘎", "咖"]) == math.inf


def test_after_a_pause_a_sentence_begins() -> None:
    found = cheapest(compiled(), [*GA, 0, *GA], ["嘎", "嘎"])
    opening_again = -math.log(0.6 * 0.3 * 0.6) - 7 * math.log(0.5)
    assert math.isclose(found, opening_again, rel_tol=1e-6)


def test_a_pair_that_was_never_seen_goes_by_the_unigram() -> None:
    found = total(["嘎", "阿"], GA + A2)
    back_off = -math.log(0.6 * (0.2 / 0.8) * 0.3) - 5 * math.log(0.5)
    assert math.isclose(found, back_off, rel_tol=1e-6)


def test_the_graph_is_written_as_openfst_reads_it() -> None:
    fst = compiled()
    content = fst.serialise()
    magic, length = struct.unpack_from("<ii", content)
    assert (magic, length) == (2_125_659_606, 6)
    assert content[8:14] == b"vector"
    version, _, _, start, states, arcs = struct.unpack_from("<iiQqqq", content, 14 + 4 + 8)
    assert (version, start, states) == (2, fst.start, len(fst.final))
    assert arcs == sum(map(len, fst.arcs))
    assert len(content) == 14 + 12 + 40 + states * 12 + arcs * 16


def test_words_are_numbered_from_one() -> None:
    assert word_symbols(["甲", "乙"]) == "<eps> 0\n甲 1\n乙 2\n#0 3\n<s> 4\n</s> 5\n"
