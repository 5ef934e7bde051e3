"""Reading a question against a table: which words name columns, cells, numbers, dates, or say what to do."""
