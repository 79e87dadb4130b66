"""The frozen products of LoRA in int8, on a processor with instructions for it.

Half of an update on a CPU are float32 products of activations, or of gradients, with weights that never change. Here
the weights are rounded to int8 once and each token's activations or gradients on the fly, as in SwitchBack (Wortsman
et al. 2023, arXiv 2304.13013). The few input columns with the largest values in a layer's first pass stay in float32,
as in LLM.int8() (Dettmers et al. 2022, arXiv 2208.07339), and ride on LoRA's own product; the others are evened out by
the square root of their largest value, which goes into the weights (SmoothQuant, Xiao et al. 2023, arXiv 2211.10438).
Only training rounds: a model that evaluates or has its adapter off multiplies in float32, and so does a saved adapter.
"""

from __future__ import annotations

import weakref
from functools import cache, partial
from typing import Any

INSTRUCTIONS = ("avx512_vnni", "avx_vnni", "amx_int8")
"""Names in `torch.cpu.get_capabilities()` of what sums int8 products in int32; processors without saturate."""
KEPT = 16
"""Columns of a layer's input that stay in float32, an eighth of them at most."""
ROUNDING = 1.5 * 2.0**23 + 128
"""Added to a float32 between -127 and 127, it leaves the nearest whole number, plus 128, in the lowest byte."""
LEAST = 1e-30
"""The least scale: a token without a gradient has only zeros."""


class Packed:
    """A float32 weight (out, in) in int8 as oneDNN takes it, with a scale for each output."""

    def __init__(self, weight: Any) -> None:
        import torch

        self.scales = weight.abs().amax(1).div_(127).clamp_(min=LEAST)
        self.zeros = torch.zeros(len(self.scales), dtype=torch.int32)
        whole = (weight / self.scales[:, None]).round_().to(torch.int8)
        self.values = torch.ops.onednn.qlinear_prepack(whole.contiguous(), None)  # it takes no heed of strides

    def times(self, tokens: Any, scales: Any) -> Any:
        """The product with uint8 tokens (tokens, in) around 128 and their scales (tokens, 1): (tokens, out)."""
        import torch

        arguments = (1.0, 128, self.values, self.scales, self.zeros, None, 1.0, 0, torch.float32, "none", [], "")
        return torch.ops.onednn.qlinear_pointwise(tokens, *arguments).mul_(scales)


def rounded(tokens: Any) -> tuple[Any, Any]:
    """Float32 (tokens, n) as uint8 around 128, and the scale of each token (tokens, 1)."""
    import torch

    scales = torch.maximum(tokens.amax(1, keepdim=True), tokens.amin(1, keepdim=True).neg_())
    scales = scales.div_(127).clamp_(min=LEAST)
    return (tokens * scales.reciprocal()).contiguous().add_(ROUNDING).view(torch.int32).to(torch.uint8), scales


class Frozen:
    """The frozen weight (out, in) of a layer, rounded as its first input (tokens, in) asks for, all in float32.

    The columns `kept` stay as they are, the others of an input are multiplied by `factors` (in,), which are zero there.
    """

    def __init__(self, weight: Any, tokens: Any) -> None:
        largest = tokens.abs().amax(0)
        largest.clamp_(min=max(largest.mean().item() / 10, LEAST))
        self.kept = largest.topk(min(KEPT, len(largest) // 8)).indices
        self.factors = largest.rsqrt_().index_fill_(0, self.kept, 0.0)
        self.precise = weight[:, self.kept]
        self.forward = Packed((weight / self.factors).index_fill_(1, self.kept, 0.0))
        self.backward = Packed(weight.t())


class Inputs:
    """Rounds an input once for all layers that share it: queries, keys and values; gate and up."""

    def __init__(self) -> None:
        self.seen: Any = lambda: None
        self.last: Any = None

    def rounded(self, given: Any, frozen: Frozen) -> tuple[Any, Any]:
        """What `rounded` makes of `given` (…, in) for a layer."""
        if self.seen() is not given or self.version != given._version or not self.factors.equal(frozen.factors):
            self.last = rounded(given.detach().flatten(0, -2) * frozen.factors)
            self.seen, self.version, self.factors = weakref.ref(given), given._version, frozen.factors
        return self.last


@cache
def lora_product() -> Any:
    """The autograd function of a linear layer with LoRA (its parent class is imported late)."""
    import torch

    class LoraProduct(torch.autograd.Function):
        @staticmethod
        def forward(ctx: Any, given: Any, a: Any, b: Any, scaling: float, frozen: Frozen, rest: tuple[Any, Any]) -> Any:
            """`given` (…, in), A (rank, in), B (out, rank), and `given` rounded → (…, out)."""
            tokens = given.flatten(0, -2)
            low = tokens @ a.t()
            beside = torch.cat([low, tokens[:, frozen.kept]], 1), torch.cat([b * scaling, frozen.precise], 1)
            found = frozen.forward.times(*rest).addmm_(beside[0], beside[1].t())
            ctx.save_for_backward(tokens, low, a, b)
            ctx.scaling, ctx.frozen, ctx.shape = scaling, frozen, given.shape
            return found.view(*given.shape[:-1], -1)

        @staticmethod
        def backward(ctx: Any, *gradients: Any) -> Any:
            tokens, low, a, b = ctx.saved_tensors
            gradient = gradients[0].flatten(0, -2)
            of_low, of_given = (gradient @ b).mul_(ctx.scaling), None
            if ctx.needs_input_grad[0]:
                of_given = ctx.frozen.backward.times(*rounded(gradient)).addmm_(of_low, a).view(ctx.shape)
            return of_given, of_low.t() @ tokens, (gradient.t() @ low).mul_(ctx.scaling), None, None, None

    return LoraProduct


def has_instructions() -> bool:
    """Whether this processor and this PyTorch multiply int8 fast."""
    import torch

    has = getattr(torch.cpu, "get_capabilities", dict)()
    return hasattr(torch.ops.onednn, "qlinear_pointwise") and any(map(has.get, INSTRUCTIONS))


def multiply_in_int8(model: Any) -> int:
    """Let a peft model train with frozen products in int8 where that is fast: in so many layers, in none on a GPU."""
    from peft.tuners.lora import Linear

    if not has_instructions():
        return 0
    inputs = Inputs()
    layers: list[Any] = [each for each in model.modules() if isinstance(each, Linear) and _fits(each.get_base_layer())]
    for layer in layers:
        layer.forward = partial(_forward, layer, layer.forward, inputs, [])
    return len(layers)


def _fits(base: Any) -> bool:
    import torch

    frozen = type(base) is torch.nn.Linear and not base.weight.requires_grad
    return frozen and base.weight.dtype == torch.float32 and base.weight.device.type == "cpu"


def _forward(layer: Any, float32: Any, inputs: Inputs, rounded_weight: list[Frozen], given: Any) -> Any:
    """The layer's output for `given` (…, in): in int8 while one adapter trains, else in float32 as peft has it."""
    base, adapter = layer.get_base_layer(), layer.active_adapters[0]
    off = layer.disable_adapters or layer.merged or not layer.training or given.is_inference()
    special = len(layer.active_adapters) > 1 or layer.lora_variant or getattr(layer.lora_dropout[adapter], "p", 0)
    if off or special or given.dtype != base.weight.dtype:
        return float32(given)
    if not rounded_weight:
        rounded_weight.append(Frozen(base.weight.detach(), given.detach().flatten(0, -2)))
    a, b, scaling = layer.lora_A[adapter].weight, layer.lora_B[adapter].weight, layer.scaling[adapter]
    frozen = rounded_weight[0]
    found = lora_product().apply(given, a, b, scaling, frozen, inputs.rounded(given, frozen))
    return found if base.bias is None else found + base.bias
