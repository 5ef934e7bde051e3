"""Writes the few messages of ONNX's file format that a graph of ours needs, as onnxruntime reads them.

ONNX files are Protocol Buffers; the numbers are those of fields in onnx.proto, which never change. The onnx
package would do it, too, but nothing else here needs it.
"""

from __future__ import annotations

import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

# Versions: of the file format, of ONNX's operators, and of onnxruntime's own ones.
IR_VERSION, OPERATORS, OWN_OPERATORS = 9, 18, 1
OWN = "com.microsoft"
TYPES = {"float32": 1, "int8": 3, "int32": 6}


@dataclass(slots=True)
class Graph:
    """Nodes in the order in which they run, and constants by name."""

    nodes: list[bytes] = field(default_factory=list)
    constants: list[bytes] = field(default_factory=list)

    def constant(self, name: str, values: np.ndarray[Any, Any]) -> str:
        """Add a constant. Returns its name."""
        dimensions = b"".join(_number(1, size) for size in values.shape)
        kind = _number(2, TYPES[values.dtype.name])
        self.constants.append(
            dimensions + kind + _bytes(8, name.encode()) + _bytes(9, np.ascontiguousarray(values).tobytes())
        )
        return name

    def node(
        self, operator: str, inputs: Sequence[str], output: str, domain: str = "", **numbers: Any
    ) -> str:
        """Add an operation. `numbers`: its attributes. Returns the name of its output."""
        told = b"".join(_bytes(1, name.encode()) for name in inputs) + _bytes(2, output.encode())
        attributes = b"".join(_bytes(5, _attribute(name, value)) for name, value in numbers.items())
        self.nodes.append(told + _bytes(4, operator.encode()) + attributes + _bytes(7, domain.encode()))
        return output

    def file(self, inputs: Mapping[str, tuple[str, int]], output: str) -> bytes:
        """The file. `inputs`: each with its type and number of dimensions, all of any size."""
        graph = b"".join(_bytes(1, node) for node in self.nodes) + _bytes(2, b"graph")
        graph += b"".join(_bytes(5, constant) for constant in self.constants)
        graph += b"".join(_bytes(11, _tensor(name, *kind)) for name, kind in inputs.items())
        graph += _bytes(12, _tensor(output, "float32", 3))
        versions = [_number(2, OPERATORS), _bytes(1, OWN.encode()) + _number(2, OWN_OPERATORS)]
        return _number(1, IR_VERSION) + _bytes(7, graph) + b"".join(_bytes(8, each) for each in versions)


def _attribute(name: str, value: float | int) -> bytes:
    if isinstance(value, float):
        written = _varint(2 << 3 | 5) + struct.pack("<f", value) + _number(20, 1)
    else:
        written = _number(3, value) + _number(20, 2)
    return _bytes(1, name.encode()) + written


def _tensor(name: str, kind: str, dimensions: int) -> bytes:
    shape = b"".join(_bytes(1, _bytes(2, f"{name}{place}".encode())) for place in range(dimensions))
    return _bytes(1, name.encode()) + _bytes(2, _bytes(1, _number(1, TYPES[kind]) + _bytes(2, shape)))


def _number(place: int, value: int) -> bytes:
    return _varint(place << 3) + _varint(value)


def _bytes(place: int, value: bytes) -> bytes:
    return _varint(place << 3 | 2) + _varint(len(value)) + value


def _varint(value: int) -> bytes:
    written = bytearray()
    while value > 0x7F:
        written.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*written, value])
