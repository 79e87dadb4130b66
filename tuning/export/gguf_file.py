"""A model of transformers as one GGUF file, written with the gguf package of llama.cpp.

Names of tensors are the package's own (`get_tensor_name_map`). What a family needs beside them stands here: Llama's
query and key rows are interleaved as llama.cpp rotates them, and its stretched rotary frequencies are a tensor.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from agents.errors import InputError
from tuning.dataset import turn_end
from tuning.export.vocabulary import vocabulary

ARCHITECTURES = {"llama": "LLAMA", "mistral": "LLAMA", "qwen2": "QWEN2", "qwen3": "QWEN3"}
"""`model_type` of a config, and the name of the architecture in the gguf package."""
QUANTIZATIONS = {"f16": "F16", "q8_0": "Q8_0"}
"""Forms that are written here, and how the gguf package calls the type of their matrices."""


def write_gguf(model: Any, tokenizer: Any, template: str, name: str, path: Path, form: str) -> None:
    """Write the model with its tokenizer and `template` to `path`; matrices as `form`, vectors in float32.

    Raises:
        InputError: a family, a tokenizer or a scaling of positions that is not written here.

    """
    import gguf

    config = model.config
    if config.model_type not in ARCHITECTURES:
        raise InputError(
            f"a {config.model_type} is not written to GGUF; known are {', '.join(ARCHITECTURES)}",
            "export it with --model merged, and convert that with llama.cpp's own script",
        )
    architecture = gguf.MODEL_ARCH[ARCHITECTURES[config.model_type]]
    writer = gguf.GGUFWriter(path, gguf.MODEL_ARCH_NAMES[architecture])
    try:
        _describe(writer, config, name, form)
        _describe_tokenizer(writer, tokenizer, model.get_input_embeddings().weight.shape[0], template)
        quantization = gguf.GGMLQuantizationType[QUANTIZATIONS[form]]
        tensors = [(*tensor, _type_of(tensor[1], quantization)) for tensor in _tensors(model, architecture)]
        for to, tensor, kind in tensors:
            _announce(writer, to, tuple(tensor.shape), kind)
        writer.write_header_to_file()
        writer.write_kv_data_to_file()
        writer.write_ti_data_to_file()
        for _, tensor, kind in tensors:  # one at a time: the whole model a second time may not fit
            writer.write_tensor_data(gguf.quants.quantize(tensor.float().cpu().contiguous().numpy(), kind))
    finally:
        writer.close()


def _describe(writer: Any, config: Any, name: str, form: str) -> None:
    import gguf

    heads = config.num_attention_heads
    head = getattr(config, "head_dim", None) or config.hidden_size // heads
    writer.add_name(name)
    writer.add_file_type(gguf.LlamaFileType[f"MOSTLY_{QUANTIZATIONS[form]}"])
    writer.add_quantization_version(gguf.GGML_QUANT_VERSION)
    writer.add_context_length(config.max_position_embeddings)
    writer.add_embedding_length(config.hidden_size)
    writer.add_block_count(config.num_hidden_layers)
    writer.add_feed_forward_length(config.intermediate_size)
    writer.add_head_count(heads)
    writer.add_head_count_kv(config.num_key_value_heads)
    writer.add_key_length(head)
    writer.add_value_length(head)
    writer.add_layer_norm_rms_eps(config.rms_norm_eps)
    writer.add_rope_dimension_count(head)
    writer.add_rope_freq_base(config.rope_parameters["rope_theta"])
    writer.add_vocab_size(config.vocab_size)


def _describe_tokenizer(writer: Any, tokenizer: Any, rows: int, template: str) -> None:
    found = vocabulary(tokenizer, rows)
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre(found.pre)
    writer.add_token_list(found.tokens)
    writer.add_token_types(found.types)
    writer.add_token_merges(found.merges)
    writer.add_add_bos_token(False)  # the template writes it, where there is one
    writer.add_add_space_prefix(False)
    end = tokenizer(turn_end(tokenizer), add_special_tokens=False)["input_ids"]
    for add, number in (
        (writer.add_eos_token_id, tokenizer.eos_token_id),
        (writer.add_eot_token_id, end[0]),
        (writer.add_bos_token_id, tokenizer.bos_token_id),
        (writer.add_pad_token_id, tokenizer.pad_token_id),
        (writer.add_unk_token_id, tokenizer.unk_token_id),
    ):
        if number is not None:
            add(number)
    writer.add_chat_template(template)


def _tensors(model: Any, architecture: Any) -> Iterator[tuple[str, Any]]:
    """The tensors of the model under their names in GGUF."""
    import gguf

    config = model.config
    names = gguf.get_tensor_name_map(architecture, config.num_hidden_layers)
    if (factors := _rope_factors(config)) is not None:
        yield "rope_freqs.weight", factors
    for name, tensor in model.state_dict().items():
        if name == "lm_head.weight" and config.tie_word_embeddings:
            continue
        to = names.get_name(name, try_suffixes=(".weight", ".bias"))
        if to is None:
            raise InputError(f"GGUF has no place for {name} of this model", "export it with --model merged")
        if architecture is gguf.MODEL_ARCH.LLAMA and ".q_proj." in name:
            tensor = _interleaved(tensor, config.num_attention_heads)
        if architecture is gguf.MODEL_ARCH.LLAMA and ".k_proj." in name:
            tensor = _interleaved(tensor, config.num_key_value_heads)
        yield to, tensor


def _interleaved(tensor: Any, heads: int) -> Any:
    """Rows of a query or key matrix (heads × size, …): the halves of each head, which rotate together, side by side."""
    parted = tensor.reshape(heads, 2, tensor.shape[0] // heads // 2, *tensor.shape[1:])
    return parted.swapaxes(1, 2).reshape(tensor.shape)


def _rope_factors(config: Any) -> Any:
    """By what the frequency of each pair is divided (head size / 2,); nothing for plain positions.

    As Llama 3.1 stretches them (`_compute_llama3_parameters` of transformers).
    """
    import torch

    rope = config.rope_parameters
    kind = rope.get("rope_type", "default")
    if kind == "default":
        return None
    if kind != "llama3":
        raise InputError(f"positions scaled as {kind!r} are not written to GGUF", "export it with --model merged")
    head = getattr(config, "head_dim", None) or config.hidden_size // config.num_attention_heads
    waves = 2 * math.pi * rope["rope_theta"] ** (torch.arange(0, head, 2, dtype=torch.float32) / head)
    low, high, length = rope["low_freq_factor"], rope["high_freq_factor"], rope["original_max_position_embeddings"]
    smooth = ((length / waves - low) / (high - low)).clamp(0, 1)
    return 1 / ((1 - smooth) / rope["factor"] + smooth)


def _type_of(tensor: Any, quantization: Any) -> Any:
    """float32 for vectors, `quantization` for matrices whose rows are whole blocks of it, else 16 bit."""
    import gguf

    if tensor.dim() < 2:
        return gguf.GGMLQuantizationType.F32
    block, _ = gguf.GGML_QUANT_SIZES[quantization]
    return quantization if tensor.shape[-1] % block == 0 else gguf.GGMLQuantizationType.F16


def _announce(writer: Any, name: str, shape: tuple[int, ...], kind: Any) -> None:
    import gguf
    import numpy as np

    stored = gguf.quant_shape_to_byte_shape(shape, kind)
    plain = {gguf.GGMLQuantizationType.F32: np.float32, gguf.GGMLQuantizationType.F16: np.float16}.get(kind)
    writer.add_tensor_info(
        name, shape if plain else stored, np.dtype(plain or np.uint8), math.prod(stored), None if plain else kind
    )
