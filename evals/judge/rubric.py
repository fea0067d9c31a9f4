"""A rubric: what a judge is told to look at and which verdicts it may give. A TOML file.

Those of Workings stand in `rubrics/` beside this file; a user's own is named by its path. Every
verdict carries the content hash, so that two wordings are never taken for one. Asks no model.
"""

import difflib
import tomllib
from functools import cached_property
from importlib import resources
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field, StringConstraints, ValidationError, model_validator

from ...graphs.canonical import content_hash
from ...tools.documents import Frozen
from ...tools.errors import SettingsError
from .subject import Part, Subject

TIE = "tie"
_Label = Annotated[str, StringConstraints(pattern=r"^[a-z0-9_]{1,24}$")]
_LONGEST = 200_000


class Example(Subject):
    """A subject with the verdict that is right for it; shown before the one that is judged."""

    reason: str
    quote: str
    verdict: str


class Rubric(Frozen):
    """What is judged, by which criteria, on which scale."""

    name: Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_-]{0,39}$")]
    version: str
    about: str
    """One line: what it is, and whose definition."""
    criteria: Annotated[str, StringConstraints(min_length=1)]
    """What the model is told."""
    shows: tuple[Part, ...]
    """What the model is shown; without one of them a case is unscored."""
    may_show: tuple[Part, ...] = ()
    """Shown where it is there."""
    quote_from: tuple[Part, ...]
    """Where the quoted evidence must stand, word for word."""
    scale: Annotated[dict[_Label, Annotated[float, Field(ge=0, le=1)]], Field(min_length=2)]
    """Each verdict and its value. With `other` shown: `1`, `2` and `tie`."""
    each: Literal["", "answer", "reference", "passages"] = ""
    """Judged piece by piece: every sentence, or every passage, in a request of its own."""
    combine: Literal["mean", "average_precision"] = "mean"
    passages: Literal["found", "cited"] = "found"
    """Which passages of a run are shown; `cited`: all that were found, where none is cited."""
    when_failed: float | None = None
    """What a case gets that came to no answer; None: unscored."""
    examples: tuple[Example, ...] = ()

    @model_validator(mode="after")
    def _fits(self) -> "Rubric":
        shown = {*self.shows, *self.may_show}
        if not self.shows or not self.quote_from or not {*self.quote_from} <= shown:
            raise ValueError("quote_from must name parts that are shown")
        if self.pairwise and ({*self.scale} != {"1", "2", TIE} or self.each):
            raise ValueError("a rubric that shows `other` has the verdicts 1, 2 and tie, no `each`")
        if self.each and self.each not in self.shows:
            raise ValueError(f"each = {self.each!r}: expected one of shows")
        for example in self.examples:
            if example.verdict not in self.scale:
                raise ValueError(f"an example has the verdict {example.verdict!r}: not in scale")
            if example.lacks(self.shows):
                raise ValueError(f"an example lacks {', '.join(example.lacks(self.shows))}")
        return self

    @property
    def labels(self) -> tuple[str, ...]:
        """The verdicts, best first; the order in the file does not count."""
        return tuple(sorted(self.scale, key=lambda label: (-self.scale[label], label)))

    @property
    def pairwise(self) -> bool:
        """Whether two answers are compared."""
        return "other" in self.shows

    @property
    def is_share(self) -> bool:
        """Whether every value is 0 or 1."""
        return not self.each and {*self.scale.values()} <= {0.0, 1.0}

    @cached_property
    def hash(self) -> str:
        """Content hash of all of it, 16 characters."""
        return content_hash(self.model_dump(mode="json"))[:16]

    @property
    def label(self) -> str:
        """`correctness/1 3fa9c0d2e1b45678`: as a verdict names it."""
        return f"{self.name}/{self.version} {self.hash}"

    @classmethod
    def load(cls, name: str) -> "Rubric":
        """A rubric by its name, or from a file that ends in `.toml`.

        Raises `SettingsError` naming the file and the field, or the nearest name.
        """
        path = Path(name)
        if path.suffix == ".toml":
            try:
                data = path.read_bytes()
            except OSError as error:
                raise SettingsError(f"rubric {name!r}: cannot be read ({error.strerror})") from None
            return _read(data, path.name)
        known = names()
        if name not in known:
            near = difflib.get_close_matches(name, known, n=1, cutoff=0.5)
            hint = f"did you mean {near[0]!r}?" if near else f"there are {', '.join(known)}."
            raise SettingsError(f"rubric {name!r:.80}: {hint} Or name a .toml file of your own.")
        return _read((_folder() / f"{name}.toml").read_bytes(), f"{name}.toml")


def names() -> list[str]:
    """The rubrics that Workings brings."""
    files = (file.name for file in _folder().iterdir())
    return sorted(name.removesuffix(".toml") for name in files if name.endswith(".toml"))


def _folder() -> Any:
    return resources.files(__package__) / "rubrics"


def _read(data: bytes, name: str) -> Rubric:
    if len(data) > _LONGEST:
        raise SettingsError(f"rubric {name}: {len(data):,} bytes; at most {_LONGEST:,} are read")
    try:
        parsed = tomllib.loads(data.decode("utf-8-sig"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, RecursionError) as error:
        raise SettingsError(f"rubric {name}: not TOML ({error})") from None
    try:
        return Rubric.model_validate(parsed)
    except ValidationError as error:
        item = error.errors()[0]
        field = ".".join(map(str, item["loc"]))
        said = item["msg"].removeprefix("Value error, ")
        raise SettingsError(f"rubric {name}: {field + ': ' if field else ''}{said}") from None
