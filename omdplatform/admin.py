"""What the admin site must not offer: a form of the task queue takes the dotted path of any function."""

from django.contrib import admin
from django_q.models import Failure, OrmQ, Schedule, Success

from omdplatform.accounts.forms import AdminSignInForm

admin.site.login_form = AdminSignInForm

# Jobs are ours, and on a page of their own: see datasets.admin. The queue is nobody's to edit.
for _model in (Schedule, Success, Failure, OrmQ):
    if admin.site.is_registered(_model):
        admin.site.unregister(_model)
