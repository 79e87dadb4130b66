"""What stands above a page of notes between "---" (YAML) or "+++" (TOML): its title, author, date and other facts."""

from __future__ import annotations

import re
import tomllib
from typing import Any

LONGEST = 100_000  # characters; more is data and not what a page says of itself
YAML = re.compile(r"---[ \t]*\n(?:(.*?)\n)?(?:---|\.\.\.)[ \t]*(?:\n|\Z)", re.DOTALL)
TOML = re.compile(r"\+\+\+[ \t]*\n(?:(.*?)\n)?\+\+\+[ \t]*(?:\n|\Z)", re.DOTALL)
LINE = re.compile(r"([\w-]+):\s*(.*)")


def front_matter(text: str) -> tuple[dict[str, Any], str]:
    """What it says (`title`, `author`, `date`, and all of it as `more`), and the text below it.

    A first line "---" that begins none is text.
    """
    for pattern, load in ((YAML, _yaml), (TOML, tomllib.loads)):
        found = pattern.match(text)
        if not found or len(found[1] or "") > LONGEST:
            continue
        try:
            said = load(found[1] or "")
        except (ValueError, RecursionError):
            said = _lines(found[1])
        if isinstance(said, dict) and (said or not found[1]):
            return _facts(said), text[found.end() :].lstrip("\n")
    return {}, text


def _yaml(text: str) -> Any:
    import yaml

    try:
        return yaml.safe_load(text) or {}
    except yaml.YAMLError as error:
        raise ValueError(str(error)) from error


def _lines(text: str) -> dict[str, str]:
    """The pairs of a front matter that is no YAML ("title: Lund: the mill"); none if there are other lines too."""
    found = [LINE.fullmatch(line) for line in text.split("\n") if line.strip() and not line.startswith((" ", "-", "#"))]
    return {match[1]: match[2] for match in found if match} if all(found) else {}


def _facts(said: dict[Any, Any]) -> dict[str, Any]:
    """The keys that documents have, and the plain values of the others."""
    plain = {str(key): _plain(value) for key, value in said.items()}
    author = plain.get("author") or plain.get("authors") or ""
    facts = {"title": plain.get("title", ""), "author": author, "date": plain.get("date") or plain.get("created") or ""}
    more = {key: value for key, value in plain.items() if value and key not in ("title", "author", "authors", "date")}
    return {**facts, "more": {"front_matter": more} if more else {}}


def _plain(value: Any) -> str:
    """One line of a value; of a list its values; of what is nested deeper nothing."""
    if isinstance(value, list):
        return ", ".join(filter(None, (_plain(one) for one in value if not isinstance(one, (list, dict)))))
    if value is None or isinstance(value, dict):
        return ""
    return " ".join(str(value).split())
