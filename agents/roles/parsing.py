"""From a reply to an object of a schema: its JSON found, mended and validated, in time linear in the text.

Models write JSON in code fences, with commas too many, with the quotation marks of prose or of Python, with the
punctuation of Chinese, or cut off. What is readable of it is kept.
"""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterator
from contextlib import suppress
from typing import Any, TypeVar, get_origin

from pydantic import BaseModel, ValidationError

from agents.models.replies import MOST_REPLY, storable
from agents.roles.json_form import BLANK

T = TypeVar("T", bound=BaseModel)
# The repair takes the square of a text that is none of JSON (42 s for 16,000 characters), and is linear in what nearly
# is JSON: a text is short and flat, or it is tame, or it is not repaired.
MOST_REPAIRED = 4_000  # characters
MOST_BRACKETS = 64  # opened in a short text; the repair is slowest on nesting
MOST_STRAY = 500  # quotation marks in a tame text that open or close nothing
MOST_FAULTS = 300  # characters of what is said about an object that is none
MOST_DEPTH = 16  # of brackets in a tame text; the schemas of our roles have 5
SPACE = r"\s{0,40}"
BEGIN = re.compile(r"[{｛]")
SMART = "“”„‟«»＂〝〞"
SMART_KEY = re.compile(rf"^[^{{｛\"]*[{{｛]{SPACE}[{SMART}]")
OPENING = re.compile(rf"([{{\[,:，：｛［]{SPACE})[{SMART}]")
CLOSING = re.compile(rf"[{SMART}](?={SPACE}[,:}}\]，：｝］])")
WIDE_MARK = re.compile("[：，｛｝［］]")
WIDE = re.compile(
    rf"(?<=[\"\d\]}}］｝el]){SPACE}[：，]{SPACE}(?=[\"\d\[{{［｛tfn-])"  # between two values
    rf"|[｛［](?={SPACE}[\"\[{{\d\]}}｛［］｝])|(?<=[\"\d\]}}］｝el])[｝］]"
)
NARROW = str.maketrans("：，｛｝［］", ":,{}[]")
STRING = re.compile(r'"(?:[^"\\]|\\.)*"', re.DOTALL)
WHOLE = re.compile(rf'"(?:[^"\\]|\\.){{0,8000}}"(?={SPACE}[,:}}\]])', re.DOTALL)


def parse(text: str, schema: type[T]) -> T:
    """An object of the schema from a reply: as it is, else its JSON found and repaired.

    Takes time linear in the text beyond 4,000 characters. Raises ValueError.
    """
    if len(text) > MOST_REPLY:
        raise ValueError(f"the reply has more than {MOST_REPLY:,} characters")
    try:
        found = _read(text, schema)
        values = found.model_dump()
        fit = storable(values)
    except RecursionError:
        raise ValueError("the reply is nested too deeply") from None
    if _has_blank(values):
        raise ValueError("a value is still the placeholder of the form")
    return found if fit == values else schema.model_validate(fit)


def _has_blank(value: Any) -> bool:
    if isinstance(value, dict | list):
        return any(map(_has_blank, value.values() if isinstance(value, dict) else value))
    return value == BLANK


def _read(text: str, schema: type[T]) -> T:
    try:
        return schema.model_validate_json(text)
    except ValidationError:
        fault: ValueError = ValueError("no JSON object in the reply")
    for found in _unwrapped(_candidates(text)):
        if isinstance(found, dict):
            try:
                return schema.model_validate(_with_lists(found, schema))
            except ValidationError as error:
                fault = error
    raise fault


def _unwrapped(candidates: Iterator[Any]) -> Iterator[Any]:
    """Each candidate, and behind it what stands in its "properties": small models write their values into a schema."""
    for found in candidates:
        yield found
        if isinstance(found, dict) and "properties" in found:
            yield found["properties"]


def faults(error: ValueError) -> str:
    """What is wrong with an object, in a line: the first fields and their faults, without a library's own words."""
    if not isinstance(error, ValidationError):
        return str(error)[:MOST_FAULTS]
    told = [f"{'.'.join(map(str, one['loc'])) or 'the reply'}: {one['msg']}" for one in error.errors()]
    return "; ".join(told)[:MOST_FAULTS]


def _with_lists(found: dict[str, Any], schema: type[BaseModel]) -> dict[str, Any]:
    """The object of a reply that broke off, with nothing in the lists that it did not come to."""
    lists = {name for name, field in schema.model_fields.items() if get_origin(field.annotation) is list}
    return {**dict.fromkeys(lists, []), **found} if lists & found.keys() else found


def _candidates(text: str) -> Iterator[Any]:
    """What may be the object in a text, the surest first."""
    begin = BEGIN.search(text)
    if not begin:
        return
    with suppress(ValueError):
        yield json.JSONDecoder().raw_decode(text, begin.start())[0]
    mended = mend(text)
    flat = len(mended) <= MOST_REPAIRED and sum(map(mended.count, "{[(")) <= MOST_BRACKETS
    if not flat and not _is_tame(mended):
        return
    if mended[begin.end() :].lstrip().startswith("'"):
        yield _literal(mended[begin.start() : mended.rfind("}") + 1])
    found = _repaired(mended)
    yield from reversed(found) if isinstance(found, list) else [found]  # several: the last one is the conclusion


def _repaired(text: str) -> Any:
    import json_repair

    return json_repair.loads(text)


def _literal(text: str) -> Any:
    """A dict as Python writes one, in single quotation marks; None for what is none."""
    try:
        return ast.literal_eval(text)
    except (ValueError, SyntaxError, MemoryError, TypeError):
        return None


def mend(text: str) -> str:
    """JSON in the quotation marks of prose, or with full-width punctuation, as JSON; its strings stay as they are."""
    if SMART_KEY.search(text):
        text = CLOSING.sub('"', OPENING.sub(r'\1"', text))
    return WIDE.sub(lambda match: match[0].translate(NARROW), text) if WIDE_MARK.search(text) else text


def _is_tame(text: str) -> bool:
    """Whether a text is nearly JSON: few quotation marks that belong to no string, and brackets of little depth."""
    stray = WHOLE.sub("", text).count('"')
    depth = deepest = 0
    for bracket in re.findall(r"[\[{(]|[\]})]", STRING.sub("", text)):
        depth = max(0, depth + (1 if bracket in "[{(" else -1))
        deepest = max(deepest, depth)
    return stray <= MOST_STRAY and deepest <= MOST_DEPTH
