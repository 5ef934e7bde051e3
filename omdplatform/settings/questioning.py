"""Questions: vectors, figures over masked columns, and the optional language model."""

from __future__ import annotations

import os

from omdplatform.base.environment import number, text

# CHROMA_URL: http://chroma:8000. Absent: `chroma run` on loopback, one for each data folder.
CHROMA_URL = text("CHROMA_URL")
# A name or path for sentence-transformers, or a dotted path to your own class. two-stages: rows by a static
# model, and the best of them by the packaged one. Absent: the packaged model. Neither needs torch.
EMBEDDING_MODEL = text("EMBEDDING_MODEL")
# Any server with the OpenAI-compatible embeddings call. Absent: in process.
EMBEDDING_URL = text("EMBEDDING_URL")
# The most rows of one version that are indexed. Answers say how many they cover.
INDEX_MAX_ROWS = number("INDEX_MAX_ROWS", default=100_000)
# The most protected sums and averages over its masked columns that a dataset gives, in total for all its
# readers. The first of a column counts four times. Each has noise.
PROTECTED_FIGURES = number("PROTECTED_FIGURES", default=40)
# Days for which a question is kept under its id, to continue it, open it again and share it; 0 keeps none.
# Answers are never kept.
QUESTIONS_KEPT_DAYS = number("QUESTIONS_KEPT_DAYS", default=90)
# Nothing is downloaded from a model hub at run time.
os.environ.setdefault("HF_HUB_OFFLINE", "1")
os.environ.setdefault("TRANSFORMERS_OFFLINE", "1")

# Any server with the OpenAI-compatible call POST {LLM_BASE_URL}/chat/completions, such as
# http://localhost:11434/v1. Absent: answers are computed and looked up without one.
LLM_BASE_URL = text("LLM_BASE_URL")
# The model to use, and the server's bearer token, if any.
LLM_MODEL = text("LLM_MODEL")
LLM_API_KEY = text("LLM_API_KEY")
# The most seconds that one question waits for it, all its calls together.
LLM_TIMEOUT = number("LLM_TIMEOUT", default=8)
