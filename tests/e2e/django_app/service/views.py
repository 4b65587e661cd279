"""Views that answer as the service of the incidents did, well or badly."""
import time

import redis
from django.conf import settings
from django.db import DatabaseError, connection
from django.http import HttpResponse, JsonResponse, StreamingHttpResponse
from django.template import engines

BODIES = {
    401: {"detail": "Authentication credentials were not provided."},
    403: {"detail": "You do not have permission to perform this action."},
    404: {"detail": "Not found."},
    500: {"detail": "Internal server error."},
    503: {"status": "unhealthy", "database": {"status": "disconnected"}},
}
HEADERS = {401: {"WWW-Authenticate": 'Bearer realm="api"'}}


def live(request):
    body = {"status": "healthy"}
    if settings.LIVE_ASKS_DATABASE:
        body["database"] = database_state()
    return answer(body)


def ready(request):
    body = {"status": "healthy", "database": database_state()}
    if settings.REDIS_URL:
        body["redis"] = redis_state()
    return answer(body)


def answer(body):
    parts = [part for part in body.values() if isinstance(part, dict)]
    if all(part["status"] == "connected" for part in parts):
        return JsonResponse(body)
    body["status"] = "unhealthy"
    return JsonResponse(body, status=503)


def database_state():
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
            return {"status": "connected"}
    except DatabaseError:
        return {"status": "disconnected"}


def redis_state():
    try:
        redis.Redis.from_url(settings.REDIS_URL, socket_timeout=2).ping()
        return {"status": "connected"}
    except (redis.RedisError, ValueError):
        return {"status": "disconnected"}


def status(request, code):
    """Any HTTP status, with the body that a Django service sends with it."""
    return JsonResponse(BODIES.get(code, {}), status=code, headers=HEADERS.get(code, {}))


def sleep(request, seconds):
    time.sleep(float(seconds))
    return JsonResponse({"slept": float(seconds)})


def drip(request, interval):
    """A body without end: one byte each interval (seconds), until the client goes or the worker is killed."""

    def drops():
        while True:
            yield b"."
            time.sleep(float(interval))

    return StreamingHttpResponse(drops(), content_type="text/plain")


def big(request, size):
    return HttpResponse(b"x" * size, content_type="text/plain")


def headers(request):
    """What the client sent, as Django saw it."""
    return JsonResponse(
        {"method": request.method, "path": request.get_full_path(), "headers": dict(request.headers)}
    )


def fail(request):
    raise RuntimeError("this view always raises")


def page(request):
    """A page that links a static file: with STATIC_MANIFEST it fails until collectstatic has run."""
    template = '{% load static %}<link rel="stylesheet" href="{% static "app.css" %}">'
    return HttpResponse(engines["django"].from_string(template).render())
