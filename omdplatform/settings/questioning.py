"""Questions: vectors, figures over masked columns, and the optional language model."""

from __future__ import annotations

import os

from omdplatform.base.environment import number, text

# CHROMA_URL: http://chroma:8000. Absent: `chroma run` on loopback, one for each data folder.
CHROMA_URL = text("CHROMA_URL")
# A name or path for sentence-transformers, or a dotted path to a class of yours. Absent: the packaged model.
EMBEDDING_MODEL = text("EMBEDDING_MODEL")
# Any server with the OpenAI-compatible embeddings call. Absent: in process.
EMBEDDING_URL = text("EMBEDDING_URL")
# Rows of one version that are indexed at most; answers say what they cover.
INDEX_MAX_ROWS = number("INDEX_MAX_ROWS", default=100_000)
# How many sums and averages over its masked columns a dataset tells those who may not see them, in all and to
# everybody together; the first of a column costs four. Each has noise.
PROTECTED_FIGURES = number("PROTECTED_FIGURES", default=40)
# How many days a question is kept by its id, to be gone on from, opened again and shared; 0 keeps none.
# Answers are never kept.
QUESTIONS_KEPT_DAYS = number("QUESTIONS_KEPT_DAYS", default=90)
# Nothing is fetched from a model hub while we run.
os.environ.setdefault("HF_HUB_OFFLINE", "1")
os.environ.setdefault("TRANSFORMERS_OFFLINE", "1")

# Any server with the OpenAI-compatible call POST {LLM_BASE_URL}/chat/completions, such as
# http://localhost:11434/v1. Absent: answers are computed and looked up without one.
LLM_BASE_URL = text("LLM_BASE_URL")
# Which of its models is asked, and the bearer token it wants, if any.
LLM_MODEL = text("LLM_MODEL")
LLM_API_KEY = text("LLM_API_KEY")
# Seconds that one question waits for it at most, all its calls together.
LLM_TIMEOUT = number("LLM_TIMEOUT", default=8)
