"""Which of espeak-ng's voices the model learns from, and which are kept for its examination."""

from __future__ import annotations

CORE = (
    "",
    *(f"m{i}" for i in range(1, 8)),
    *(f"f{i}" for i in range(1, 5)),
    *[
        "Andy",
        "linda",
        "belinda",
        "zac",
        "Michael",
        "quincy",
        "john",
        "anika",
        "adam",
        "Annie",
        "Diogo",
        "Lee",
    ],
)
"""Clear voices, heard most."""

MORE = (
    "Alex",
    "Alicia",
    "Andrea",
    "Gene",
    "Gene2",
    "Henrique",
    "Hugo",
    "Jacky",
    "Marco",
    "Mike",
    "Nguyen",
    "Reed",
    "Storm",
    "antonio",
    "aunty",
    "benjamin",
    "boris",
    "caleb",
    "david",
    "edward",
    "edward2",
    "grandma",
    "grandpa",
    "gustave",
    "ian",
    "iven",
    "iven2",
    "iven3",
    "iven4",
    "kaukovalta",
    "klatt",
    "klatt2",
    "klatt3",
    "klatt4",
    "marcelo",
    "max",
    "michel",
    "miguel",
    "mike2",
    "norbert",
    "pablo",
    "paul",
    "pedro",
    "robert",
    "sandro",
    "shelby",
    "steph2",
    "travis",
    "victor",
    "announcer",
)
"""Stranger ones, for breadth."""

EXAMINATION = ("f5", "m8", "steph", "Mario", "rob", "Denis")
"""Never trained on."""

CORE_SHARE = 0.6
