"""A program that uses the API of a running platform."""

from __future__ import annotations

import base64
import time
from pathlib import Path
from typing import Any

import httpx

from tests.running import RunningPlatform

PART_BYTES = 8 * 1024**2


class Client:
    """Signed in as the first administrator. Raises httpx.HTTPStatusError for every refusal."""

    def __init__(self, platform: RunningPlatform) -> None:
        self.http = httpx.Client(base_url=platform.url, timeout=120)
        name, password = platform.admin
        token = self.post("api/v1/tokens", {"username": name, "password": password})["access_token"]
        self.http.headers["Authorization"] = f"Bearer {token}"

    def get(self, path: str) -> Any:
        return self.http.get(path).raise_for_status().json()

    def post(self, path: str, body: dict[str, Any]) -> Any:
        return self.http.post(path, json=body).raise_for_status().json()

    def upload(self, path: Path) -> str:
        """The file in parts by tus; the id of its job."""
        name = base64.b64encode(path.name.encode()).decode()
        tus = {"Tus-Resumable": "1.0.0"}
        begun = self.http.post(
            "api/v1/uploads/",
            headers={
                **tus,
                "Upload-Length": str(path.stat().st_size),
                "Upload-Metadata": f"filename {name}",
            },
        ).raise_for_status()
        sent, response = 0, begun
        with path.open("rb") as file:
            while part := file.read(PART_BYTES):
                response = self.http.patch(
                    begun.headers["Location"],
                    content=part,
                    headers={
                        **tus,
                        "Upload-Offset": str(sent),
                        "Content-Type": "application/offset+octet-stream",
                    },
                ).raise_for_status()
                sent += len(part)
        return response.headers["X-Job"]

    def job(self, job_id: str) -> dict[str, Any]:
        return self.get(f"api/v1/jobs/{job_id}")  # type: ignore[no-any-return]

    def wait_for(self, job_id: str, *, seconds: float = 3_600) -> dict[str, Any]:
        """The job at its end, which must be a good one."""
        until = time.monotonic() + seconds
        while (job := self.job(job_id))["state"] in {"queued", "running"}:
            if time.monotonic() > until:
                raise TimeoutError(job["step"])
            time.sleep(0.5)
        if job["state"] != "succeeded":
            raise RuntimeError(job["error"])
        return job
