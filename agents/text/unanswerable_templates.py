"""Questions about people that their documents do not answer, by rule: what biographies tell and notes seldom do.

A 1.5B writer that is shown a page and asked for what it does not tell asks for what it tells (none of its questions was
kept on examples/demo). A question is asked only where no word of the page hints at its answer, and the critic still
looks.
"""

from __future__ import annotations

from typing import NamedTuple

from agents.text.words import stem, words


class Template(NamedTuple):
    """A question about `{name}`, and the words of a page any of which may lead to its answer."""

    question: str
    hints: str


TEMPLATES: dict[str, Template] = {
    "about their family": Template(
        "What are the names of {name}'s parents?", "parents mother father son daughter child family brother sister"
    ),
    "about their early life": Template("Where was {name} born?", "born birth birthplace native grew home childhood"),
    "about a price or an amount": Template(
        "How much money does {name} earn in a year?", "earn wage salary pay paid income money year"
    ),
    "about a place they have been": Template(
        "Which school did {name} go to as a child?", "school child pupil schoolroom schoolteacher learned"
    ),
    "about a date": Template("On what day is {name}'s birthday?", "birthday born birth old age"),
    "about what they own": Template("What is the name of {name}'s dog?", "dog hound puppy"),
}
"""By the style of a brief."""


def question_by_template(name: str, style: str, page: str) -> str:
    """The question of the style about `name`, or "" if there is none or the page may answer it."""
    form = TEMPLATES.get(style)
    told = {stem(word) for word in words(page)}
    if form is None or told & {stem(word) for word in form.hints.split()}:
        return ""
    return form.question.format(name=name)
