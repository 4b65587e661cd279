"""What `probe suggest` prints, taken apart as those who read it do: Docker, compose, Kubernetes, ECS.

A suggestion is worth what its commands are: Suggestion.ask() runs them where they belong.
"""
import json
import re
import shlex

import yaml

FORMATS = ("dockerfile", "compose", "kubernetes", "ecs")
COMMENT = re.compile(r"^#.*\n", re.MULTILINE)
HEALTHCHECK = re.compile(r"HEALTHCHECK((?: --[a-z-]+=\S+)+) CMD (\[.*\])\n")


def read_dockerfile(text):
    """Its options and its command."""
    options, command = HEALTHCHECK.fullmatch(COMMENT.sub("", text)).groups()
    return {**dict(word[2:].split("=") for word in shlex.split(options)), "command": json.loads(command)}


def read_compose(text):
    return yaml.safe_load(text)["healthcheck"]


def read_kubernetes(text):
    return yaml.safe_load(text)


def read_ecs(text):
    return json.loads("{" + text + "}")["healthCheck"]


READERS = {"dockerfile": read_dockerfile, "compose": read_compose, "kubernetes": read_kubernetes, "ecs": read_ecs}


class Suggestion:
    """One container's, in every format."""

    def __init__(self, run_probe, validate, through, env=None):
        self.run_probe = run_probe
        self.options = {"through": through, "env": env}
        self.text = run_probe("suggest", limit=None, **self.options)
        self.report = run_probe("suggest", "-o", "json", limit=None, **self.options).json()
        validate(self.report)
        self.first = self.text.first
        self.stanzas = {name: READERS[name](self.report[name]) for name in FORMATS}

    def alone(self, name):
        """What --format prints, for a file."""
        result = self.run_probe("suggest", f"--format={name}", limit=None, **self.options)
        assert result.status == 0, result
        return READERS[name](result.out)

    def commands(self):
        """Every command of every stanza, without the program."""
        kubernetes = self.stanzas["kubernetes"]
        yield self.stanzas["dockerfile"]["command"]
        yield self.stanzas["compose"]["test"][1:]
        for probe in ("startupProbe", "livenessProbe", "readinessProbe"):
            yield kubernetes[probe]["exec"]["command"]
        yield self.stanzas["ecs"]["command"][1:]

    @property
    def live(self):
        return self.report["live"][1:]

    @property
    def ready(self):
        return self.report["ready"][1:]

    def ask(self):
        """Runs every command; each must be healthy."""
        for command in {tuple(command) for command in self.commands()}:
            result = self.run_probe(*command[1:], **self.options)
            assert result.status == 0, result
