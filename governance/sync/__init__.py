"""Keeps our decisions and a catalog that people edit in agreement, by a three-way merge.

Three states of each column are compared: ours (the last decisions of people here, see governance.curation),
the catalog's, and the last agreement (CatalogAgreement for columns, CatalogMirror for the table). A
difference between the catalog and the last agreement was edited there. A difference between our state and the
last agreement was edited here.

- `agreement.look` requests the table. If it differs from the last agreement, the catalog's history says
  who edited what and when (`merging`), and `taking_over` writes that as decisions: a person's edit is a
  person's decision, a tool's is a suggestion, and a tool cannot remove anything. The latest edit of a
  person wins.
- What we have and the catalog then lacks is owed to it (CatalogDebt). `registration` sends it, and
  `agreement.settle` records the new agreement, from what was read back only.
- Until both sides agree, the stricter side applies: see governance.rights.access.held_tags.

Content is compared, never version numbers: a server merges a person's edits of ten minutes, and its versions
and times go back when an edit is undone. The history does not show an undone edit. Only people confirm tags
and remove confirmed ones, which shows whose edit it was. An answer that was fetched before a newer agreement
is dropped. A table that was deleted there gets no updates until a person decides about it. `freshness`
decides when to look, and knows how old our copy is.
"""
