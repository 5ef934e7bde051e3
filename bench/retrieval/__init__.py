"""How well rows are found: tables, questions with their right rows, and a measure of each way of search."""
