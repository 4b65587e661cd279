"""A rate limiter of the simple kind: it counts every request, the health check's too."""
import math
import time

from django.conf import settings
from django.http import JsonResponse

WINDOW_SECONDS = 60


class RateLimit:
    """Counts in this process only: use one Gunicorn worker."""

    def __init__(self, get_response):
        self.get_response = get_response
        self.count = 0
        self.window_end = 0.0

    def __call__(self, request):
        wait = self.seconds_to_wait()
        if wait == 0:
            return self.get_response(request)
        body = {"detail": f"Request was throttled. Expected available in {wait} seconds."}
        return JsonResponse(body, status=429, headers={"Retry-After": str(wait)})

    def seconds_to_wait(self):
        now = time.monotonic()
        if now >= self.window_end:
            self.count = 0
            self.window_end = now + WINDOW_SECONDS
        self.count += 1
        if settings.RATE_LIMIT == 0 or self.count <= settings.RATE_LIMIT:
            return 0
        return math.ceil(self.window_end - now)
