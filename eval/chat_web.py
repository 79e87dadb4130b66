"""The same chat as a page of two panes (Gradio, extra `ui`), on this machine only.

Answers stand in plain text boxes: what a model writes is never read as HTML or Markdown. Fonts are the system's,
nothing is shared, nothing is counted, nothing is kept, and `eval.page_guard` refuses whoever is not this page.
"""

from __future__ import annotations

from typing import Any

from agents import privacy
from agents.errors import InputError, MissingExtra
from agents.terminal import say
from eval.chat import LONGEST, Pair, sources_text
from eval.page_guard import guarded

HOST = "127.0.0.1"
CLOSED: dict[str, Any] = {  # what Gradio would offer beside the page
    "share": False,
    "root_path": "",
    "run_history": False,  # on disk
    "enable_monitoring": False,
    "mcp_server": False,
    "pwa": False,
    "ssr_mode": False,
    "max_file_size": 1,
}
SYSTEM_FONTS = ("system-ui", "sans-serif")
MONO_FONTS = ("ui-monospace", "monospace")


def build_page(pair: Pair) -> Any:
    """The page as `gradio.Blocks`, not launched. Raises `MissingExtra` without gradio."""
    gradio = _gradio()

    def answer(question: str) -> tuple[str, str, str]:
        try:
            rag, tuned = pair.ask(question)
        except InputError as error:
            raise gradio.Error(error.what) from error
        return rag.text, sources_text(rag), tuned.text

    with gradio.Blocks(title="ragtuned: retrieval and tuned", analytics_enabled=False) as page:
        question = gradio.Textbox(
            label="Question",
            placeholder="Ask about the documents",
            max_length=LONGEST,
            autofocus=True,
            elem_id="question",
        )
        ask = gradio.Button("Ask both", variant="primary", elem_id="ask")
        with gradio.Row():
            with gradio.Column():
                rag = gradio.Textbox(
                    label="rag: the untuned student with retrieval", lines=6, interactive=False, elem_id="rag"
                )
                sources = gradio.Textbox(label="sources of rag", lines=3, interactive=False, elem_id="sources")
            with gradio.Column():
                tuned = gradio.Textbox(
                    label="tuned: from its weights, no documents", lines=6, interactive=False, elem_id="tuned"
                )
        gradio.on([ask.click, question.submit], answer, inputs=question, outputs=[rag, sources, tuned], api_name=False)
    return page


def serve(page: Any, port: int | None, block: bool = True) -> str:
    """Serve the page on 127.0.0.1 (`port` None takes the first free one from 7860 on) and return its address."""
    gradio = _gradio()
    theme = gradio.themes.Base(font=SYSTEM_FONTS, font_mono=MONO_FONTS)
    try:
        _, address, _ = page.launch(
            server_name=HOST,
            server_port=port,
            theme=theme,
            quiet=True,
            prevent_thread_lock=True,
            footer_links=[],
            app_kwargs={"lifespan": guarded, "docs_url": None, "redoc_url": None, "openapi_url": None},
            **CLOSED,
        )
    except OSError as error:
        raise InputError(f"port {port} cannot be used: {error}", "name another with --port") from error
    if block:
        say(f"{address}  (Ctrl-C ends it)")
        page.block_thread()
    return address


def _gradio() -> Any:
    """The library, with its analytics, its look for news and every GRADIO_ variable off before it is read."""
    privacy.seal()
    try:
        import gradio
    except ImportError as error:
        raise MissingExtra(
            "the page needs gradio", "pip install 'ragtuned[ui]', or chat in the terminal without --web"
        ) from error
    return gradio
