"""What the stores of raw files and typed copies share: a key for each version, and a known SHA-256."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator

from django.core.files.storage import Storage

from datasets import storage
from datasets.models import Version
from datasets.stores.findings import Finding, Held, Kind, Reads, is_in_flight, settled, version_in


class FileStore(ABC):
    """`key_field`, `hash_field`: fields of Version."""

    name: str
    key_field: str
    hash_field: str

    @abstractmethod
    def place(self) -> Storage: ...

    @abstractmethod
    def what_to_do(self) -> str:
        """What to tell people about a missing or changed file."""

    def mend(self, version: Version) -> Callable[[], object] | None:
        """None: no other store has this content."""
        return None

    def held(self) -> Iterator[Held]:
        for item in storage.everything(self.place()):
            yield Held(self.name, item.key, version_in(item.key), item.at)

    def look(self, reads: Reads) -> Iterator[Finding]:
        # Listed before the rows are read. Anything stored later is then claimed or in progress.
        there = {item.key: item.size for item in storage.everything(self.place())}
        claimed = set(Version.objects.exclude(**{self.key_field: ""}).values_list(self.key_field, flat=True))
        for version in settled().iterator(chunk_size=500):
            key = getattr(version, self.key_field)
            if key not in there and not self.place().exists(key):
                yield from self._if_still_so(version, Kind.MISSING, "is not there")
            elif not self._has_its_size(version, there.get(key)) or (
                reads(version.pk) and not self._is_intact(version)
            ):
                yield from self._if_still_so(version, Kind.CHANGED, "is not what was stored")
        for key in sorted(there.keys() - claimed):
            yield from self._unclaimed(key)

    def _has_its_size(self, version: Version, size: int | None) -> bool:
        return True

    def _is_intact(self, version: Version) -> bool:
        stored = storage.sha256_stored(self.place(), getattr(version, self.key_field))
        return bool(stored == getattr(version, self.hash_field))

    def _if_still_so(self, version: Version, kind: Kind, what: str) -> Iterator[Finding]:
        """No finding if the version was erased or moved since it was checked."""
        key = getattr(version, self.key_field)
        if settled().filter(pk=version.pk, **{self.key_field: key}).exists():
            text = f"The {self.name} of {version} {what}. {self.what_to_do()}"
            yield Finding(self.name, kind, key, text, version.pk, self.mend(version))

    def _unclaimed(self, key: str) -> Iterator[Finding]:
        version = version_in(key)
        if is_in_flight(version) or not self.place().exists(key):
            return
        row = Version.objects.filter(pk=version).first() if version else None
        if row is not None and row.catalog_version:
            text = f"{row} names another {self.name}. Remove this one, or keep it elsewhere."
            yield Finding(self.name, Kind.ORPHANED, key, text, version)
        else:
            text = (
                "No version of this database was ever governed under this key. Find out who put it there and "
                "remove it; where the database was set back, restore a later backup instead."
            )
            yield Finding(self.name, Kind.UNGOVERNED, key, text, version)
