"""Our decisions and a catalog that people edit, kept in agreement by a three-way merge.

Three states of each column are compared: what we hold (the last word of people here, see
governance.curation), what the catalog holds, and what both held when they last agreed (CatalogAgreement for
columns, CatalogMirror for the table). What differs between the catalog and the last agreement was edited
there; what differs between us and the last agreement was edited here.

- `agreement.look` asks for the table. Where its content differs from the last agreement, the catalog's
history
  says who edited what and when (`merging`), and `taking_over` writes that down as decisions: a person's
  edit is a person's word, a tool's is a suggestion, and a tool takes nothing off. The latest word of a
  person wins.
- What we hold and the catalog lacks after that is owed to it (CatalogDebt). `registration` tells it, and
  `agreement.settle` notes the new agreement, of what was read back and of nothing else.
- Until both sides agree the stricter holds: see governance.rights.access.held_tags.

Content is compared, never whether a version is larger: a server puts a person's edits of ten minutes
together, and its versions and times go back where an edit is taken back. Of such an edit the history tells
nothing; only people confirm tags and take confirmed ones off, which tells whose it was. An answer that was
fetched before somebody else agreed is dropped. A table that was deleted there is told nothing more until a
person says what is to become of it. `freshness` says when to look, and how old what we know is.
"""
