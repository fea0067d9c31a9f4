"""Texts become vectors. Knows the models; knows nothing of passages or indexes.

The default is WordLlama's static 256-dimensional table: a text is the mean of its tokens' vectors.
Its weights and tokenizer are read straight from the installed wheel, so no code that could open a
socket or set up logging is imported.
"""

import hashlib
import importlib.util
import re
from array import array
from functools import cached_property
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt
from safetensors import safe_open
from tokenizers import Tokenizer

from .errors import SettingsError

Vectors = npt.NDArray[np.float32]


class Embedder(Protocol):
    """What an index needs of a model; the three names are stored with the vectors."""

    @property
    def id(self) -> str:
        """Name of the model, as a person knows it."""
        ...

    @property
    def dimension(self) -> int:
        """Length of a vector."""
        ...

    @property
    def hash(self) -> str:
        """Content hash of the weights, or the version where the weights are not ours to see."""
        ...

    def embed(self, texts: list[str]) -> Vectors:
        """One unit vector a text (a zero vector for a text without tokens), as float32."""
        ...


_BLANK = "\u2581"
_PIECE = re.compile(f"{_BLANK}*[^{_BLANK}\n]+|{_BLANK}+|\n")
_MOST_PIECES = 40_000
"""Words kept at a time, and as many that were met before those."""


class _Pieces(dict[str, bytes]):
    """Token ids of words with the blanks before them, kept once they were looked up.

    No token of this vocabulary goes on after a character into a blank, or holds a line end. So a
    text's tokens are those of its words one after the other, and most words were seen before: the
    same ids as from the tokenizer, in less than half of its time. (Control tokens such as `<s>`
    are text here: what stands in a document is data.) Ids are kept as the bytes of an int32 array.
    """

    def __init__(self, model: Any) -> None:
        super().__init__()
        self._model = model
        self._before: dict[str, bytes] = {}

    def __missing__(self, piece: str) -> bytes:
        if len(self) >= _MOST_PIECES:
            self._before = dict(self)
            self.clear()
        ids = self._before.get(piece)
        if ids is None:
            ids = array("i", [token.id for token in self._model.tokenize(piece)]).tobytes()
        self[piece] = ids
        return ids

    def tokens(self, text: str) -> npt.NDArray[np.int32]:
        """The ids of a text; none for an empty one."""
        pieces = _PIECE.findall(_BLANK + text.replace(" ", _BLANK)) if text else []
        return np.frombuffer(b"".join(map(self.__getitem__, pieces)), dtype=np.int32)


class WordLlama:
    """`l2_supercat_256`, read from the installed `wordllama` wheel when first used."""

    id = "wordllama-l2_supercat-256"
    dimension = 256

    def __init__(self) -> None:
        spec = importlib.util.find_spec("wordllama")
        if spec is None or spec.origin is None:
            raise SettingsError("the package wordllama is not installed: pip install wordllama")
        self._folder = Path(spec.origin).parent
        for file in (self._weights, self._vocabulary):
            if not file.is_file():
                raise SettingsError(
                    f"the installed wordllama has no {file.name}: pip install 'wordllama>=0.4,<0.5'"
                )

    @cached_property
    def hash(self) -> str:
        """blake2b-128 of weights and tokenizer."""
        digest = hashlib.blake2b(digest_size=16)
        for file in (self._weights, self._vocabulary):
            digest.update(file.read_bytes())
        return digest.hexdigest()

    def embed(self, texts: list[str]) -> Vectors:
        """Mean of the token vectors, scaled to length 1."""
        out = np.zeros((len(texts), self.dimension), dtype=np.float32)
        for row, text in enumerate(texts):
            tokens = self._pieces.tokens(text)
            if len(tokens):
                out[row] = self._table.take(tokens, axis=0).sum(axis=0, dtype=np.float32)
        # as np.linalg.norm reckons it
        lengths = np.sqrt(np.add.reduce(out * out, axis=1, keepdims=True))
        np.divide(out, lengths, out=out, where=lengths > 0)
        return out

    @property
    def _weights(self) -> Path:
        return self._folder / "weights" / "l2_supercat_256.safetensors"

    @property
    def _vocabulary(self) -> Path:
        return self._folder / "tokenizers" / "l2_supercat_tokenizer_config.json"

    @cached_property
    def _pieces(self) -> "_Pieces":
        return _Pieces(Tokenizer.from_file(str(self._vocabulary)).model)

    @cached_property
    def _table(self) -> Vectors:
        with safe_open(str(self._weights), framework="np") as file:
            return np.ascontiguousarray(file.get_tensor("embedding.weight"), dtype=np.float32)
