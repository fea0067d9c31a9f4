"""The ONNX graph of MiniLM-L6 (a BERT of six layers), made from its weights. Knows no text.

Takes token ids and their mask; gives the mean of the last layer over the tokens, at length 1. So no
torch is needed: the weights are read as they are published, and onnxruntime runs the graph.
Agrees with sentence-transformers to a cosine of 1.00000.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
from onnx import TensorProto, checker, helper, numpy_helper

LAYERS, HEADS, WIDTH = 6, 12, 32
EPSILON = 1e-12
DIMENSION = HEADS * WIDTH

Array = npt.NDArray[Any]


def graph(weights: Mapping[str, Array]) -> bytes:
    """The model as onnxruntime takes it. Raises `KeyError` when a weight is missing."""
    return _Graph(weights).serialised()


class _Graph:
    """Nodes and constants as they are put together; `_add` returns the name of what it makes."""

    def __init__(self, weights: Mapping[str, Array]) -> None:
        self._weights = weights
        self._nodes: list[Any] = []
        self._constants: list[Any] = []

    def serialised(self) -> bytes:
        """The whole model."""
        mask = self._add("Cast", ["attention_mask"], to=TensorProto.FLOAT)
        state = self._embedded()
        hidden = self._constant("padding", np.float32(-1e4))
        one = self._constant("one", np.float32(1))
        wide = self._add("Unsqueeze", [mask, self._constant("axes12", np.array([1, 2]))])
        bias = self._add("Mul", [self._add("Sub", [one, wide]), hidden])
        self._shapes()
        for layer in range(LAYERS):
            state = self._layer(state, bias, f"encoder.layer.{layer}.")
        column = self._add("Unsqueeze", [mask, self._constant("axes2", np.array([2]))])
        along = self._constant("axes1", np.array([1]))
        total = self._add("ReduceSum", [self._add("Mul", [state, column]), along], keepdims=0)
        tokens = self._add("ReduceSum", [column, along], keepdims=0)
        mean = self._add("Div", [total, tokens])
        unit = self._add("LpNormalization", [mean], axis=-1, p=2)
        self._nodes.append(helper.make_node("Identity", [unit], ["embedding"]))
        inputs = [
            helper.make_tensor_value_info(name, TensorProto.INT64, ["texts", "tokens"])
            for name in ("input_ids", "attention_mask")
        ]
        output = helper.make_tensor_value_info("embedding", TensorProto.FLOAT, ["texts", DIMENSION])
        made = helper.make_graph(self._nodes, "minilm", inputs, [output], self._constants)
        opset = [helper.make_opsetid("", 20)]
        model = helper.make_model(made, opset_imports=opset, ir_version=10)
        checker.check_model(model)
        return bytes(model.SerializeToString())

    def _embedded(self) -> str:
        words = self._weight("embeddings.word_embeddings.weight")
        places = self._weight("embeddings.position_embeddings.weight")
        kind = self._constant("kind", self._of("embeddings.token_type_embeddings.weight")[0])
        start = self._constant("start", np.array([0]))
        # The number of tokens as a slice of the shape: a Range broke under ORT's optimiser.
        length = self._add("Shape", ["input_ids"], start=1, end=2)
        state = self._add("Gather", [words, "input_ids"])
        state = self._add("Add", [state, self._add("Slice", [places, start, length, start])])
        return self._normal(self._add("Add", [state, kind]), "embeddings.LayerNorm")

    def _shapes(self) -> None:
        self._constant("split", np.array([0, 0, HEADS, WIDTH]))
        self._constant("joined", np.array([0, 0, DIMENSION]))
        self._constant("scale", np.float32(1 / np.sqrt(WIDTH)))

    def _layer(self, state: str, bias: str, name: str) -> str:
        sides = [
            self._heads(state, f"{name}attention.self.{side}", order)
            for side, order in (
                ("query", [0, 2, 1, 3]),
                ("key", [0, 2, 3, 1]),
                ("value", [0, 2, 1, 3]),
            )
        ]
        fit = self._add("Mul", [self._add("MatMul", sides[:2]), "scale"])
        shares = self._add("Softmax", [self._add("Add", [fit, bias])], axis=-1)
        mixed = self._add("Transpose", [self._add("MatMul", [shares, sides[2]])], perm=[0, 2, 1, 3])
        mixed = self._add("Reshape", [mixed, "joined"])
        mixed = self._linear(mixed, f"{name}attention.output.dense")
        state = self._normal(self._add("Add", [mixed, state]), f"{name}attention.output.LayerNorm")
        inner = self._add("Gelu", [self._linear(state, f"{name}intermediate.dense")])
        outer = self._linear(inner, f"{name}output.dense")
        return self._normal(self._add("Add", [outer, state]), f"{name}output.LayerNorm")

    def _heads(self, state: str, name: str, order: list[int]) -> str:
        split = self._add("Reshape", [self._linear(state, name), "split"])
        return self._add("Transpose", [split], perm=order)

    def _linear(self, state: str, name: str) -> str:
        weight = self._constant(f"{name}.weight", self._of(f"{name}.weight").T)
        return self._add(
            "Add", [self._add("MatMul", [state, weight]), self._weight(f"{name}.bias")]
        )

    def _normal(self, state: str, name: str) -> str:
        parts = [state, self._weight(f"{name}.weight"), self._weight(f"{name}.bias")]
        return self._add("LayerNormalization", parts, axis=-1, epsilon=EPSILON)

    def _of(self, name: str) -> Array:
        return self._weights[name].astype(np.float32)

    def _weight(self, name: str) -> str:
        return self._constant(name, self._of(name))

    def _constant(self, name: str, value: Array | np.float32) -> str:
        self._constants.append(numpy_helper.from_array(np.array(value, order="C"), name))
        return name

    def _add(self, kind: str, inputs: list[str], **attributes: Any) -> str:
        name = f"node{len(self._nodes)}"
        self._nodes.append(helper.make_node(kind, inputs, [name], **attributes))
        return name
