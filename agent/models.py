"""A model by its name: `extractive`, `openai:NAME`, `compatible:NAME`, or one made elsewhere.

Knows the providers, where their keys go, and how a model of each is best used. Reads no
environment: keys and addresses are handed in, or stand in the settings.
"""

import importlib
import ipaddress
from dataclasses import dataclass
from urllib.parse import urlsplit

from langchain_core.language_models.chat_models import BaseChatModel
from pydantic import SecretStr

from ..graphs.model import ChatModel, Decision, OutputMethod, Profile
from ..tools.errors import SettingsError
from ..tools.meant import meant
from .extractive import ExtractiveModel
from .langchain_model import LangChainModel
from .settings import Settings

OPENAI_URL = "https://api.openai.com/v1"
"""The only address that an OpenAI key is sent to."""

PROVIDERS = ("extractive", "openai", "compatible")

_EXTRACTIVE = Profile(passage_tokens=12_000, deterministic=True)
"""Reads all it is given at no cost, and says the same when asked again."""


@dataclass(frozen=True)
class _Overrides:
    """What the user chose about the use of a model; None leaves the profile as it is."""

    decision: Decision | None
    output: OutputMethod | None
    passage_tokens: int | None
    deadline: float | None
    rescue: bool | None

    def of(self, profile: Profile) -> Profile:
        """The profile with what was chosen."""
        chosen = {name: value for name, value in vars(self).items() if value is not None}
        return Profile.model_validate({**profile.model_dump(), **chosen})


def make_model(
    spec: str | BaseChatModel | ChatModel,
    settings: Settings | None = None,
    *,
    base_url: str | None = None,
    api_key: str | None = None,
    openai_api_key: str | None = None,
    stream: bool = True,
    decision: Decision | None = None,
    output: OutputMethod | None = None,
    passage_tokens: int | None = None,
    deadline: float | None = None,
    rescue: bool | None = None,
) -> ChatModel:
    """Return the model.

    `spec` is `provider:name`, any LangChain chat model, or a `ChatModel` (returned as it is).
    `base_url` and `api_key` belong to `compatible:` and `openai_api_key` to `openai:`; neither is
    ever sent to the other's host. What is not given by keyword is taken from `settings`. Raises
    `SettingsError` naming what is missing and what to do.
    """
    if settings is not None:
        base_url = base_url or settings.base_url
        api_key = api_key or _plain(settings.api_key)
        openai_api_key = openai_api_key or _plain(settings.openai_api_key)
        decision = decision or settings.decision
        output = output or settings.output
        passage_tokens = passage_tokens or settings.passage_tokens
        deadline = deadline or settings.deadline
        rescue = settings.rescue if rescue is None else rescue
    overrides = _Overrides(decision, output, passage_tokens, deadline, rescue)
    if isinstance(spec, BaseChatModel):
        name = getattr(spec, "model_name", None) or getattr(spec, "model", None)
        id = f"langchain:{name or type(spec).__name__}"
        return LangChainModel(spec, id, overrides.of(_guessed(spec)), stream)
    if not isinstance(spec, str):
        return spec
    provider, _, name = spec.strip().partition(":")
    if spec.strip() == "extractive":
        return LangChainModel(ExtractiveModel(), "extractive", overrides.of(_EXTRACTIVE), False)
    if provider == "openai":
        return _openai(_name(spec, name), openai_api_key, stream, overrides)
    if provider == "compatible":
        return _compatible(_name(spec, name), base_url, api_key, stream, overrides)
    raise SettingsError(_unknown(spec, provider))


def _plain(secret: SecretStr | None) -> str | None:
    return secret.get_secret_value() if secret is not None else None


def _openai(name: str, api_key: str | None, stream: bool, overrides: _Overrides) -> LangChainModel:
    if not api_key or not api_key.strip():
        raise SettingsError(
            f"model 'openai:{name}' needs a key: set OPENAI_API_KEY, or choose `extractive`, which "
            "needs none, or `compatible:NAME` with WORKINGS_BASE_URL for a server of your own"
        )
    profile = Profile(
        decision="native",
        output="json_schema",
        passage_tokens=6000,
        packing="edges",
        deadline=120,
    )
    key = _key(api_key, "OPENAI_API_KEY")
    return _build(f"openai:{name}", name, OPENAI_URL, key, overrides.of(profile), stream)


def _compatible(
    name: str, base_url: str | None, api_key: str | None, stream: bool, overrides: _Overrides
) -> LangChainModel:
    if not base_url or not base_url.strip():
        raise SettingsError(
            f"model 'compatible:{name}' needs the address of its server: set WORKINGS_BASE_URL, "
            "for example http://127.0.0.1:8080/v1"
        )
    url = _url(base_url.strip())
    profile = Profile(
        decision="structured",
        output="json_schema",
        passage_tokens=1500,
        deadline=900 if _is_loopback(url) else 120,
        rescue=True,
    )
    # The client insists on a key; servers that need none ignore this one.
    key = _key(api_key, "WORKINGS_API_KEY") if api_key and api_key.strip() else "none"
    return _build(f"compatible:{name}", name, url, key, overrides.of(profile), stream)


def _build(
    id: str, name: str, url: str, key: str, profile: Profile, stream: bool
) -> LangChainModel:
    service = f"the model service at {urlsplit(url).netloc}"
    # Loaded by name: it costs a second, which a run without such a model need not pay.
    client = importlib.import_module(f"{__package__}.openai_client").build(
        name, url, key, service, official=url == OPENAI_URL, loopback=_is_loopback(url)
    )
    return LangChainModel(client, id, profile, stream, service=service, secrets=(key,))


def _guessed(model: BaseChatModel) -> Profile:
    """How a model that was made elsewhere is used, unless its user says otherwise."""
    if model._llm_type in ("openai-chat", "extractive"):
        return Profile(decision="native", output="json_schema", packing="edges")
    if type(model).bind_tools is not BaseChatModel.bind_tools:
        return Profile(decision="native", output="tool", packing="edges")
    return Profile(decision="structured", output="prompt", rescue=True)


def _name(spec: str, name: str) -> str:
    if not name.strip():
        raise SettingsError(f"model {spec!r}: expected the model's name after the colon")
    return name.strip()


def _unknown(spec: str, provider: str) -> str:
    if provider == "local":
        return (
            f"model {spec!r}: this version does not load model files itself; serve the file with "
            "llama.cpp or Ollama and choose `compatible:NAME` with WORKINGS_BASE_URL"
        )
    nearest = meant(provider, PROVIDERS)
    hint = f" (did you mean {nearest[0]!r}?)" if nearest else ""
    return (
        f"model {spec!r}: unknown provider {provider!r}{hint}; expected `extractive`, "
        "`openai:NAME` or `compatible:NAME`"
    )


def _key(key: str, setting: str) -> str:
    """The key without the line end that comes with copying; the key itself is never quoted."""
    key = key.strip()
    if not key.isascii() or not key.isprintable() or " " in key:
        raise SettingsError(
            f"{setting} holds a space or a character that no key has; copy the key again"
        )
    return key


def _url(text: str) -> str:
    try:
        parts = urlsplit(text)
        host, _ = parts.hostname, parts.port
    except ValueError:
        raise SettingsError(f"base URL {text!r}: this is not an address") from None
    if parts.username is not None or parts.password is not None:
        raise SettingsError("base URL: put the key into WORKINGS_API_KEY, not into the address")
    if parts.scheme not in ("http", "https") or not host or any(c.isspace() for c in text):
        raise SettingsError(
            f"base URL {text!r}: expected http:// or https:// and a host, for example "
            "http://127.0.0.1:8080/v1"
        )
    if parts.query or parts.fragment:
        raise SettingsError(f"base URL {text!r}: expected no ? or # in it")
    url = text.rstrip("/")
    if url.endswith("/chat/completions"):
        url = url.removesuffix("/chat/completions")
    return url


def _is_loopback(url: str) -> bool:
    host = urlsplit(url).hostname or ""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")
