"""What a run must come to, for people and for programs: the same question is asked as text and as JSON.

The words in `says` must stand in the first line, which is all that many engines show.
"""
from runner import has_tls


class Verdict:
    """verdict.unhealthy("live", url, cause="refused", says=["127.0.0.1"]): gives the run in text, to look at more.

    once=True asks in text only, where asking twice would change what is seen. The other options are run_probe's.
    """

    def __init__(self, run_probe, validate):
        self.run_probe = run_probe
        self.validate = validate

    def healthy(self, *arguments, says=(), once=False, **options):
        result = self.run_probe(*arguments, **options)
        assert result.status == 0, f"it is healthy:\n{result}"
        expect_first_line(result, "healthy in ", says)
        if not once:
            self.as_json(arguments, options, 0, "healthy")
        return result

    def unhealthy(self, *arguments, cause, says=(), once=False, **options):
        """cause: that of the only failure, or a list with one for each, in the order of the targets;
        a tuple where it depends on who is faster which of them it is."""
        causes = cause if isinstance(cause, list) else [cause]
        result = self.run_probe(*arguments, **options)
        assert result.status == 1, f"it is unhealthy:\n{result}"
        expect_first_line(result, "unhealthy in ", says)
        found = [line.split()[1].rstrip(":") for line in result.lines if line.startswith("  cause ")]
        assert are(found, causes), f"the causes are {found}, not {causes}:\n{result}"
        if not once:
            report = self.as_json(arguments, options, 1, "unhealthy")
            found = [check["cause"] for check in report["checks"] if check["status"] == "unhealthy"]
            assert are(found, causes), f"the causes in JSON are {found}, not {causes}:\n{report}"
        return result

    def misconfigured(self, *arguments, says=(), **options):
        result = self.run_probe(*arguments, **options)
        assert (result.status, len(result.lines)) == (1, 1), f"exit status 1 and one line:\n{result}"
        expect_first_line(result, "misconfigured: ", says)
        return result

    def needs_tls(self, *arguments, says, **options):
        """What only the build with TLS can ask: without TLS it is refused before anything is sent; with it, it is asked, and
        the test has nobody there who answers."""
        if not has_tls(self.run_probe.binary):
            return self.misconfigured(*arguments, says=says, **options)
        result = self.run_probe(*arguments, **options)
        assert result.status == 1, f"it is unhealthy:\n{result}"
        expect_first_line(result, "unhealthy in ", [])
        return result

    def as_json(self, arguments, options, exit_status, status):
        command, *rest = arguments
        result = self.run_probe(command, "--output", "json", *rest, **options)
        report = result.json()
        self.validate(report)
        assert (result.status, report["status"]) == (exit_status, status), f"as JSON it is {status}:\n{result}"
        return report


def are(found, causes):
    """Whether each cause found is the one expected, or among those expected."""
    expected = [(cause,) if isinstance(cause, str) else cause for cause in causes]
    return len(found) == len(expected) and all(one in several for one, several in zip(found, expected))


def expect_first_line(result, start, says):
    assert result.first.startswith(start), f"the line does not begin with {start!r}:\n{result}"
    for words in says:
        assert words in result.first, f"the first line does not say {words!r}:\n{result}"
