"""What a user may choose, and where it was said: workings.toml, environment, arguments.

The only module that reads the environment. Later sources win: file, then environment, then
arguments. Knows nothing of what is done with a setting; nothing below `agent` is given one.
"""

import os
import shlex
import tomllib
from collections.abc import Mapping, MutableMapping
from pathlib import Path
from typing import Annotated, Any, Literal, get_args

from pydantic import ConfigDict, Field, SecretStr, ValidationError, ValidationInfo, field_validator

from ..tools.documents import Frozen
from ..tools.embedder_names import check_name
from ..tools.errors import SettingsError
from ..tools.languages import check_language
from ..tools.meant import meant
from .setting_errors import check_setting, check_variable, explain

FILE = "workings.toml"
EXTRACTIVE = "extractive"
PROVIDERS = ("openai", "compatible")

ENVIRONMENT = {
    "WORKINGS_MODEL": "model",
    "WORKINGS_BASE_URL": "base_url",
    "WORKINGS_API_KEY": "api_key",
    "WORKINGS_DATABASE": "database",
    "WORKINGS_EMBEDDER": "embedder",
    "WORKINGS_EMBEDDER_URL": "embedder_url",
    "WORKINGS_EMBEDDER_API_KEY": "embedder_api_key",
    "WORKINGS_HOME": "home",
    "WORKINGS_TAVILY_URL": "tavily_url",
    "OPENAI_API_KEY": "openai_api_key",
    "TAVILY_API_KEY": "tavily_api_key",
}
"""Environment variable -> setting. An empty variable counts as not set."""

_OTHER_VARIABLES = ("WORKINGS_DEBUG", "WORKINGS_SHARED")
_SECRETS = ("api_key", "database", "embedder_api_key", "openai_api_key", "tavily_api_key")

Decision = Literal["native", "structured"]
Output = Literal["json_schema", "tool", "prompt"]
Count = Annotated[int, Field(gt=0)]
Seconds = Annotated[float, Field(gt=0, le=86_400)]
_CHOICES = {"decision": get_args(Decision), "output": get_args(Output)}


class Settings(Frozen):
    """What the user chose. None means: what suits the model or the tool decides."""

    model_config = ConfigDict(strict=True)

    model: str = EXTRACTIVE
    """`extractive`, `openai:NAME` or `compatible:NAME`."""
    base_url: str | None = None
    """Where a `compatible:` model is served, as `http://host:port/v1`."""
    api_key: SecretStr | None = None
    """Sent to `base_url` only."""
    openai_api_key: SecretStr | None = None
    """Sent to OpenAI only."""
    tavily_api_key: SecretStr | None = None
    """Sent to `tavily_url` only."""
    tavily_url: str | None = None
    """None: Tavily's own address."""
    home: Path = Field(default=Path(".workings"), strict=False)
    """Where index, traces and threads are kept."""
    collection: str = "default"
    """Which index."""
    database: SecretStr | None = None
    """`postgresql://...`: the index is kept there, not under `home` (`tools/postgres.py`)."""
    embedder: str | None = None
    """`wordllama`, `minilm`, `minilm:PATH`, `openai:NAME` or `compatible:NAME`
    (`tools/embedder_names.py`). None: the one the index was made with; for a new one wordllama."""
    embedder_url: str | None = None
    """Where a `compatible:` embedder is served. None: at `base_url`."""
    embedder_api_key: SecretStr | None = None
    """Sent to `embedder_url` only."""
    language: str | None = None
    """Of the documents that are read, as `german`; `none`: words are not stemmed. None: each
    document's own, as its small words tell."""
    web: bool | None = None
    """Offer web search to the model. None: when a Tavily key is set."""

    temperature: Annotated[float, Field(ge=0, le=2)] | None = None
    top_p: Annotated[float, Field(gt=0, le=1)] | None = None
    frequency_penalty: Annotated[float, Field(ge=-2, le=2)] | None = None
    presence_penalty: Annotated[float, Field(ge=-2, le=2)] | None = None
    seed: int | None = None
    max_tokens: Count | None = None
    """Output tokens of one model request."""

    k: Annotated[int, Field(gt=0, le=200)] = 8
    """Passages of one search."""
    pack: str | None = None
    """What is known of a field: `finance`, `security-questionnaire` or the path of a pack of your
    own (docs/packs.md). None, or `none`: nothing."""
    multi_query: bool = False
    """Search each clause of a long question by itself too."""
    rerank: Annotated[int, Field(ge=0, le=50)] = 0
    """Passages that the chat model is asked to put in order before it answers. 0: none."""
    passage_tokens: Count | None = None
    """Budget for passages in one prompt."""
    decision: Decision | None = None
    """How the next step is decided: bound tools, or a structured output."""
    output: Output | None = None
    """How the structured answer is asked for."""
    rescue: bool | None = None
    """Read tool calls that the model wrote as text."""

    deadline: Seconds | None = None
    """Seconds a turn may take."""
    max_requests: Count = 12
    """Model requests a turn, everything included."""
    max_tool_calls: Count = 24
    """Tool calls a turn."""
    max_turn_tokens: Count | None = None
    """Input and output tokens a turn."""
    max_cost_usd: Annotated[float, Field(gt=0)] | None = None
    """Money a turn."""
    tracing: bool = False
    """Leave the tracing that LangSmith's environment variables switch on as it is."""

    @field_validator("model")
    @classmethod
    def _model(cls, value: str) -> str:
        provider, _, name = value.partition(":")
        if value == EXTRACTIVE or (provider in PROVIDERS and name.strip()):
            return value
        near = meant(provider, (*PROVIDERS, EXTRACTIVE))
        hint = f" (did you mean {near[0]!r}?)" if near and near[0] != provider else ""
        raise ValueError(f"expected {EXTRACTIVE}, openai:NAME or compatible:NAME{hint}")

    @field_validator("embedder", "language")
    @classmethod
    def _named(cls, value: str | None, info: ValidationInfo) -> str | None:
        check = check_name if info.field_name == "embedder" else check_language
        try:
            return None if value is None else check(value)
        except SettingsError as error:
            raise ValueError(str(error)) from None

    @field_validator("pack")
    @classmethod
    def _pack(cls, value: str | None) -> str | None:
        return None if value in (None, "", "none") else value

    @field_validator("database")
    @classmethod
    def _database(cls, value: SecretStr | None) -> SecretStr | None:
        if value and not value.get_secret_value().startswith(("postgresql://", "postgres://")):
            raise ValueError("expected postgresql://USER:PASSWORD@HOST/DATABASE")
        return value

    @field_validator("collection")
    @classmethod
    def _collection(cls, value: str) -> str:
        plain = value.replace("-", "").replace("_", "").replace(".", "")
        if not plain.isalnum() or value.startswith(".") or len(value) > 64:
            raise ValueError("expected a name of letters, digits, '-', '_' and '.'")
        return value

    @field_validator("base_url", "embedder_url", "tavily_url")
    @classmethod
    def _address(cls, value: str | None) -> str | None:
        if value is None:
            return None
        scheme, separator, rest = value.partition("://")
        host = rest.split("/", 1)[0]
        if (
            scheme not in ("http", "https")
            or not separator
            or not host
            or not value.isprintable()
            or " " in value
        ):
            raise ValueError("expected an address as http://host:port/v1")
        if "@" in host:
            raise ValueError("expected an address without a user name or password in it")
        return value.rstrip("/")

    @field_validator(*_SECRETS)
    @classmethod
    def _secret(cls, value: SecretStr | None) -> SecretStr | None:
        if value is None:
            return None
        key = value.get_secret_value().strip()
        if not key.isprintable() or not key.isascii() or " " in key:
            raise ValueError("the key holds a character that no key has (a line break?)")
        return SecretStr(key) if key else None

    @property
    def offers_web(self) -> bool:
        """Whether web search is offered. `SettingsError` when it is wanted and has no key."""
        if self.web and self.tavily_api_key is None:
            raise SettingsError(
                "web search is on but has no key: set TAVILY_API_KEY, or turn it off with --no-web"
            )
        return self.web is not False and self.tavily_api_key is not None

    def sampling(self) -> dict[str, float | int]:
        """The sampling settings that were set, by the names the services use."""
        names = (
            "temperature",
            "top_p",
            "frequency_penalty",
            "presence_penalty",
            "seed",
            "max_tokens",
        )
        return {name: getattr(self, name) for name in names if getattr(self, name) is not None}

    def limits(self) -> dict[str, int | float]:
        """The limits of a turn that differ from the model's own, by the names of `Limits`."""
        named = {
            "requests": self.max_requests,
            "tool_calls": self.max_tool_calls,
            "deadline": self.deadline,
            "tokens": self.max_turn_tokens,
            "cost_usd": self.max_cost_usd,
        }
        return {name: value for name, value in named.items() if value is not None}


def load_settings(
    overrides: Mapping[str, Any] | None = None,
    environ: Mapping[str, str] | None = None,
    folder: str | Path | None = None,
) -> Settings:
    """The settings in force: `workings.toml` in `folder`, then `environ`, then `overrides`.

    `environ` None is the real environment, `folder` None the working directory. An override that
    is None says nothing. Raises `SettingsError`, which never quotes a key.
    """
    values: dict[str, Any] = {}
    said: dict[str, str] = {}
    path = Path(folder if folder is not None else ".") / FILE
    for name, value in _read(path).items():
        check_setting(name, Settings.model_fields, FILE)
        values[name], said[name] = value, FILE
    for variable, value in sorted((os.environ if environ is None else environ).items()):
        check_variable(variable, ENVIRONMENT, _OTHER_VARIABLES)
        if variable in ENVIRONMENT and value.strip():
            name = ENVIRONMENT[variable]
            values[name], said[name] = value.strip(), variable
    for name, value in (overrides or {}).items():
        check_setting(name, Settings.model_fields, "the arguments")
        if value is not None:
            values[name], said[name] = value, "given"
    try:
        settings = Settings(**values)
    except ValidationError as error:
        raise SettingsError(explain(error, said, _SECRETS, _CHOICES)) from None
    if environ is None and not settings.tracing:
        silence(os.environ)
    return settings


def silence(environ: MutableMapping[str, str]) -> None:
    """Take out the variables that make LangChain send every run to LangSmith."""
    for name in list(environ):
        if name.startswith(("LANGSMITH_", "LANGCHAIN_TRACING")):
            del environ[name]


def debugging() -> bool:
    """Whether WORKINGS_DEBUG asks for tracebacks."""
    return os.environ.get("WORKINGS_DEBUG", "") not in ("", "0")


def editor() -> list[str]:
    """The command of the person's own editor (VISUAL, EDITOR); empty where none is set."""
    try:
        return shlex.split(os.environ.get("VISUAL") or os.environ.get("EDITOR") or "")
    except ValueError:
        return []


def _read(path: Path) -> dict[str, Any]:
    if not path.exists():
        return {}
    try:
        return tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except tomllib.TOMLDecodeError as error:
        raise SettingsError(f"{path.name} is not valid TOML: {error}; correct it") from None
    except UnicodeDecodeError as error:
        raise SettingsError(
            f"{path.name} is not UTF-8 text (byte {error.start}); save it as UTF-8"
        ) from None
    except OSError as error:
        raise SettingsError(f"{path.name} cannot be read: {error.strerror}") from None
