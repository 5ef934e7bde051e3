"""Shapes of previews in the API: corrections come in, the preview goes out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rest_framework import serializers

from datasets.previews.corrections import Corrections
from datasets.tables.table import MOST_COLUMNS, Dialect
from datasets.tables.values.column_types import ColumnType
from datasets.web.rest.serializers import WishSerializer
from governance.models import Tag
from governance.tag_schema import AWAITS_OWNER
from omdplatform.base.deceptive_names import is_deceptive

# Encodings that people can choose. The platform detects most of them by itself.
ENCODINGS = (
    "utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252", "latin-1", "iso8859-15", "iso8859-2",
    "cp1250", "cp1251", "koi8-r", "cp1253", "cp1254", "cp437", "cp850", "mac-roman", "cp932", "shift_jis",
    "euc-jp", "gb18030", "big5", "euc-kr",
)  # fmt: skip
DATE_ORDERS = ("dmy", "mdy", "ymd")


# --- What comes in ----------------------------------------------------------------------------------------


class _Names(serializers.DictField):
    """Texts by the file's column names."""

    def __init__(self, child: serializers.Field[Any, Any, Any, Any], **options: Any) -> None:
        super().__init__(child=child, required=False, **options)

    def to_internal_value(self, data: Any) -> Any:
        found = super().to_internal_value(data)
        if len(found) > MOST_COLUMNS or any(len(name) > 512 for name in found):
            raise serializers.ValidationError("More or longer names than a table has.")
        return found


class DialectSerializer(serializers.Serializer[Any]):
    """How to read the file. What is left out, or null, is detected."""

    encoding = serializers.ChoiceField(choices=ENCODINGS, required=False, allow_null=True)
    delimiter = serializers.CharField(
        required=False, allow_null=True, max_length=1, trim_whitespace=False, help_text="One character."
    )
    quote_char = serializers.CharField(
        required=False, allow_null=True, allow_blank=True, max_length=1, help_text='"": none.'
    )
    skip_lines = serializers.IntegerField(
        required=False,
        allow_null=True,
        min_value=0,
        max_value=10_000,
        help_text="Lines to skip before the header.",
    )
    header_rows = serializers.IntegerField(
        required=False, allow_null=True, min_value=0, max_value=5, help_text="0: there is no header."
    )
    skip_after = serializers.IntegerField(
        required=False,
        allow_null=True,
        min_value=0,
        max_value=10_000,
        help_text="Lines to skip after the header.",
    )
    sheet = serializers.CharField(required=False, allow_null=True, max_length=200, trim_whitespace=False)
    decimal = serializers.ChoiceField(choices=[".", ","], required=False, allow_null=True)
    date_order = serializers.ChoiceField(choices=DATE_ORDERS, required=False, allow_null=True)
    names = _Names(serializers.CharField(max_length=500), help_text="New names by the names in the file.")
    types = _Names(serializers.ChoiceField(choices=[kind.value for kind in ColumnType]))

    def validate_delimiter(self, delimiter: str | None) -> str | None:
        if delimiter is not None and (delimiter.isalnum() or delimiter in '\r\n"'):
            raise serializers.ValidationError("Letters, digits, quotes and line ends delimit nothing.")
        return delimiter

    def validate_names(self, names: dict[str, str]) -> dict[str, str]:
        if any(is_deceptive(name) for name in names.values()):
            raise serializers.ValidationError("A name holds no control characters and no signs that turn it.")
        return names


class CorrectionsSerializer(serializers.Serializer[Any]):
    """A person's corrections. Columns go by their names in the file: `name_in_file`."""

    dialect = DialectSerializer(required=False)
    descriptions = _Names(serializers.CharField(max_length=5_000, allow_blank=True))
    tags = _Names(
        serializers.DictField(child=serializers.BooleanField()),
        help_text="Tags by full name: true adds one, false removes it.",
    )

    def validate_tags(self, tags: dict[str, dict[str, bool]]) -> dict[str, dict[str, bool]]:
        named = {fqn for own in tags.values() for fqn in own}
        known = {tag.fqn for tag in Tag.objects.filter(fqn__in=named)} - {AWAITS_OWNER}
        if named - known:
            raise serializers.ValidationError("There is no such tag.")
        return tags


def corrections_from(data: Any) -> Corrections:
    """Raises ValidationError."""
    serializer = CorrectionsSerializer(data=data)
    serializer.is_valid(raise_exception=True)
    return corrections_told(serializer.validated_data)


def corrections_told(told: Mapping[str, Any]) -> Corrections:
    """`told`: validated by CorrectionsSerializer."""
    dialect = {name: value for name, value in told.get("dialect", {}).items() if value is not None}
    return Corrections(Dialect(**dialect), told.get("descriptions", {}), told.get("tags", {}))


class PreviewOfSerializer(WishSerializer):
    """The preview of a held file that came in parts."""

    upload = serializers.UUIDField(help_text="The id at the end of the upload's address.")
    corrections = CorrectionsSerializer(
        required=False, help_text="Default: the corrections of the previous version."
    )


class PreviewFormSerializer(WishSerializer):
    file = serializers.FileField(help_text="One file, sent with its file name.")


class KeepSerializer(WishSerializer):
    corrections = CorrectionsSerializer(
        required=False, help_text="Default: those of the last preview. {}: none."
    )


# --- What goes out ----------------------------------------------------------------------------------------


class FoundSerializer(serializers.Serializer[Any]):
    """How the file was read. null if its format has no such property."""

    format = serializers.CharField()
    encoding = serializers.CharField(allow_null=True)
    delimiter = serializers.CharField(allow_null=True)
    quote_char = serializers.CharField(allow_null=True)
    escape_char = serializers.CharField(allow_null=True)
    comment = serializers.CharField(allow_null=True)
    skip_lines = serializers.IntegerField(allow_null=True)
    header_rows = serializers.IntegerField(allow_null=True)
    skip_after = serializers.IntegerField(allow_null=True)
    sheet = serializers.CharField(allow_null=True)
    sheets = serializers.ListField(child=serializers.CharField())
    decimal = serializers.CharField(allow_null=True)
    date_order = serializers.CharField(allow_null=True)


class PreviewedTagSerializer(serializers.Serializer[Any]):
    tag = serializers.CharField()
    state = serializers.ChoiceField(choices=["suggested", "confirmed"])
    evidence = serializers.JSONField(help_text="The classifier's evidence. Examples in it are masked.")


class PreviewedColumnSerializer(serializers.Serializer[Any]):
    name = serializers.CharField()
    name_in_file = serializers.CharField()
    type = serializers.ChoiceField(choices=[kind.value for kind in ColumnType])
    unit = serializers.CharField(help_text="A currency code, or %.")
    position = serializers.IntegerField()
    description = serializers.CharField()
    filled = serializers.IntegerField(help_text="Cells with a value, among the rows read for the preview.")
    distinct = serializers.IntegerField()
    missing_words = serializers.IntegerField(help_text="Cells with a word for a missing value, such as N/A.")
    tags = PreviewedTagSerializer(many=True)
    masked_for_others = serializers.BooleanField()
    masked_because = serializers.ListField(child=serializers.CharField())
    index = serializers.ChoiceField(choices=["index", "mask", "leave_out"])


class NamedDatasetSerializer(serializers.Serializer[Any]):
    dataset = serializers.UUIDField()
    dataset_name = serializers.CharField()


class SameBytesSerializer(NamedDatasetSerializer):
    version = serializers.IntegerField()
    page = serializers.CharField()


class ColumnChangesSerializer(serializers.Serializer[Any]):
    """Changes since version `version`."""

    version = serializers.IntegerField()
    added = serializers.ListField(child=serializers.CharField())
    dropped = serializers.ListField(child=serializers.CharField())
    renamed = serializers.ListField(child=serializers.DictField(child=serializers.CharField()))
    retyped = serializers.ListField(child=serializers.DictField(child=serializers.CharField()))


class PreviewSerializer(serializers.Serializer[Any]):
    """datasets.previews.preview.Preview"""

    upload = serializers.UUIDField()
    expires = serializers.DateTimeField(help_text="When it is deleted, unless it is kept or previewed again.")
    filename = serializers.CharField()
    size_bytes = serializers.IntegerField()
    found = FoundSerializer()
    rows_seen = serializers.IntegerField()
    whole = serializers.BooleanField(help_text="Whether the preview has read all rows of the file.")
    columns = PreviewedColumnSerializer(many=True)
    values = serializers.ListField(
        child=serializers.ListField(child=serializers.CharField(allow_null=True)),
        help_text="The first 50 rows as they would be stored: rows × columns.",
    )
    written = serializers.ListField(
        child=serializers.ListField(child=serializers.CharField(allow_null=True)),
        help_text="The same cells as written in the file, if that differs.",
    )
    notes = serializers.ListField(child=serializers.CharField())
    dataset = NamedDatasetSerializer(allow_null=True, help_text="null: the file would create one.")
    changes = ColumnChangesSerializer(allow_null=True)
    same_bytes = SameBytesSerializer(many=True)
    alike = NamedDatasetSerializer(many=True, help_text="Datasets of yours with the same columns.")
    corrections = CorrectionsSerializer()
    remembered = serializers.BooleanField(help_text="Whether the previous version's corrections were used.")
