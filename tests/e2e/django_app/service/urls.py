"""The four health paths of the deployment, and one path for everything else that can be asked of a server."""
from django.urls import path

from . import views

urlpatterns = [
    path("api/v1/health/", views.live),
    path("api/v1/health/live/", views.live),
    path("api/v1/ready/", views.ready),
    path("api/v1/health/ready/", views.ready),
    path("status/<int:code>/", views.status),
    path("sleep/<str:seconds>/", views.sleep),
    path("drip/<str:interval>/", views.drip),
    path("big/<int:size>/", views.big),
    path("headers/", views.headers),
    path("raise/", views.fail),
    path("page/", views.page),
]
