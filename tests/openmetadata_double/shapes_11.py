"""The requests that a 1.1 server takes: a table's properties as recorded, the others from its API."""

from __future__ import annotations

from tests.openmetadata_double.shapes import Enumeration, Shape

_API = "org.openmetadata.schema.api"
_TYPE = "org.openmetadata.schema.type"

_DATA_TYPES = """
    NUMBER TINYINT SMALLINT INT BIGINT BYTEINT BYTES FLOAT DOUBLE DECIMAL NUMERIC TIMESTAMP TIMESTAMPZ
    TIME DATE DATETIME INTERVAL STRING MEDIUMTEXT TEXT CHAR VARCHAR BOOLEAN BINARY VARBINARY ARRAY BLOB
    LONGBLOB MEDIUMBLOB MAP STRUCT UNION SET GEOGRAPHY ENUM JSON UUID VARIANT GEOMETRY BYTEA
    AGGREGATEFUNCTION ERROR FIXED RECORD NULL SUPER HLLSKETCH PG_LSN PG_SNAPSHOT TSQUERY TXID_SNAPSHOT
    XML MACADDR TSVECTOR UNKNOWN CIDR INET CLOB ROWID LOWCARDINALITY YEAR POINT POLYGON
"""


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


def _enumeration(java: str, values: str) -> Enumeration:
    return Enumeration(f"{_TYPE}.{java}", frozenset(values.split()))


REFERENCE = Shape(
    f"{_TYPE}.EntityReference",
    _words("id type name fullyQualifiedName description displayName deleted href"),
    required=("id", "type"),
)
LABEL = Shape(
    f"{_TYPE}.TagLabel",
    _words("tagFQN description source labelType state href"),
    required=("tagFQN", "source", "labelType", "state"),
    enumerations={
        "source": _enumeration("TagLabel$TagSource", "Classification Glossary"),
        "labelType": _enumeration("TagLabel$LabelType", "Manual Propagated Automated Derived"),
        "state": _enumeration("TagLabel$State", "Suggested Confirmed"),
    },
)
COLUMN = Shape(
    f"{_TYPE}.Column",
    _words("""name displayName dataType arrayDataType dataLength precision scale dataTypeDisplay description
              fullyQualifiedName tags constraint ordinalPosition jsonSchema children
              customMetrics profile"""),
    required=("name", "dataType"),
    nested={"tags": LABEL},
    lists=frozenset({"tags", "children"}),
    enumerations={"dataType": _enumeration("ColumnDataType", _DATA_TYPES)},
    longest_name=128,
)  # fmt: skip


def _create(
    java: str,
    properties: str,
    required: tuple[str, ...],
    *,
    nested: dict[str, Shape] | None = None,
    lists: tuple[str, ...] = (),
) -> Shape:
    names = _words(properties)
    usual = {name: shape for name, shape in (("tags", LABEL), ("owner", REFERENCE)) if name in names}
    held_as_lists = frozenset({*lists, *({"tags"} & set(names))})
    return Shape(
        f"{_API}.{java}", names, required, {**usual, **(nested or {})}, held_as_lists, longest_name=128
    )


_DATA_MODEL = Shape(
    f"{_TYPE}.ContainerDataModel",
    ("isPartitioned", "columns"),
    required=("columns",),
    nested={"columns": COLUMN},
    lists=frozenset({"columns"}),
)
_TABLE_PROFILE = Shape(
    f"{_TYPE}.TableProfile",
    _words("timestamp profileSample profileSampleType columnCount rowCount"),
    required=("timestamp",),
)
_COLUMN_PROFILE = Shape(
    f"{_TYPE}.ColumnProfile",
    _words("""name timestamp valuesCount valuesPercentage validCount duplicateCount nullCount nullProportion
              missingPercentage missingCount uniqueCount uniqueProportion distinctCount
              distinctProportion min max minLength maxLength mean sum stddev variance median
              firstQuartile thirdQuartile interQuartileRange nonParametricSkew histogram
              customMetricsProfile"""),
    required=("name", "timestamp"),
)  # fmt: skip

SHAPES = {
    "table": _create(
        "data.CreateTable",
        """tableType name displayName owner viewDefinition tableProfilerConfig description columns
           retentionPeriod tableConstraints tags tablePartition extension databaseSchema""",
        ("name", "columns", "databaseSchema"),
        nested={"columns": COLUMN},
        lists=("columns",),
    ),
    "database": _create(
        "data.CreateDatabase",
        "name displayName description tags owner service default retentionPeriod extension",
        ("name", "service"),
    ),
    "databaseSchema": _create(
        "data.CreateDatabaseSchema",
        "name displayName description owner database tags retentionPeriod extension",
        ("name", "database"),
    ),
    "databaseService": _create(
        "services.CreateDatabaseService",
        "name displayName description tags serviceType connection owner",
        ("name", "serviceType", "connection"),
    ),
    "storageService": _create(
        "services.CreateStorageService",
        "name displayName description tags serviceType connection owner",
        ("name", "serviceType"),
    ),
    "container": _create(
        "data.CreateContainer",
        """name displayName description service parent dataModel prefix numberOfObjects size fileFormats owner
           tags extension""",
        ("name", "service"),
        nested={"dataModel": _DATA_MODEL, "parent": REFERENCE},
        lists=("fileFormats",),
    ),
    "classification": _create(
        "classification.CreateClassification",
        "name displayName description provider mutuallyExclusive",
        ("name", "description"),
    ),
    "tag": _create(
        "classification.CreateTag",
        "classification parent name displayName description associatedTags provider mutuallyExclusive",
        ("name", "description"),
    ),
    "user": _create(
        "teams.CreateUser",
        """name description displayName email timezone isBot isAdmin profile teams roles
           authenticationMechanism createPasswordType password confirmPassword botName""",
        ("name", "email"),
    ),
    "sampleData": Shape(f"{_TYPE}.TableData", ("columns", "rows"), lists=frozenset({"columns", "rows"})),
    "tableProfile": Shape(
        f"{_API}.data.CreateTableProfile",
        ("tableProfile", "columnProfile", "systemProfile"),
        required=("tableProfile",),
        nested={"tableProfile": _TABLE_PROFILE, "columnProfile": _COLUMN_PROFILE},
        lists=frozenset({"columnProfile", "systemProfile"}),
    ),
    "lineage": Shape(
        f"{_API}.lineage.AddLineage",
        ("edge",),
        required=("edge",),
        nested={
            "edge": Shape(
                f"{_TYPE}.EntitiesEdge",
                ("fromEntity", "toEntity", "description", "lineageDetails"),
                required=("fromEntity", "toEntity"),
                nested={"fromEntity": REFERENCE, "toEntity": REFERENCE},
            )
        },
    ),
}

TABLE_FIELDS = _words(
    """id name displayName fullyQualifiedName description version updatedAt updatedBy href tableType columns
       tableConstraints tablePartition owner databaseSchema database service serviceType location
       viewDefinition tags usageSummary followers joins sampleData tableProfilerConfig customMetrics
       profile testSuite dataModel changeDescription deleted retentionPeriod extension"""
)
OTHER_FIELDS = _words(
    """id name displayName fullyQualifiedName description version updatedAt updatedBy href owner tags
       followers service serviceType database databaseSchemas tables location usageSummary changeDescription
       deleted extension retentionPeriod connection pipelines parent children dataModel numberOfObjects
       size fileFormats prefix classification termCount usageCount provider mutuallyExclusive
       deprecated style associatedTags email isBot isAdmin profile timezone authenticationMechanism teams owns
       follows roles inheritedRoles"""
)
