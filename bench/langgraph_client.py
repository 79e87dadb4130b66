"""Call both graphs of a running `langgraph dev` through its HTTP API and print what came (docs/langgraph.md).

The synthesis runs dry unless --live, in a run of its own name; if the project asks for a review, every fact is
accepted. The chat is asked only with --question, since it loads both students of the tuned run.
"""

from __future__ import annotations

import argparse
import asyncio
import json
from collections import Counter
from pathlib import Path
from typing import Any

from langgraph_sdk import get_client


async def schemas(client: Any, graph: str) -> dict[str, list[str]]:
    """The fields of the forms that Studio shows of a graph."""
    (assistant, *_) = await client.assistants.search(graph_id=graph)
    found = await client.assistants.get_schemas(assistant["assistant_id"])
    return {
        name: sorted((found.get(f"{name}_schema") or {}).get("properties", {}))
        for name in ("input", "output", "context")
    }


async def streamed(client: Any, thread: str, graph: str, **given: Any) -> tuple[list[dict[str, Any]], dict[str, Any]]:
    """The custom events of a run and its last state. Ends the program with what the server says of a failed run."""
    events: list[dict[str, Any]] = []
    last: dict[str, Any] = {}
    async for part in client.runs.stream(
        thread, graph, stream_mode=["custom", "values"], stream_subgraphs=True, **given
    ):
        if part.event == "error":
            raise SystemExit(f"the run failed: {json.dumps(part.data)}")
        if part.event.partition("|")[0] == "custom":  # those of a branch are called custom|branch
            events.append(part.data)
        elif part.event == "values":
            last = part.data
    return events, last


async def synthesis(client: Any, graph: str, dry: bool) -> dict[str, Any]:
    """A synthesis to its end, a review on the way included."""
    thread = (await client.threads.create())["thread_id"]
    choice = {"dry": dry, "run": "served"}
    events, last = await streamed(client, thread, graph, input={"fresh": True}, context=choice)
    stops = (await client.threads.get_state(thread))["interrupts"]
    for stop in stops:
        lines = [json.dumps({"id": row, "decision": "accept"}) for row in stop["value"]["rows"]]
        Path(stop["value"]["decisions"]).write_text("\n".join(lines) + "\n", encoding="utf-8")
        more, last = await streamed(client, thread, graph, command={"resume": True}, context=choice)
        events += more
    ends = {event["stage"]: event["counts"] for event in events if event["state"] == "ended"}
    return {
        "events": dict(Counter(event["stage"] for event in events)),
        "ended": ends,
        "stops": len(stops),
        "rows": last.get("result", {}).get("rows"),
    }


async def chat(client: Any, graph: str, question: str) -> Any:
    """Both answers."""
    return await client.runs.wait(None, graph, input={"question": question})


async def main() -> None:
    """Print one JSON object."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--url", default="http://127.0.0.1:2024")
    parser.add_argument("--live", action="store_true", help="ask the models of the config, not the scripted one")
    parser.add_argument("--question", help="what to ask the chat; it needs a tuned run")
    parser.add_argument("--chat", default="chat", help="name of the chat graph")
    words = parser.parse_args()
    client = get_client(url=words.url)
    told: dict[str, Any] = {"schemas": {graph: await schemas(client, graph) for graph in ("synthesis", words.chat)}}
    told["synthesis"] = await synthesis(client, "synthesis", not words.live)
    if words.question:
        told["chat"] = await chat(client, words.chat, words.question)
    print(json.dumps(told, indent=2, ensure_ascii=False))


if __name__ == "__main__":
    asyncio.run(main())
