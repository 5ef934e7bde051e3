"""Which plan a question most likely means: fitted to questions with known answers."""
