"""From train.jsonl to an adapter. Never imports graphs: the hand-over is a file."""
