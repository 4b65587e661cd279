"""The second step: a schema that stops at 0001 is half migrated."""
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("orders", "0001_initial")]
    operations = [migrations.AddField("order", "note", models.TextField(default=""))]
