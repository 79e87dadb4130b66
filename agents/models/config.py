"""Which models speak for which roles, how each is reached, how fast it may be asked and what it costs."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field, RootModel, model_validator

from agents.config import Section

MILLION = 1_000_000
THROUGH_LANGCHAIN = ("anthropic", "google")
"""The providers that are spoken to through LangChain's packages."""
Provider = Literal["local", "openai", "azure", "anthropic", "google", "mistral", "ollama", "vllm"]


class ModelConfig(Section):
    """[models.NAME]: one model and how it is reached."""

    provider: Provider = Field(
        "local",
        description=(
            "local: llama.cpp inside the process; openai: any server of that protocol; azure, mistral, ollama, vllm: "
            "the same with addresses and keys of their own; anthropic, google: through LangChain's packages (extras)"
        ),
    )
    model: str = Field(
        "qwen2.5-coder-1.5b-instruct", description="the server's name of the model, or a name of `ragtuned models list`"
    )
    base_url: str | None = Field(None, description="URL of the server; none: the provider's own")
    api_key_env: str = Field(
        "OPENAI_API_KEY",
        description=(
            "environment variable that holds the key; a base_url of another host than the provider's gets a key only "
            "if this is set"
        ),
    )
    calls_at_once: int = Field(
        2,
        ge=1,
        description=(
            "calls; local: slots of the server. Two cores give one stream 17 and eight streams 21 tokens a second, "
            "and each slot reads a page anew"
        ),
    )
    requests_per_minute: int | None = Field(None, ge=1, description="requests; none: as many as calls_at_once allows")
    tokens_per_minute: int | None = Field(
        None, ge=1, description="tokens of prompts and of the most that replies may take; none: no limit"
    )
    price_in: float | None = Field(
        None, ge=0, description="USD for a million tokens of prompts; none: not known (a local model costs nothing)"
    )
    price_out: float | None = Field(None, ge=0, description="USD for a million tokens of replies; none: not known")
    batch_discount: float = Field(
        0.5, ge=0, le=1, description="share of the price that a batch saves (`--batch`): providers take half"
    )
    timeout: float = Field(900.0, gt=0, description="seconds for one call")
    retries: int = Field(4, ge=0, description="further tries after 429, 5xx, time-out or a lost connection")
    longest_wait: float = Field(
        600.0,
        ge=0,
        description=(
            "seconds: the longest pause a server may ask for (Retry-After) that is waited for; above it the run ends, "
            "and the same command goes on later"
        ),
    )
    useless_replies: int = Field(
        20, ge=1, description="replies in a row that cannot be read, after which the run ends with one of them shown"
    )
    context: int = Field(
        4096,
        ge=256,
        description="tokens a local slot holds; of a server, what `eval` fills for who reads all documents",
    )
    max_tokens: dict[str, int] = Field(
        {},
        description=(
            "tokens of a reply by role (`question_writer.passage`), or for all roles of a key of [roles] (`critic`), "
            "in place of the role's own limit"
        ),
    )
    reasoning_tokens: int | None = Field(
        None,
        ge=0,
        description=(
            "tokens beside those limits for a model that thinks first; none: 8,000 once a reply was all thought"
        ),
    )
    reasoning_effort: str | None = Field(None, description="how long such a model thinks: minimal, low, medium, high")
    extra: dict[str, Any] = Field(
        {}, description="further parameters of every request, as the server calls them; they go before our own"
    )
    headers: dict[str, str] = Field(
        {}, description='further HTTP headers; "$NAME" is the value of that environment variable'
    )
    organization: str | None = Field(None, description="OpenAI's organization that is billed")
    api_version: str | None = Field(
        None, description="Azure's api-version; model is the deployment, base_url https://NAME.openai.azure.com"
    )

    @property
    def priced(self) -> bool:
        """Whether it is known what this model costs."""
        return self.provider == "local" or (self.price_in is not None and self.price_out is not None)

    @model_validator(mode="after")
    def _is_handed_on(self) -> ModelConfig:
        """An option that the provider's package would not get is refused, not dropped in silence."""
        if self.provider in THROUGH_LANGCHAIN:
            lost = [name for name in ("headers", "organization", "reasoning_effort") if getattr(self, name)]
            if lost:
                raise ValueError(f'{", ".join(lost)}: not handed to the package of provider = "{self.provider}" yet')
        return self

    @property
    def decides(self) -> dict[str, Any]:
        """What of the config decides a reply beside the model: a part of the call store's key where there is any."""
        effort = {"reasoning_effort": self.reasoning_effort} if self.reasoning_effort else {}
        return {**effort, **self.extra}

    def limit_of(self, role: str) -> int | None:
        """The tokens that a reply of `role` may take, if the config says so: of the role itself, or of its key."""
        return self.max_tokens.get(role) or self.max_tokens.get(role.partition(".")[0])

    def cost(self, tokens_in: int, tokens_out: int, batched: bool = False) -> float:
        """USD, in a batch with its discount; 0 for a local model and where no price is known."""
        price = (tokens_in * (self.price_in or 0.0) + tokens_out * (self.price_out or 0.0)) / MILLION
        return price * (1 - self.batch_discount) if batched else price


class ModelsConfig(RootModel[dict[str, ModelConfig]]):
    """[models.*]: the models by the names that [roles] uses."""

    root: dict[str, ModelConfig] = {}

    @model_validator(mode="after")
    def _some(self) -> ModelsConfig:
        return self if self.root else type(self)({"teacher": ModelConfig.model_validate({})})


class RolesConfig(Section):
    """[roles]: which model speaks for which role; `default` for those not named."""  # the registry adds their keys

    default: str = "teacher"
    """The NAME of a [models.NAME]; it speaks for every role that is not named below."""

    def model_of(self, role: str) -> str:
        """The name of the model that speaks for `role`."""
        return getattr(self, role, None) or self.default
