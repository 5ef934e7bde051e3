"""Around tables, as newer servers have it: contracts, tests and their results, usage, and the search."""

from __future__ import annotations

import re
import uuid
from typing import Any

from tests.openmetadata_double.answers import Answer, Json, Refused, not_found
from tests.openmetadata_double.entities import Caller
from tests.openmetadata_double.serving import Request
from tests.openmetadata_double.store import Entity, Store

_LINK = re.compile(r"<#E::table::(?P<table>.+?)(?:::columns::(?P<column>.+?))?>")
_TERM = re.compile(r'(tags\.tagFQN|fullyQualifiedName):"(.+)"')


class Extras:
    def __init__(self, store: Store) -> None:
        self._store = store

    def answer(self, request: Request, caller: Caller) -> Answer | None:
        match [request.method, *request.parts]:
            case ["POST", "dataContracts"]:
                return self._contract(request.body, caller)
            case ["GET", "dataContracts", "entity"]:
                return self._contract_of(request.query["entityId"])
            case ["POST", "dataQuality", "testSuites", "basic"]:
                return self._suite(request.body, caller)
            case ["POST", "dataQuality", "testCases"]:
                return self._case(request.body, caller)
            case ["POST", "dataQuality", "testCases", "testCaseResults", fqn]:
                return self._result(fqn, request.body)
            case ["POST", "usage", kind, key]:
                return self._usage(self._store.of_id(kind, key), caller)
            case ["GET", "search", "query"]:
                return self._search(request.query)
        return None

    def _contract(self, body: Json, caller: Caller) -> Answer:
        if not isinstance(body.get("termsOfUse", ""), str):
            raise Refused(400, "Cannot deserialize value of type `java.lang.String` from Object value")
        table = self._store.of_id(body["entity"]["type"], body["entity"]["id"])
        doc = {
            **body,
            "fullyQualifiedName": f"{table.fqn}.dataContract_{body['name']}",
            "termsOfUse": {"content": body["termsOfUse"], "inherited": False},
            "security": {**body["security"], "policies": []},
            "sla": {"timezone": "GMT+00:00 (Europe/London)", **body["sla"]},
            "inherited": False,
        }
        return Answer(201, self._added("dataContract", self._signed(doc, caller), caller))

    def _contract_of(self, key: str) -> Answer:
        for each in self._store.all("dataContract"):
            if each.doc["entity"]["id"] == key:
                return Answer(200, self._store.shown(each, set()), '"contract"')
        raise not_found("dataContract", key)

    def _suite(self, body: Json, caller: Caller) -> Answer:
        table = self._store.of_name("table", body["basicEntityReference"])
        doc = {
            "name": body["name"],
            "fullyQualifiedName": body["name"],
            "serviceType": "TestSuite",
            "basic": True,
            "basicEntityReference": table.ref,
            "owners": table.doc.get("owners") or [],
            "testCaseResultSummary": [],
            "inherited": False,
        }
        return Answer(201, self._added("testSuite", doc, caller))

    def _case(self, body: Json, caller: Caller) -> Answer:
        link = _LINK.fullmatch(body["entityLink"])
        if link is None:
            raise Refused(400, "Entity link is not valid")
        table = self._store.of_name("table", link["table"])
        place = f"{table.fqn}.{link['column']}" if link["column"] else table.fqn
        suites = (
            each for each in self._store.all("testSuite") if each.doc["basicEntityReference"] == table.ref
        )
        labels = [*table.doc["tags"], *_labels_of(table, link["column"])]
        doc = {
            "name": body["name"],
            "fullyQualifiedName": f"{place}.{body['name']}",
            "testDefinition": {
                "id": str(uuid.uuid4()),
                "type": "testDefinition",
                "name": body["testDefinition"],
            },
            "entityLink": body["entityLink"],
            "entityFQN": place,
            "testSuite": next(suites).ref,
            "owners": table.doc.get("owners") or [],
            "createdBy": caller.name,
            "computePassedFailedRowCount": False,
            "useDynamicAssertion": False,
            "tags": labels,
            **{name: [] for name in ("testSuites", "parameterValues", "dimensionColumns")},
        }
        return Answer(201, self._added("testCase", doc, caller))

    def _result(self, fqn: str, body: Json) -> Answer:
        case = self._store.of_name("testCase", fqn)
        known = {
            "id": str(uuid.uuid4()),
            "testCaseFQN": case.fqn,
            "testResultValue": [],
            "dimensionResults": [],
        }
        return Answer(201, {**known, **body})

    def _usage(self, entity: Entity, caller: Caller) -> Answer:
        told: Json = {
            "id": str(uuid.uuid4()),
            "eventType": "entityUpdated",
            "entityType": entity.kind,
            "entityId": entity.id,
            "entityFullyQualifiedName": entity.fqn,
            "previousVersion": entity.doc["version"],
            "currentVersion": entity.doc["version"],
            "userName": caller.name,
            "timestamp": self._store.now(),
            "entity": self._store.shown(entity, set()),
        }
        return Answer(201, told)

    def _search(self, query: dict[str, str]) -> Answer:
        """Tables by their full name, or by a tag that they or their columns carry."""
        term = _TERM.fullmatch(query["q"])
        if term is None:
            raise Refused(400, "The double knows two kinds of search.")
        found = [each for each in self._store.all("table") if not each.doc["deleted"] and _fits(each, term)]
        hits = [
            {"_id": each.id, "_source": {name: each.doc[name] for name in ("name", "fullyQualifiedName")}}
            for each in found
        ]
        return Answer(200, {"hits": {"hits": hits, "total": {"relation": "eq", "value": len(hits)}}})

    def _signed(self, doc: Json, caller: Caller) -> Json:
        return {**doc, "createdAt": self._store.now(), "createdBy": caller.name}

    def _added(self, kind: str, doc: Json, caller: Caller) -> Json:
        return self._store.shown(self._store.add(kind, doc, caller.name), {"owners", "tags"})


def _labels_of(table: Entity, column: str | None) -> list[Json]:
    found = [each["tags"] for each in table.doc["columns"] if each["name"] == column]
    return list(found[0]) if found else []


def _fits(table: Entity, term: re.Match[str]) -> bool:
    if term[1] == "fullyQualifiedName":
        return table.fqn == term[2]
    labels: list[Any] = [*table.doc["tags"]]
    for column in table.doc["columns"]:
        labels += column["tags"]
    return any(label["tagFQN"] == term[2] for label in labels)
