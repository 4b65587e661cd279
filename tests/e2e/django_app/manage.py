#!/usr/bin/python3
"""Django's own command line for the service under test."""
import os
import sys

from django.core.management import execute_from_command_line

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "service.settings")
execute_from_command_line(sys.argv)
