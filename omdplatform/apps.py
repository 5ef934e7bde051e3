from django.apps import AppConfig


class PlatformConfig(AppConfig):
    name = "omdplatform"
    verbose_name = "Platform"

    def ready(self) -> None:
        from omdplatform import checks  # noqa: F401 - registers them
        from omdplatform.accounts import sessions  # noqa: F401 - listens to who signs in
