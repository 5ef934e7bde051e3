"""The platform's own settings, with failpoints in its pipeline."""

from omdplatform.settings import *  # noqa: F403
from omdplatform.settings import INSTALLED_APPS as OURS

INSTALLED_APPS = [*OURS, "tests.torture"]
