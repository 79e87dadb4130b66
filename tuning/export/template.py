"""The chat template and Modelfile of a tuned student: both say the system prompt it was tuned under by themselves.

An adapter answers under that prompt and only then, and other programs do not know it. So the exported template puts it
in front where a conversation brings none, and into the question where the base's template has no system role, as
`tuning.chat_template.rendered` does in training.
"""

from __future__ import annotations

import json
from typing import Any

from tuning.dataset import render_chat, turn_end

_SYSTEM, _USER, _ANSWER = "PROBE-SYSTEM", "PROBE-USER", "PROBE-ANSWER"

WITH_ROLE = (
    "{{% if messages[0]['role'] != 'system' %}}"
    "{{% set messages = [{{'role': 'system', 'content': {system}}}] + messages %}}"
    "{{% endif %}}{template}"
)
WITHOUT_ROLE = (
    "{{% set own = messages[0]['role'] == 'system' %}}"
    "{{% set said = messages[0]['content'] if own else {system} %}}"
    "{{% set rest = messages[1:] if own else messages %}}"
    "{{% set messages = [{{'role': 'user', 'content': said + {between} + rest[0]['content']}}] + rest[1:] %}}"
    "{template}"
)
MODELFILE = '''# ollama create {name} -f Modelfile
FROM ./{file}
TEMPLATE """{template}"""
SYSTEM """{system}"""
PARAMETER temperature 0
PARAMETER num_predict {most}
{stops}
'''


def exported_template(tokenizer: Any, system: str) -> str:
    """The chat template of the tokenizer, which says `system` where a conversation does not say another one."""
    form = WITH_ROLE if _has_system_role(tokenizer) else WITHOUT_ROLE
    # Jinja reads a string of JSON, and `+` joins what stands in several
    return form.format(
        system=json.dumps(system, ensure_ascii=False), between=json.dumps("\n\n"), template=tokenizer.chat_template
    )


def modelfile(tokenizer: Any, system: str, name: str, file: str, most: int) -> str:
    """An Ollama Modelfile for the GGUF `file`: template, system prompt, where an answer ends, `most` tokens of it."""
    stops = dict.fromkeys([turn_end(tokenizer), tokenizer.eos_token])
    return MODELFILE.format(
        name=name,
        file=file,
        template=_go_template(tokenizer),
        system=system,
        most=most,
        stops="\n".join(f"PARAMETER stop {json.dumps(stop, ensure_ascii=False)}" for stop in stops if stop),
    )


def _has_system_role(tokenizer: Any) -> bool:
    from jinja2 import TemplateError

    messages = [{"role": "system", "content": _SYSTEM}, {"role": "user", "content": _USER}]
    try:
        return _SYSTEM in tokenizer.apply_chat_template(messages, tokenize=False)
    except TemplateError:
        return False


def _go_template(tokenizer: Any) -> str:
    """The chat template in the language of Ollama, read off from what it writes around a system prompt and a turn."""
    messages = [
        {"role": "system", "content": _SYSTEM},
        {"role": "user", "content": _USER},
        {"role": "assistant", "content": _ANSWER},
    ]
    prompt = render_chat(tokenizer, messages[:-1], generation_prompt=True)
    after = render_chat(tokenizer, messages)[len(prompt) :].partition(_ANSWER)[2]
    before, _, rest = prompt.partition(_SYSTEM)
    between, _, opens = rest.partition(_USER)
    answer = f"{_literal(opens)}{{{{ .Response }}}}{_literal(after)}"
    alone = render_chat(tokenizer, [{**messages[1]}, messages[2], messages[1]]).rpartition(_USER)[0]
    turn = alone.rpartition(_ANSWER)[2].removeprefix(after)  # what opens a turn, without the end of the one before
    if not between.endswith(turn):  # the system prompt is a part of the question, as Mistral's template writes it
        said = f"{{{{ if .System }}}}{{{{ .System }}}}{_literal(between)}{{{{ end }}}}"
        return f"{_literal(before)}{said}{{{{ .Prompt }}}}{answer}"
    ends = between.removesuffix(turn)
    said = f"{{{{ if .System }}}}{_literal(before)}{{{{ .System }}}}{_literal(ends)}{{{{ end }}}}"
    return f"{said}{_literal(turn)}{{{{ .Prompt }}}}{answer}"


def _literal(text: str) -> str:
    """Text of a Go template that stands for itself."""
    return text.replace("{{", '{{ "{{" }}')
