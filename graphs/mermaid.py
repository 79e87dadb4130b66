"""The graphs as mermaid pictures, drawn from the code.

`python -m graphs.mermaid` prints them, `--write docs/langgraph.md` puts them there.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

from agents.console import Console
from agents.files import write_text
from agents.project import Project
from agents.terminal import say
from graphs.config import SynthesisConfig
from graphs.context import Context
from graphs.corpus.documents import DocumentsConfig
from graphs.drafting.loop import build_drafting
from graphs.facts.loop import build_passage_loop
from graphs.facts.rows import FactSources
from graphs.facts.writers import PassageWriter
from graphs.knowledge.merge import KnowledgeConfig
from graphs.knowledge.sources import Sources
from graphs.synthesis import build_synthesis

BEGIN, END = "<!-- drawn by python -m graphs.mermaid -->", "<!-- end of what is drawn -->"


def drawn() -> str:
    """The synthesis of recipe facts with the loop of a passage, and that of recipe ragtuned with the loop of a brief.

    Four mermaid blocks, each under its name.
    """
    facts, briefs = (SynthesisConfig.model_validate({"recipe": recipe}) for recipe in ("facts", "ragtuned"))
    sources = FactSources(facts, {}, {}, {})
    writer = PassageWriter(sources, KnowledgeConfig.model_validate({}))
    pictures = {
        "Recipe facts": build_synthesis(_context(facts)),
        "Its loop of a passage": build_passage_loop(sources, writer),
        "Recipe ragtuned": build_synthesis(_context(briefs)),
        "Its loop of a brief": build_drafting(Sources(briefs, {"critic": None}, {}, {})),  # type: ignore[dict-item] - no client speaks while a picture is drawn
    }
    blocks = {name: graph.get_graph(xray=True).draw_mermaid(with_styles=False) for name, graph in pictures.items()}
    return "\n\n".join(f"{name}:\n\n```mermaid\n{_plain(block)}\n```" for name, block in blocks.items())


def _context(config: SynthesisConfig) -> Context:
    sections = {"synthesis": config, "documents": DocumentsConfig.model_validate({})}
    return Context(Project(Path(), "main", sections), {}, Console(quiet=True))


def _plain(mermaid: str) -> str:
    """The picture as GitHub can show it: a node of a branch by its own name, and the ends of a branch as ends."""
    named = re.sub(r"(\w+)\\3a(\w+)", lambda match: f"{match[1]}.{match[2]}[{match[2]}]", mermaid)
    named = re.sub(
        r"(\w+\.)?__(start|end)__(\[__\w+__\])?",
        lambda match: f"{match[1] or ''}{match[2]}_([{match[2].upper()}])",
        named,
    )
    return "\n".join(line.replace("\t", "  ").rstrip() for line in named.strip().splitlines() if line.strip())


def in_text(text: str) -> str:
    """The picture that stands between the marks of `text`. Raises ValueError without them."""
    if BEGIN not in text or END not in text:
        raise ValueError(f"no picture between {BEGIN} and {END}")
    return text.partition(BEGIN)[2].partition(END)[0].strip("\n")


def main(words: list[str]) -> None:
    """Print the pictures, or put them into the file named after --write."""
    if words[:1] == ["--write"]:
        path = Path(words[1])
        text = path.read_text(encoding="utf-8")
        write_text(path, text.replace(f"{BEGIN}\n{in_text(text)}\n{END}", f"{BEGIN}\n{drawn()}\n{END}"))
    else:
        say(drawn())


if __name__ == "__main__":
    main(sys.argv[1:])
