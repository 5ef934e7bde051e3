"""Removes the task queue from the admin site: its form would accept the dotted path of any function."""

from django.contrib import admin
from django_q.models import Failure, OrmQ, Schedule, Success

from omdplatform.accounts.forms import AdminSignInForm

admin.site.login_form = AdminSignInForm

# Jobs have pages of their own: see datasets.admin. Nobody may edit the queue.
for _model in (Schedule, Success, Failure, OrmQ):
    if admin.site.is_registered(_model):
        admin.site.unregister(_model)
