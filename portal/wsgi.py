"""WSGI entry point. Settings are checked before the first request is taken."""

import os

from django.core.management import call_command
from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings.base")

application = get_wsgi_application()
call_command("check", fail_level="ERROR")
