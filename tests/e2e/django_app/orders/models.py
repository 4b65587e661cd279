"""One table, so that there is a schema to be out of date."""
from django.db import models


class Order(models.Model):
    number = models.CharField(max_length=20)
    note = models.TextField(default="")
