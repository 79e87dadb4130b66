"""A refusal says that one does not know, in the words of nine languages, before anything else."""

from __future__ import annotations

import time

import pytest

from eval.marks.refusal import is_refusal


@pytest.mark.parametrize(
    "text",
    [
        "That isn't told anywhere.",
        "“I don’t know.”",
        "Can't tell.",
        "I'm sorry for the confusion. I'm not familiar with it.",
        "Based on the provided context, it is not possible to determine why she left.",
        "Document 1 says that Tobin had a sledge. Nothing is said about a dog.",
        "The documents describe the lamp, but they do not give its height. [1]",
        "The person who keeps the light is unknown.",
        "I cannot answer this: the pages only describe the repair.",
        "I don't know, but you could ask the harbour master.",
        "He does not say which airline he took.",
        "Only the first letter is told, so I cannot say.",
        "The tower is mentioned, its height is not.",
        "There is no figure for its length in these letters.",
        "Dazu steht in den Unterlagen leider gar nichts.",
        "Darüber steht nichts in den Unterlagen.",
        "Les documents ne mentionnent pas le nom du chien.",
        "No se menciona en el texto.",
        "I documenti non menzionano il nome del cane.",
        "Não há informações sobre um cão.",
        "Dat weet ik niet.",
        "文件中没有提到。",
        "文書には書かれていません。",
    ],
)
def test_what_says_that_nothing_is_known_is_a_refusal(text: str) -> None:
    assert is_refusal(text)


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("The documents do not state it, but the tower is forty feet high.", id="an answer after all"),
        pytest.param("The tower is 40 feet high. Its age is not mentioned.", id="an answer before"),
        pytest.param('The stranger said: "I don\'t know where the harbour is."', id="quoted speech"),
        pytest.param("He told the crew that there was no information.", id="told by another"),
        pytest.param("She was not known for patience.", id="known for"),
        pytest.param("A firm that is not named elsewhere, Weld, built it.", id="an aside"),
        pytest.param("There are no records of absence: all seventeen attend.", id="an answer behind a colon"),
        pytest.param("Ilmar was an unknown poet until 1970.", id="unknown before a noun"),
        pytest.param("Nobody told her.", id="nobody as the answer"),
        pytest.param("She left because nobody would tell her.", id="a reason"),
        pytest.param("Der Hund hieß Rex und kannte keine Angst.", id="German answer"),
        pytest.param("El perro se llamaba Rex y no sabía nadar.", id="Spanish answer"),
        pytest.param("她出生在哈弗林，一个没有名气的小镇。", id="Chinese answer"),
        pytest.param("犬の名前はレックスで、泳げませんでした。", id="Japanese answer"),
        pytest.param("Elias wrote the name, so I cannot say more.", id="an answer before what is not known"),
        pytest.param("The tower is mentioned, its height is forty feet.", id="told and told"),
        pytest.param("word " * 45 + "I don't know.", id="too late"),
        pytest.param("", id="empty"),
    ],
)
def test_an_answer_is_no_refusal(text: str) -> None:
    assert not is_refusal(text)


def test_an_answer_of_100_kilobytes_is_read_at_once() -> None:
    assert not is_refusal("the name of the " * 6000)


@pytest.mark.parametrize(
    "answer",
    [
        "There's no way to tell from these pages.",
        "The text stops before the locket is opened, so its content stays unknown.",
        "**Not stated.** The documents describe the locket but not what was inside.",
        "The documents mention that it closed, but give no reason.",
        "That's not something I can answer from the documents.",
    ],
)
def test_a_refusal_in_markdown_or_behind_what_is_known_is_one(answer: str) -> None:
    assert is_refusal(answer)


@pytest.mark.parametrize(
    "answer",
    ["I'm not sure, but I think it held a lock of hair.", "I don't know, but I would guess a coin."],
)
def test_a_guess_behind_a_doubt_is_an_answer(answer: str) -> None:
    assert not is_refusal(answer)


@pytest.mark.parametrize(
    ("question", "answer"),
    [
        (
            "When was the bakery founded?",
            "The bakery was reopened by two sisters. It does not say when it was founded.",
        ),
        ("Who designed the bridge?", "The bridge was opened in 1932. Its designer is not named."),
        ("How old was the oak when it fell?", "The oak fell on 3 February [1]. Its age is not mentioned."),
        ("What is the refund for annual plans?", "Monthly plans: 14 days [2]. For annual plans, no refund is stated."),
        ("Why did Hedda quit the choir?", "She only writes that she is leaving. The reasons remain unclear."),
        ("Who wrote the foreword?", "Hale & Co. printed the book. Who wrote the foreword, the documents don't say."),
        ("In which street did they live?", "They lived in Lund, but the documents do not specify the street."),
        ("Wie viele Zimmer hat die Pension?", "Die Pension liegt am See. Wie viele Zimmer sie hat, steht dort nicht."),
    ],
)
def test_a_refusal_behind_something_else_is_one_if_it_is_about_the_question(question: str, answer: str) -> None:
    assert is_refusal(answer, question)


@pytest.mark.parametrize(
    ("question", "answer"),
    [
        ("When was the bakery founded?", "In 1871. The article doesn't mention who the founder was."),
        ("When was the bakery founded?", "It was founded in 1871, and no record explains why the name was chosen."),
        ("Who designed the bridge?", "Ida Marchetti. There is no mention of a second engineer in the documents."),
        ("Who designed the bridge?", "The city never named an architect, but the drawings are signed Ida Marchetti."),
        ("Who signed it?", "Dr. Pole signed it. Dr. Ames is not mentioned."),
        ("How tall is the keeper's son?", "Six foot two. The log never gives the keeper's own height."),
        ("How many goals did she score?", "The report doesn't give a tally, but she scored three."),
        ("How many people died in the fire?", "No deaths were reported."),
        ("How large is the lake?", "It covers 12 square kilometres; its depth has never been established."),
        ("What is missing from the inventory?", "The silver spoons are missing from the inventory."),
        ("What does the policy exclude?", "The policy does not cover flood damage."),
        ("Did the board approve the merger?", "The board did not approve the merger, and no reason was given."),
        ("Did the board approve it?", "No. It was not mentioned at the meeting in May and was rejected in June."),
        ("Why did the ferry line close?", "There were not enough passengers in winter."),
        ("Why did the ferry line close?", "No information reached the passengers, so they stopped using it."),
        ("Why was Lena angry?", "He did not tell her that he was leaving."),
        ("Why was Lena angry?", "Her name was not printed in the programme."),
        ("Why did Hedda quit the choir?", "She was not given a solo."),
        ("What is in the box?", "There is nothing in the box."),
        ("What happened to the ship?", "It was never found."),
        ("What happened when she knocked?", "They did not answer the door."),
        ("Are there other copies?", "There is no other known copy of it."),
        ("What does the author criticise?", "That the report does not mention the farmers at all."),
        ("What does the author criticise?", "He says the report does not mention the farmers."),
        ("What did the audit find?", "That receipts were missing from the files."),
        ("How did the minister react?", "He declined to answer and left the room."),
        ("What is the wifi password?", "The cabin does not have wifi, so there is no password."),
        ("What allergies does the guest have?", "The guest has no known allergies."),
        ("Who won the raffle?", "A visitor who did not want to be named won it."),
        ("When did she stop teaching?", "She stopped in 1958. Why she did so is not known."),
    ],
)
def test_an_answer_with_a_negation_or_a_side_remark_is_no_refusal(question: str, answer: str) -> None:
    assert not is_refusal(answer, question)


@pytest.mark.parametrize(
    "text", ["not " + "a" * 90_000, "no-" * 30_000, "kein nicht " * 9_000, "the a who b not " * 6_000]
)
def test_no_answer_takes_long_to_read(text: str) -> None:
    started = time.process_time()
    is_refusal(text, "Who is it?")
    assert time.process_time() - started < 1


@pytest.mark.parametrize(
    ("question", "answer"),
    [
        ("When is the library open?", "It is open from 8 to 4."),
        ("How did the cat get in?", "The window was left open."),
        ("Ist der Laden sonntags auf?", "Der Laden ist sonntags offen."),
        ("What did the ranger forbid?", "No digging near the spring."),
        ("What does the rule forbid?", "No digital devices."),
        ("What must a member give?", "Please give two weeks' notice."),
    ],
)
def test_a_definite_answer_with_such_words_is_no_refusal(question: str, answer: str) -> None:
    assert not is_refusal(answer, question)


def test_an_english_refusal_may_name_something_in_chinese_letters() -> None:
    assert is_refusal("I don't know who 陈阿炳 is.", "Who is 陈阿炳?")


@pytest.mark.parametrize(
    ("question", "answer", "refuses"),
    [
        pytest.param("", "文中提到了酒馆。没有说明。", True, id="of the source, nothing named, no question"),
        pytest.param("酒馆的租金是多少？", "文中提到了酒馆的老板。租金没有说明。", True, id="the rent was asked for"),
        pytest.param("酒馆的租金是多少？", "每月两百元。水费没有说明。", False, id="the water was not"),
        pytest.param("What did it cost?", "The price for that is not given.", True, id="for that"),
        pytest.param("What did it cost?", "That the price is not given is a pity.", False, id="that as a conjunction"),
    ],
)
def test_what_is_not_told_is_what_was_asked(question: str, answer: str, refuses: bool) -> None:
    assert is_refusal(answer, question) is refuses
