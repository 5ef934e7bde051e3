"""The words of a version's rows, as a file on this machine: for each word the rows that have it.

One SQLite file for each version and effect of its policies. It holds only what every reader may see of the
columns that may enter the index, so that no word finds or weighs anything else. It is made when a version is
indexed, and again on any machine that has to search without it.
"""

from __future__ import annotations

import hashlib
import json
import math
import re
import sqlite3
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from concurrent.futures import TimeoutError as TooLate
from contextlib import closing
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any
from urllib.parse import quote

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from cachetools import LRUCache

from datasets import storage
from datasets.models import Version
from datasets.tables.table import ROW
from governance.policies import Access, IndexTreatment
from governance.redacting.redaction import MASK, REDACTION_VERSION, redact, redacted, worth_a_look
from promptiq.exact import TooSlow
from promptiq.exact.database import named, opened
from promptiq.exact.plans import Uncomputable
from promptiq.exact.words import fold

# Rows whose words are gathered at once, and bytes: cells may be long.
BATCH_ROWS, BATCH_BYTES = 8_192, 32 * 1024**2
# Separators of words: ASCII and common Unicode punctuation. The same for Python and RE2.
_EDGE = r"\x00-/:-@\[-`{-¿\u2000-\u206f\u3000-\u303f"
_EDGE_RE2 = re.sub(r"\\u([0-9a-f]{4})", r"\\x{\1}", _EDGE)
# What may join words to a code or a number.
_JOINTS = r"\-./_@:#&'+,"
_WORDS = re.compile(f"[^{_EDGE}]+")
_PAIRS = re.compile(f"([^{_EDGE}]+)([{_JOINTS}]+)(?=([^{_EDGE}]+))")
_SPACE = f"[^{_JOINTS}[:alnum:]\x80-\U0010ffff]+"
_JOINED = f"[^{_EDGE_RE2}][{_JOINTS}]+[^{_EDGE_RE2}]"

# Names of columns, and for each the kinds of personal data that are masked inside its cells.
Searched = Mapping[str, frozenset[str]]
Rows = np.ndarray[Any, np.dtype[np.int32]]
Counts = np.ndarray[Any, np.dtype[np.uint32]]


# --- Words ------------------------------------------------------------------------------------------------


def parts_of(term: str) -> list[str]:
    """What rows with this term are listed under: a word, or the pairs of words that a code is made of."""
    return _pairs(term) or _WORDS.findall(term)


def _pairs(text: str) -> list[str]:
    return ["".join(found.groups()) for found in _PAIRS.finditer(text)]


def value_of(value: float | date) -> str:
    """What rows are listed under that have this number or date in a column of such."""
    return f"={value.isoformat() if isinstance(value, date) else repr(float(value))}"


# --- Where they are ---------------------------------------------------------------------------------------


def path_of(version: Version, access: Access) -> Path:
    shape = [[name, sorted(kinds)] for name, kinds in searched(access).items()]
    digest = hashlib.sha256(json.dumps([REDACTION_VERSION, *shape]).encode()).hexdigest()[:16]
    name = storage.words_name(version.pk, version.parquet_sha256)
    return storage.cache_folder() / f"{name}-{digest}.words"


def searched(access: Access) -> Searched:
    """What is listed: of the columns that may enter the index, what every reader may see."""
    return {
        column.column: column.redacted for column in access.columns if column.index is IndexTreatment.INDEX
    }


def prepare(version: Version, access: Access, progress: Callable[[int], None]) -> None:
    """Make the file, unless it is there, and remove those of former policies.

    `progress` gets the rows done; what it raises ends the work.
    """
    path = path_of(version, access)
    if not path.exists():
        make(storage.local_parquet(version), searched(access), path, progress)
    _remove(version, keep=path)


def ready(version: Version, access: Access, seconds: float) -> Path:
    """The file. If it is not there, it is made in the background.

    Raises TooSlow if that takes longer than so many seconds; it goes on meanwhile. Raises Uncomputable if it
    cannot be made, FileNotFoundError and TypedCopyDamaged.
    """
    path = path_of(version, access)
    if path.exists():
        return path
    parquet = storage.local_parquet(version)
    with _beginning:
        begun = _begun.get(path)
        if begun is None or begun.done():
            begun = _begun[path] = _maker.submit(make, parquet, searched(access), path)
    try:
        begun.result(timeout=seconds)
    except TooLate:
        raise TooSlow(f"The words were not listed within {seconds:g} seconds.") from None
    except (OSError, sqlite3.Error, pa.ArrowException) as error:
        # Its message may quote a cell.
        raise Uncomputable(type(error).__name__) from None
    return path


_beginning = threading.Lock()
_begun: LRUCache[Path, Future[None]] = LRUCache(64)
_maker = ThreadPoolExecutor(max_workers=1, thread_name_prefix="words")


def discard(version: Version) -> None:
    """Remove a version's files from this machine."""
    _remove(version)


def _remove(version: Version, keep: Path | None = None) -> None:
    for path in storage.cache_folder().glob(f"{version.pk.hex}.*.words"):
        if path != keep:
            path.unlink(missing_ok=True)


# --- Making ---------------------------------------------------------------------------------------------


def make(
    parquet: Path, columns: Searched, path: Path, progress: Callable[[int], None] = lambda _: None
) -> None:
    """List the words of these columns under this path, in one pass over the typed copy."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    with NamedTemporaryFile(dir=path.parent, delete=False) as file:
        unfinished = Path(file.name)
    try:
        with closing(sqlite3.connect(unfinished, isolation_level=None)) as database:
            # Nothing is to be kept of a file that was not finished.
            database.executescript(
                "PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA temp_store = MEMORY;"
                "CREATE TABLE words (word TEXT, rows BLOB);"
                "CREATE TABLE sizes (times BLOB, sizes BLOB); BEGIN;"
            )
            with pq.ParquetFile(parquet) as read:
                there = [name for name in columns if name in read.schema_arrow.names]
                kinds = [columns[name] for name in there]
                times = _times(parquet, there) if there else np.zeros(1, np.uint32)
                sizes = np.zeros(len(times), np.uint32)
                for batch in read.iter_batches(BATCH_ROWS, columns=[ROW, *there], use_threads=False):
                    _list(pa.Table.from_batches([batch]), kinds, times, sizes, database)
                    progress(int(batch.column(0)[-1].as_py()))
            database.execute("INSERT INTO sizes VALUES (?, ?)", (times.tobytes(), sizes.tobytes()))
            database.execute("COMMIT")
            database.execute("CREATE INDEX by_word ON words (word)")
        unfinished.replace(path)
    finally:
        unfinished.unlink(missing_ok=True)
    storage.shrink_cache(keep=path)


def _times(parquet: Path, columns: Sequence[str]) -> Counts:
    """By row number: how many rows read the same in these columns. 0 if an earlier row does."""
    same = f"hash({', '.join(named(column) for column in columns)})"
    with opened(parquet) as database:
        statement = f"SELECT min({ROW}), count(*) FROM data GROUP BY {same}"  # noqa: S608
        firsts, counts = database.arrays(statement)
    times = np.zeros(int(firsts.max(initial=0)) + 1, np.uint32)
    times[firsts] = counts
    return times


def _list(
    table: pa.Table,
    kinds: Sequence[frozenset[str]],
    times: Counts,
    sizes: Counts,
    database: sqlite3.Connection,
) -> None:
    if table.nbytes > BATCH_BYTES and len(table) > 1:
        _list(table.slice(0, len(table) // 2), kinds, times, sizes, database)
        _list(table.slice(len(table) // 2), kinds, times, sizes, database)
        return
    numbers = table[ROW].to_numpy()
    first = (numbers < len(times)) & (times[np.minimum(numbers, len(times) - 1)] > 0)
    table, numbers = table.filter(pa.array(first)), numbers[first]
    if not len(table):
        return
    columns = list(zip(table.columns[1:], kinds, strict=True))
    texts = [_folded(column, masked) for column, masked in columns if _is_text(column.type)]
    found = [_values(column, masked) for column, masked in columns]
    if texts:
        # With an empty text before them, because Arrow drops a row in which all texts are null.
        empty = pa.array([""] * len(table), pa.string())
        text = pc.binary_join_element_wise(empty, *texts, "\n", null_handling="skip")
        sizes[numbers] = np.maximum(pc.binary_length(text).to_numpy() - 1, 0)
        found += [_split(text, f"[{_EDGE_RE2}]+"), _joined(text)]
    postings = [(words, places) for words, places in found if len(words)]
    if postings:
        words = pa.concat_arrays([words for words, _ in postings])
        places = np.concatenate([places for _, places in postings])
        database.executemany("INSERT INTO words VALUES (?, ?)", _by_word(words, numbers[places]))


# Words, and for each the place of its row in the batch.
_Found = tuple[pa.Array, np.ndarray[Any, Any]]


def _by_word(words: pa.Array, numbers: np.ndarray[Any, Any]) -> Iterator[tuple[str, bytes]]:
    coded = words.dictionary_encode()
    both = np.sort(coded.indices.to_numpy().astype(np.int64) << 32 | numbers)
    both = both[np.diff(both, prepend=-1) != 0]
    codes, rows = both >> 32, (both & 0xFFFFFFFF).astype("<i4")
    begins = np.flatnonzero(np.diff(codes, prepend=-1))
    for word, begin, end in zip(coded.dictionary.to_pylist(), begins, [*begins[1:], len(rows)], strict=True):
        yield word, rows[begin:end].tobytes()


def _is_text(kind: pa.DataType) -> bool:
    return bool(pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_dictionary(kind))


def _folded(texts: pa.ChunkedArray, kinds: frozenset[str]) -> pa.Array:
    """Texts as every reader may see them, folded as questions are."""
    texts = texts.combine_chunks().cast(pa.string())
    slowly = pc.or_(worth_a_look(texts), pc.match_substring(texts, "`")).fill_null(False)
    plain = pc.ascii_lower(texts)
    if not pc.any(slowly).as_py():
        return plain
    coded = texts.filter(slowly).dictionary_encode()
    seen = [fold(redact(text, kinds)) for text in coded.dictionary.to_pylist()]
    return pc.replace_with_mask(plain, slowly, pa.array(seen, pa.string()).take(coded.indices))


def _split(text: pa.Array, pattern: str) -> _Found:
    split = pc.split_pattern_regex(text, pattern)
    words, places = split.flatten(), pc.list_parent_indices(split).to_numpy()
    some = pc.not_equal(words, "")
    return words.filter(some), places[some.to_numpy(zero_copy_only=False)]


def _joined(text: pa.Array) -> _Found:
    """Pairs of words that punctuation joins."""
    some = pc.match_substring_regex(text, _JOINED)
    chunks, places = _split(text.filter(some), _SPACE)
    places = np.flatnonzero(some.to_numpy(zero_copy_only=False))[places]
    joined = pc.match_substring_regex(chunks, _JOINED)
    coded = chunks.filter(joined).dictionary_encode()
    places = places[joined.to_numpy(zero_copy_only=False)]
    return _spread([_pairs(chunk) for chunk in coded.dictionary.to_pylist()], coded.indices, places)


def _values(column: pa.ChunkedArray, kinds: frozenset[str]) -> _Found:
    """Numbers and dates, each as one word. Nothing of other columns."""
    kind, values = column.type, column.combine_chunks()
    if pa.types.is_date(kind) or pa.types.is_timestamp(kind):
        values = values.cast(pa.date32(), safe=False)
    elif not (pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_decimal(kind)):
        return pa.array([], pa.string()), np.zeros(0, np.int64)
    there = pc.is_valid(values)
    # As text, because a float of 32 bits is not the same number in 64.
    coded = values.filter(there).cast(pa.string()).dictionary_encode()
    is_date = pa.types.is_date32(values.type)
    typed = [[f"={text}"] if is_date else _number(text, kinds) for text in coded.dictionary.to_pylist()]
    return _spread(typed, coded.indices, np.flatnonzero(there.to_numpy(zero_copy_only=False)))


def _number(text: str, kinds: frozenset[str]) -> list[str]:
    number = float(text)
    return [value_of(number)] if math.isfinite(number) and redacted(number, kinds) != MASK else []


def _spread(words: Sequence[Sequence[str]], codes: pa.Array, places: np.ndarray[Any, Any]) -> _Found:
    """`words` of each code, where `codes` has the code of each place."""
    lists = pa.array(words, pa.list_(pa.string())).take(codes)
    return lists.flatten(), places[pc.list_parent_indices(lists).to_numpy()]


# --- Reading --------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Postings:
    """`times`: by row number, how many rows read the same; 0 if an earlier row does. `sizes`: length of a
    row's texts (bytes). `rows`: numbers of rows for each word asked for, in order.
    """

    times: Counts
    sizes: Counts
    rows: dict[str, Rows]


def read(path: Path, words: Iterable[str]) -> Postings:
    """Raises Uncomputable if the file is damaged, and removes it: then it is made again."""
    try:
        with closing(sqlite3.connect(f"file:{quote(str(path))}?mode=ro", uri=True)) as database:
            times, sizes = database.execute("SELECT times, sizes FROM sizes").fetchone()
            rows = {word: _rows(database, word) for word in dict.fromkeys(words)}
    except (sqlite3.Error, TypeError) as error:
        path.unlink(missing_ok=True)
        raise Uncomputable(type(error).__name__) from None
    return Postings(np.frombuffer(times, np.uint32), np.frombuffer(sizes, np.uint32), rows)


def _rows(database: sqlite3.Connection, word: str) -> Rows:
    parts = database.execute("SELECT rows FROM words WHERE word = ? ORDER BY rowid", (word,))
    return np.frombuffer(b"".join(part for (part,) in parts), np.int32)
