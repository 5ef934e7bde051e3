"""Classification, and the catalog."""

from __future__ import annotations

from governance.tag_schema import DEFAULT_CLASSIFICATION_TAGS
from omdplatform.base.environment import flag, items, number, text

# The tags of each kind of data. A site that uses another tag changes one line, for instance
# CLASSIFICATION_TAGS["PERSON"] = ("PII.PersonalData",).
CLASSIFICATION_TAGS: dict[str, tuple[str, ...]] = dict(DEFAULT_CLASSIFICATION_TAGS)
# Dotted paths of your own classes, used before the platform's; see governance/extending/extensions.py.
CLASSIFIERS = items("CLASSIFIERS")
# Your own modules with CLASSIFICATIONS and, optionally, RULES and CLASSIFICATION_TAGS; see there.
TAG_SCHEMAS = items("TAG_SCHEMAS")
# Rows of the sample that is classified.
CLASSIFY_SAMPLE_ROWS = number("CLASSIFY_SAMPLE_ROWS", default=2000)

# OPENMETADATA_HOST: http://openmetadata-server:8585/api. Absent: the local catalog in our own tables.
OPENMETADATA_HOST = text("OPENMETADATA_HOST")
# A bot's token. Absent: fetched from the server with the key pair in KEYS_DIR/catalog that both share.
OPENMETADATA_TOKEN = text("OPENMETADATA_TOKEN")
# The user who fetches the bot's token, and the bot.
OPENMETADATA_ADMIN = text("OPENMETADATA_ADMIN") or "admin"
OPENMETADATA_BOT = text("OPENMETADATA_BOT") or "ingestion-bot"
# The address of our pages, such as https://data.example.org. Absent: the catalog has no links to them.
PUBLIC_URL = text("PUBLIC_URL")
# The address of its pages. Absent: OPENMETADATA_HOST without /api.
OPENMETADATA_PUBLIC_URL = text("OPENMETADATA_PUBLIC_URL")
# Names of our services there, and of the database with a schema for each owner.
OPENMETADATA_SERVICE = text("OPENMETADATA_SERVICE") or "omdplatform"
OPENMETADATA_DATABASE = text("OPENMETADATA_DATABASE") or "lake"
OPENMETADATA_STORAGE_SERVICE = text("OPENMETADATA_STORAGE_SERVICE") or "omdplatform_lake"
# Unknown owners are created there with addresses in this domain, unless their names are addresses.
OPENMETADATA_USER_DOMAIN = text("OPENMETADATA_USER_DOMAIN") or "example.org"
# Seconds to wait for an answer: while a table is registered, and while a page or an answer is made.
OPENMETADATA_TIMEOUT = number("OPENMETADATA_TIMEOUT", default=30)
OPENMETADATA_FETCH_TIMEOUT = number("OPENMETADATA_FETCH_TIMEOUT", default=3)
# How many of each table's first rows it gets as a sample, masked for everybody. 0: none.
OPENMETADATA_SAMPLE_ROWS = number("OPENMETADATA_SAMPLE_ROWS", default=0)
# Seconds that a job waits, with growing pauses, for an unavailable catalog before it gives up; 0: at once.
CATALOG_WAIT_SECONDS = number("CATALOG_WAIT_SECONDS", default=3600)
# Refuse a server whose major or minor version differs from our client's; 0: accept it.
OPENMETADATA_VERSION_CHECK = flag("OPENMETADATA_VERSION_CHECK", default=True)
