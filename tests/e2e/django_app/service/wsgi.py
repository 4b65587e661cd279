"""Where Gunicorn finds the service. START_DELAY (seconds) stands for an import that takes its time."""
import os
import time

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "service.settings")
time.sleep(float(os.environ.get("START_DELAY", "0")))
application = get_wsgi_application()
