"""What deploy/ says in several places agrees, and what its scripts make is what the platform takes."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import venv
import zipfile
from importlib.metadata import distribution, distributions
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import yaml
from cryptography.fernet import Fernet
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from omdplatform.base.digests import sha256_of
from tests.running import PROJECT
from tests.variables import variables_of_settings

DEPLOY = PROJECT / "deploy"
COMPOSE = (DEPLOY / "compose.yaml").read_text()
DOCKERFILE = (DEPLOY / "Dockerfile").read_text()
INSTALLING = DEPLOY / "install_packages"
MINIO = (DEPLOY / "minio.Dockerfile").read_text()
SERVICES: dict[str, Any] = yaml.safe_load(COMPOSE)["services"]
# Those that run the platform's code with its settings.
PLATFORM = ["setup", "web", "worker"]
ONE_SHOT = {"setup", "openmetadata-migrate"}


@pytest.fixture(scope="module")
def made_env(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """What deploy/make_env writes for a look from this machine."""
    return variables_of(make_env(tmp_path_factory.mktemp("deploy")))


def make_env(folder: Path, *arguments: str) -> Path:
    shutil.copy(DEPLOY / "make_env", folder)
    subprocess.run([folder / "make_env", *arguments], check=True, capture_output=True)
    return folder / ".env"


def variables_of(path: Path) -> dict[str, str]:
    lines = [line for line in path.read_text().splitlines() if line and not line.startswith("#")]
    return {name: value for name, _, value in (line.partition("=") for line in lines)}


def filled_in(node: Any, variables: dict[str, str]) -> Any:
    """As compose does it, within each text: ${NAME}, ${NAME:-default}, ${NAME:?complaint}."""
    if isinstance(node, dict):
        return {name: filled_in(inner, variables) for name, inner in node.items()}
    if isinstance(node, list):
        return [filled_in(inner, variables) for inner in node]
    if not isinstance(node, str):
        return node

    def value(match: re.Match[str]) -> str:
        found = variables.get(match["name"], "") or match["default"]
        return found or ""

    return re.sub(r"\$\{(?P<name>\w+)(?::-(?P<default>[^}]*)|:\?[^}]*)?\}", value, node)


def settings_of(service: str, variables: dict[str, str]) -> dict[str, str]:
    return dict(filled_in(SERVICES[service]["environment"], variables))


# --- Names, ports, variables ------------------------------------------------------------------------------


def test_every_variable_is_one_that_the_settings_read() -> None:
    read = variables_of_settings()
    for service in PLATFORM:
        assert set(SERVICES[service]["environment"]) <= read, service
    fixed = set(re.findall(r"^(?:ENV |    )([A-Z_]+)=", DOCKERFILE, re.MULTILINE))
    foreign = {
        "PATH",
        "PYTHONUNBUFFERED",
        "PYTHONDONTWRITEBYTECODE",
        "HF_HUB_OFFLINE",
        "ANONYMIZED_TELEMETRY",
    }
    assert fixed - foreign - {"VIRTUAL_ENV"} == {"OMD_DATA_DIR", "OMD_KEYS_DIR", "STATIC_ROOT"}


def test_make_env_makes_what_compose_asks_for(made_env: dict[str, str]) -> None:
    asked = set(re.findall(r"(?<!\$)\$\{(\w+)", COMPOSE))
    assert asked == set(made_env)
    required = set(re.findall(r"(?<!\$)\$\{(\w+):\?", COMPOSE))
    assert all(made_env[name] for name in required)


def test_addresses_lead_to_services_on_the_ports_where_they_listen(made_env: dict[str, str]) -> None:
    settings = settings_of("web", made_env)
    listening = {
        "postgresql": 5432,
        "redis": 6379,
        "minio": int(re.search(r"--address\", \":(\d+)", MINIO)[1]),  # type: ignore[index]
        "chroma": int(SERVICES["chroma"]["command"][SERVICES["chroma"]["command"].index("--port") + 1]),
        "openmetadata-server": int(SERVICES["openmetadata-server"]["environment"]["SERVER_PORT"]),
    }
    names = ("DATABASE_URL", "REDIS_URL", "S3_ENDPOINT_URL", "CHROMA_URL", "OPENMETADATA_HOST")
    addresses = [urlsplit(settings[name]) for name in names]
    assert {address.hostname: address.port for address in addresses} == listening
    assert addresses[-1].path == "/api"
    assert f"EXPOSE {listening['minio']}\n" in MINIO
    assert settings["PORT"] == "8000"
    assert "EXPOSE 8000\n" in DOCKERFILE
    metadata = SERVICES["openmetadata-server"]["environment"]
    assert metadata["AUTHENTICATION_PUBLIC_KEYS"] == (
        "[http://openmetadata-server:8585/api/v1/system/config/jwks]"
    )
    assert (metadata["DB_HOST"], int(metadata["DB_PORT"])) == ("postgresql", listening["postgresql"])
    assert metadata["ELASTICSEARCH_HOST"] in SERVICES


def test_users_and_passwords_are_those_that_the_servers_are_given(made_env: dict[str, str]) -> None:
    settings = settings_of("worker", made_env)
    script = (DEPLOY / "make_databases.sh").read_text()
    database = urlsplit(settings["DATABASE_URL"])
    assert database.password == made_env["PLATFORM_DB_PASSWORD"]
    assert f"CREATE ROLE {database.username} LOGIN PASSWORD :'platform_password';" in script
    assert f"CREATE DATABASE {database.path.strip('/')} OWNER {database.username};" in script
    metadata = settings_of("openmetadata-server", made_env)
    assert metadata["DB_USER_PASSWORD"] == made_env["OPENMETADATA_DB_PASSWORD"]
    assert f"CREATE DATABASE {metadata['OM_DATABASE']} OWNER {metadata['DB_USER']};" in script
    assert urlsplit(settings["REDIS_URL"]).password == settings_of("redis", made_env)["REDISCLI_AUTH"]
    minio = settings_of("minio", made_env)
    root = {name: minio[name] for name in ("MINIO_ROOT_USER", "MINIO_ROOT_PASSWORD")}
    assert root.items() <= settings_of("setup", made_env).items()
    assert not root.keys() & settings.keys()
    assert not set(root.values()) & {settings["S3_ACCESS_KEY"], settings["S3_SECRET_KEY"]}


@pytest.mark.slow
def test_the_platform_takes_these_settings(made_env: dict[str, str], tmp_path: Path) -> None:
    settings = {**settings_of("web", made_env), "OMD_DATA_DIR": str(tmp_path), "OMD_KEYS_DIR": str(tmp_path)}
    done = subprocess.run(
        [sys.executable, "manage.py", "check", "--deploy", "--fail-level", "ERROR"],
        cwd=PROJECT,
        env={"PATH": os.environ["PATH"], **settings},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr


# --- Who reaches what -------------------------------------------------------------------------------------


def test_only_the_pages_are_published_and_on_loopback(made_env: dict[str, str]) -> None:
    services = filled_in(SERVICES, made_env)
    published = {name: service["ports"] for name, service in services.items() if "ports" in service}
    assert published == {"web": ["127.0.0.1:8000:8000"], "openmetadata-server": ["127.0.0.1:8585:8585"]}
    assert yaml.safe_load(COMPOSE)["networks"]["inner"] == {"internal": True}
    for name, service in services.items():
        assert service["networks"] == (["inner", "outer"] if name in published else ["inner"]), name


def test_openmetadata_has_the_pair_that_the_platform_has_and_no_other() -> None:
    metadata = SERVICES["openmetadata-server"]
    assert metadata["volumes"] == ["catalog-keys:/keys/catalog:ro"]
    for half in ("PUBLIC", "PRIVATE"):
        path = metadata["environment"][f"RSA_{half}_KEY_FILE_PATH"]
        assert path == f"/keys/catalog/{half.lower()}_key.der"
    for name in PLATFORM:
        mounted = {volume.removesuffix(":ro") for volume in SERVICES[name]["volumes"]}
        assert {"catalog-keys:/keys/catalog", "api-keys:/keys/api"} <= mounted
        assert SERVICES[name]["environment"]["OMD_KEYS_DIR"] == "/keys"
    # The pair is made by `setup`, whose user is the one that reads it.
    assert re.findall(r"^USER (\S+)", DOCKERFILE, re.MULTILINE) == ["1000"]
    assert "--uid 1000" in DOCKERFILE
    assert set(metadata["depends_on"]) >= {"setup", "openmetadata-migrate"}


def test_every_server_has_a_health_check_and_a_version() -> None:
    for name, service in SERVICES.items():
        assert ("healthcheck" in service) == (name not in ONE_SHOT), name
        assert "build" in service or re.search(r":\d+\.\d+\.?\d*(-[a-z]+)?$", service["image"]), name
        for needed, how in service.get("depends_on", {}).items():
            ends = "service_completed_successfully" if needed in ONE_SHOT else "service_healthy"
            assert how == {"condition": ends}, (name, needed)
    named = {
        volume.partition(":")[0]
        for service in SERVICES.values()
        for volume in service.get("volumes", [])
        if not volume.startswith("./")
    }
    assert named == set(yaml.safe_load(COMPOSE)["volumes"])


def test_no_service_takes_all_memory_or_all_processes() -> None:
    for name, service in SERVICES.items():
        assert re.fullmatch(r"\d+[gm]", service["mem_limit"]), name
        assert 0 < service["pids_limit"] <= 2048, name


def test_versions_agree_with_the_packages() -> None:
    requirements = (PROJECT / "requirements.txt").read_text()
    client = re.search(r"^openmetadata-ingestion==(\d+\.\d+\.\d+)", requirements, re.MULTILINE)
    assert client
    for name in ("openmetadata-server", "openmetadata-migrate"):
        assert SERVICES[name]["image"] == f"openmetadata/server:{client[1]}"


# --- Images -----------------------------------------------------------------------------------------------


def test_the_image_holds_the_whole_platform_and_nothing_else() -> None:
    copied = set(re.findall(r"^COPY (\w[\w.]*) \./", DOCKERFILE, re.MULTILINE))
    packages = {path.parent.name for path in PROJECT.glob("*/__init__.py")} - {"tests", "bench"}
    assert copied == packages | {"manage.py", "templates", "static"}
    sent = set(re.findall(r"^!(\S+)", (PROJECT / ".dockerignore").read_text(), re.MULTILINE))
    assert sent == copied | {"requirements.txt", "deploy/install_packages"}


def test_a_processor_needs_no_library_for_graphics_cards() -> None:
    program = re.search(r"awk '([^']+)'", INSTALLING.read_text())
    assert program
    kept = subprocess.check_output(["awk", program[1], str(PROJECT / "requirements.txt")], text=True)
    left_out = set(pinned()) - set(re.findall(r"^([\w.-]+)==", kept, re.MULTILINE))
    assert "torch" in left_out
    assert len(re.findall(r"--hash=", kept)) > 1000
    assert not re.search(r"^(nvidia|cuda|triton|torch)\b", kept, re.MULTILINE)


def package(folder: Path, name: str, version: str) -> str:
    """An empty package in this folder; its line in a file of requirements."""
    wheel = folder / f"{name.replace('-', '_')}-{version}-py3-none-any.whl"
    wheel.parent.mkdir(parents=True, exist_ok=True)
    about = f"{wheel.name.partition('-py3')[0]}.dist-info"
    with zipfile.ZipFile(wheel, "w") as file:
        file.writestr(f"{about}/METADATA", f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n")
        file.writestr(f"{about}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        file.writestr(f"{about}/RECORD", "")
    return f"{name}=={version} \\\n    --hash=sha256:{sha256_of(wheel)}\n"


@pytest.mark.parametrize(
    ("index", "installed", "told"),
    [
        ("index", {"torch": "1.0+cpu", "tool": "1.0"}, "is the one for processors only."),
        ("nowhere", {"torch": "1.0", "tool": "1.0", "nvidia-x": "1.0"}, "cannot be had here"),
    ],
)
def test_torch_for_processors_where_it_can_be_had(
    index: str, installed: dict[str, str], told: str, tmp_path: Path
) -> None:
    requirements = tmp_path / "requirements.txt"
    lines = [package(tmp_path / "pinned", name, "1.0") for name in ("nvidia-x", "tool", "torch")]
    requirements.write_text(f"--no-index\n--find-links {tmp_path / 'pinned'}\n{''.join(lines)}")
    package(tmp_path / "index" / "torch", "torch", "1.0+cpu")
    page = '<a href="torch-1.0+cpu-py3-none-any.whl">torch-1.0+cpu-py3-none-any.whl</a>'
    (tmp_path / "index" / "torch" / "index.html").write_text(page)
    venv.create(tmp_path / "venv", symlinks=True)
    (tmp_path / "venv" / "bin" / "uv").symlink_to(Path(sys.executable).with_name("uv"))
    said = subprocess.check_output(
        [INSTALLING, tmp_path / "venv" / "bin" / "python", requirements],
        env={**os.environ, "CI": "true", "TORCH_INDEX": (tmp_path / index).as_uri()},
        text=True,
    )
    assert told in said
    found = distributions(path=[*map(str, (tmp_path / "venv").glob("lib/*/site-packages"))])
    assert {each.name: each.version for each in found} == installed


def test_each_package_is_pinned_with_its_hashes() -> None:
    for name, block in pinned().items():
        assert "--hash=sha256:" in block, name


def test_the_requirements_name_all_that_they_need() -> None:
    """The image installs them as they stand, without resolving."""
    names = {canonicalize_name(name) for name in pinned()}
    missing = [
        f"{name} needs {requirement.name}"
        for name in names
        for requirement in map(Requirement, distribution(name).requires or ())
        if (not requirement.marker or requirement.marker.evaluate({"extra": ""}))
        and canonicalize_name(requirement.name) not in names
    ]
    assert missing == []


def pinned() -> dict[str, str]:
    """Each package's lines in requirements.txt, by name."""
    text = (PROJECT / "requirements.txt").read_text()
    blocks = re.findall(r"^([\w.-]+)==((?:.|\n )*)", text, re.MULTILINE)
    return dict(blocks)


# --- deploy/make_env --------------------------------------------------------------------------------------


def test_secrets_are_random_and_private(made_env: dict[str, str], tmp_path: Path) -> None:
    path = make_env(tmp_path)
    assert path.stat().st_mode & 0o777 == 0o600
    again = variables_of(path)
    secrets = {name for name in made_env if again[name] != made_env[name]}
    assert secrets == {
        "SECRET_KEY", "POSTGRES_PASSWORD", "PLATFORM_DB_PASSWORD", "OPENMETADATA_DB_PASSWORD",
        "REDIS_PASSWORD", "MINIO_ROOT_USER", "MINIO_ROOT_PASSWORD", "S3_ACCESS_KEY", "S3_SECRET_KEY",
        "FERNET_KEY",
    }  # fmt: skip
    assert len({made_env[name] for name in secrets}) == len(secrets)
    assert all(re.fullmatch(r"[0-9a-f]{64}", made_env[name]) for name in secrets - {"FERNET_KEY"})
    Fernet(made_env["FERNET_KEY"])


def test_what_is_there_is_not_overwritten(tmp_path: Path) -> None:
    path = make_env(tmp_path)
    before = path.read_text()
    again = subprocess.run([tmp_path / "make_env"], check=False, capture_output=True, text=True)
    assert (again.returncode, path.read_text()) == (1, before)
    assert "there already" in again.stderr


def test_behind_a_proxy_https_is_insisted_on(tmp_path: Path) -> None:
    made = variables_of(make_env(tmp_path, "platform.example"))
    assert (made["ALLOWED_HOSTS"], made["CSRF_TRUSTED_ORIGINS"]) == (
        "platform.example",
        "https://platform.example",
    )
    assert (made["SECURE_SSL_REDIRECT"], made["SECURE_PROXY_HEADER"]) == ("1", "X-Forwarded-Proto")
