"""What was made from what: edges between entities, read from one of them up and down."""

from __future__ import annotations

from tests.openmetadata_double.answers import Answer, Json, not_found
from tests.openmetadata_double.store import Entity, Ref, Store

_Edge = tuple[Ref, Ref, Json | None]


class Lineage:
    def __init__(self, store: Store) -> None:
        self._store = store

    def put(self, body: Json) -> Answer:
        """The same edge again replaces its details."""
        edge = body["edge"]
        ends = tuple(
            self._store.of_id(each["type"], each["id"]).ref for each in (edge["fromEntity"], edge["toEntity"])
        )
        self._forget(ends)
        self._store.edges.append((*ends, edge.get("lineageDetails")))
        return Answer(200, "")

    def delete(self, from_id: str, to_id: str) -> Answer:
        found = self._edge(from_id, to_id)
        self._forget(found[:2])
        return Answer(200, "")

    def edge(self, from_id: str, to_id: str) -> Answer:
        return Answer(200, {"edge": _told(self._edge(from_id, to_id))})

    def around(self, entity: Entity, up: int, down: int) -> Answer:
        """The entity, what is at most `up` edges before it and `down` after it, and the edges between."""
        before = self._walk(entity.ref, up, upwards=True)
        after = self._walk(entity.ref, down, upwards=False)
        ends = [ref for start, end, _ in (*before, *after) for ref in (start, end)]
        seen = dict.fromkeys(ref for ref in ends if ref != entity.ref)
        told = {
            "entity": self._store.reference(entity.ref),
            "nodes": [self._store.reference(ref) for ref in seen],
            "upstreamEdges": [_told(edge) for edge in before],
            "downstreamEdges": [_told(edge) for edge in after],
        }
        return Answer(200, told)

    def _walk(self, start: Ref, depth: int, *, upwards: bool) -> list[_Edge]:
        near, far = (1, 0) if upwards else (0, 1)
        reached = {start}
        found: list[_Edge] = []
        for _ in range(depth):
            step = [edge for edge in self._store.edges if edge[:2][near] in reached and edge not in found]
            found += step
            reached = {edge[:2][far] for edge in step}
        return found

    def _edge(self, from_id: str, to_id: str) -> _Edge:
        for edge in self._store.edges:
            if (edge[0].id, edge[1].id) == (from_id, to_id):
                return edge
        raise not_found("lineageEdge", f"{from_id} - {to_id}")

    def _forget(self, ends: tuple[Ref, ...]) -> None:
        self._store.edges = [edge for edge in self._store.edges if edge[:2] != ends]


def _told(edge: _Edge) -> Json:
    start, end, details = edge
    told: Json = {"fromEntity": start.id, "toEntity": end.id}
    return {**told, "lineageDetails": details} if details is not None else told
