"""What ChatOpenAI over aiohttp takes of the processor, without ragtuned around it.

It makes the calls of a finished synthesis.

python -m bench.speed.client_alone PROJECT URL --slots 16

The requests come from the project's call store; they are bound and sent as LangChain's users do, on the same event loop
as ours.
"""

from __future__ import annotations

import asyncio
import json
import resource
import sqlite3
import time
from pathlib import Path
from typing import Annotated, Any

import typer

from agents.models.body import TOP_LOGPROBS
from graphs.event_loop import run

WARM_UP = 3  # calls that are not counted: the first ones connect, and build what the libraries keep


def requests(project: Path, most: int) -> list[dict[str, Any]]:
    """Up to `most` requests of the project's store and a few more for the warm-up, in the order in which they ended."""
    with sqlite3.connect(project / "calls.sqlite") as database:
        rows = database.execute("SELECT request FROM calls ORDER BY created LIMIT ?", (most + WARM_UP,))
        return [json.loads(row[0]) for row in rows]


def options(request: dict[str, Any]) -> dict[str, Any]:
    """What a user of ChatOpenAI binds for it."""
    bound = {"max_tokens": request["max_tokens"], "temperature": request["temperature"]}
    if request["logprobs"]:
        bound |= {"logprobs": True, "top_logprobs": TOP_LOGPROBS}
    if schema := request["json_schema"]:
        bound["response_format"] = {
            "type": "json_schema",
            "json_schema": {"name": request["schema_name"], "schema": schema, "strict": True},
        }
    return bound


async def ask_all(asked: list[dict[str, Any]], url: str, slots: int) -> dict[str, Any]:
    """Send them, `slots` at once; milliseconds of user and system time a call."""
    import openai
    from langchain_openai import ChatOpenAI
    from pydantic import SecretStr

    chat = ChatOpenAI(
        model="scripted",
        base_url=f"{url}/v1",
        api_key=SecretStr("none"),
        max_retries=0,
        http_async_client=openai.DefaultAioHttpClient(),
    )
    turn = asyncio.Semaphore(slots)

    async def one(request: dict[str, Any]) -> None:
        async with turn:
            await chat.bind(**options(request)).ainvoke(request["messages"])

    await asyncio.gather(*map(one, asked[:WARM_UP]))
    counted, cpu, wall = asked[WARM_UP:], _cpu_seconds(), time.monotonic()
    await asyncio.gather(*map(one, counted))
    return {
        "calls": len(counted),
        "wall_s": round(time.monotonic() - wall, 2),
        "cpu_ms_a_call": round(1000 * (_cpu_seconds() - cpu) / len(counted), 2),
    }


def _cpu_seconds() -> float:
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


def main(
    project: Annotated[Path, typer.Argument(help="A folder with a finished synthesis.")],
    url: Annotated[str, typer.Argument(help="Of bench/server/serve.py, without /v1.")],
    slots: Annotated[int, typer.Option(min=1, help="Calls at once.")] = 16,
    most: Annotated[int, typer.Option(min=1, help="Calls to make.")] = 1000,
) -> None:
    """Send the calls and print what they took, as JSON."""
    print(json.dumps(run(ask_all(requests(project, most), url, slots))))


if __name__ == "__main__":
    typer.run(main)
