"""Texts become vectors. Knows the models; knows nothing of passages or indexes.

The default is WordLlama's static 256-dimensional table: a text is the mean of its tokens' vectors.
Its weights and tokenizer are read straight from the installed wheel, so no code that could open a
socket or set up logging is imported.
"""

import hashlib
import importlib.util
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


class WordLlama:
    """`l2_supercat_256`, read from the installed `wordllama` wheel when first used."""

    id = "wordllama-l2_supercat-256"
    dimension = 256
    _BATCH = 512

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
        for start in range(0, len(texts), self._BATCH):
            encoded = self._tokenizer.encode_batch(
                texts[start : start + self._BATCH], add_special_tokens=False
            )
            for row, tokens in enumerate(encoded, start):
                if tokens.ids:
                    out[row] = self._table.take(tokens.ids, axis=0).sum(axis=0, dtype=np.float32)
        lengths = np.linalg.norm(out, axis=1, keepdims=True)
        np.divide(out, lengths, out=out, where=lengths > 0)
        return out

    @property
    def _weights(self) -> Path:
        return self._folder / "weights" / "l2_supercat_256.safetensors"

    @property
    def _vocabulary(self) -> Path:
        return self._folder / "tokenizers" / "l2_supercat_tokenizer_config.json"

    @cached_property
    def _tokenizer(self) -> Any:
        tokenizer = Tokenizer.from_file(str(self._vocabulary))
        tokenizer.no_truncation()
        tokenizer.no_padding()
        return tokenizer

    @cached_property
    def _table(self) -> Vectors:
        with safe_open(str(self._weights), framework="np") as file:
            return np.ascontiguousarray(file.get_tensor("embedding.weight"), dtype=np.float32)
