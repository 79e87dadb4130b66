"""A refusal says that one does not know, in the words of nine languages, before anything else."""

from __future__ import annotations

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
