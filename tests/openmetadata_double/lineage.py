"""What was made from what: edges between entities, read from one of them up and down."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from tests.openmetadata_double.answers import Answer, Json, Refused, not_found
from tests.openmetadata_double.store import Entity, Ref, Store

_Edge = tuple[Ref, Ref, Json | None]


class Lineage:
    def __init__(self, store: Store, *, newer: bool) -> None:
        self._store = store
        self._newer = newer

    def put(self, body: Json, user: str) -> Answer:
        """The same edge again replaces its details."""
        edge = body["edge"]
        start, end = (
            self._store.of_id(each["type"], each["id"]).ref for each in (edge["fromEntity"], edge["toEntity"])
        )
        self._refuse_columns(edge, (start, end))
        self._forget((start, end))
        self._store.edges.append((start, end, self._details(edge.get("lineageDetails"), (start, end), user)))
        return Answer(200, "")

    def _refuse_columns(self, edge: Json, ends: Sequence[Ref]) -> None:
        """Older servers tell columns of two tables only (as their sources say; it was not recorded)."""
        told = (edge.get("lineageDetails") or {}).get("columnsLineage")
        if told and not self._newer and any(end.kind != "table" for end in ends):
            raise Refused(400, "Column level lineage is only allowed between two tables")

    def _details(self, given: Json | None, ends: Sequence[Ref], user: str) -> Json | None:
        """Newer servers drop columns that are not there, and say who told when."""
        if given is None or not self._newer:
            return given
        known = {name for end in ends for name in self._columns(end)}
        kept = [
            each
            for each in given.get("columnsLineage") or []
            if each["toColumn"] in known and known.issuperset(each["fromColumns"])
        ]
        now = self._store.now()
        stamp = {"createdAt": now, "createdBy": user, "updatedAt": now, "updatedBy": user}
        return {**given, "columnsLineage": kept, **stamp}

    def _columns(self, end: Ref) -> Iterator[str]:
        doc = self._store.of_id(end.kind, end.id).doc
        for column in doc.get("columns") or (doc.get("dataModel") or {}).get("columns") or []:
            yield column["fullyQualifiedName"]

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
