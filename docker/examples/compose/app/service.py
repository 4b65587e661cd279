"""A Django service in one file: /api/v1/health/ says that it answers, /api/v1/ready/ that it can serve."""
import os

import redis
from django.conf import settings
from django.core.wsgi import get_wsgi_application
from django.db import DatabaseError, connection
from django.http import JsonResponse
from django.urls import path

settings.configure(
    SECRET_KEY=os.environ["SECRET_KEY"],
    ALLOWED_HOSTS=["localhost", "web"],
    ROOT_URLCONF=__name__,
    DATABASES={
        "default": {
            "ENGINE": "django.db.backends.postgresql",
            "HOST": os.environ["DB_HOST"],
            "NAME": os.environ["DB_NAME"],
            "USER": os.environ["DB_USER"],
            "PASSWORD": os.environ["DB_PASSWORD"],
            "OPTIONS": {"connect_timeout": 2},
        }
    },
)


def health(request):
    return JsonResponse({"status": "healthy"})


def ready(request):
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
        redis.Redis.from_url(os.environ["REDIS_URL"], socket_timeout=2).ping()
    except (DatabaseError, redis.RedisError) as error:
        return JsonResponse({"status": "unhealthy", "cause": type(error).__name__}, status=503)
    return JsonResponse({"status": "healthy"})


urlpatterns = [path("api/v1/health/", health), path("api/v1/ready/", ready)]
application = get_wsgi_application()
