"""--expect-json finds the value that everybody who reads the body finds, and compares objects and arrays too."""
import json

import pytest

from peers import hold, request, response, send


@pytest.fixture
def expect(peer, verdict):
    """expect(body, "/a=1", None) is healthy; with words in place of None it is json-mismatch and says them."""

    def ask(body, expectation, words=None):
        server = peer(request(), send(response(body.encode())), hold())
        arguments = ["live", server.url(), "--expect-json", expectation]
        if words is None:
            return verdict.healthy(*arguments)
        return verdict.unhealthy(*arguments, cause="json-mismatch", says=[words])

    return ask


@pytest.mark.parametrize("twice", ['{"a": "ok", "a": "down"}', '{"a": "ok", "b": 1, "\\u0061": "down"}'])
def test_a_name_that_stands_twice(expect, twice):
    """Goal: the last one counts, as for Python and every browser."""
    assert json.loads(twice)["a"] == "down"
    expect(twice, "/a=down")
    expect(twice, "/a=ok", 'JSON /a is "down", not ok')


def test_a_name_that_stands_twice_further_up(expect):
    """Goal: what only the first of two objects has is not there."""
    body = '{"db": {"up": true}, "db": {"down": true}}'
    expect(body, "/db/down=true")
    expect(body, "/db/up=true", "JSON has no /db/up")


@pytest.mark.parametrize(
    "body, expectation",
    [
        ('{"a/b": {"c~d": [0, {"": "ok"}]}}', "/a~1b/c~0d/1/=ok"),
        ('{"~1": "ok"}', "/~01=ok"),
        ('{"0": "ok"}', "/0=ok"),
        ('[[1], ["x", "ok"]]', "/1/1=ok"),
        ('{"": {"": "ok"}}', "//=ok"),
    ],
)
def test_pointer(expect, body, expectation):
    """Goal: a pointer is read as RFC 6901 has it."""
    expect(body, expectation)


@pytest.mark.parametrize(
    "body, pointer",
    [
        ('["ok"]', "/00"), ('["ok"]', "/-"), ('["ok"]', "/1"), ('["ok"]', "/"), ('["ok"]', "/+0"), ('{"a": "ok"}', "/A"),
        ('{"a": "ok"}', "/a/"), ('{"a": "ok"}', "/a/0"), ('{"a~2": "ok"}', "/a~2"), ('{"a~": "ok"}', "/a~"), ('{"ab": "ok"}', "/a"),
    ],
)  # fmt: skip
def test_pointer_to_nothing(expect, body, pointer):
    """Goal: no other member is taken for it."""
    expect(body, f"{pointer}=ok", f"JSON has no {pointer}")


@pytest.mark.parametrize(
    "body, value",
    [("[]", "[]"), ("[ ]", "[]"), ("{}", "{ }"), ('[1, "a b"]', '[1,"a b"]'), ('{"b":\t[1,\n 2]}', '{"b": [1, 2]}')],
)
def test_object_or_array(expect, body, value):
    """Goal: no error is [], and blanks are no matter."""
    expect('{"a": %s}' % body, f"/a={value}")
    expect(body, f"={value}")


@pytest.mark.parametrize(
    "body, value", [('["down"]', "[]"), ("[]", "{}"), ('["a b"]', '["ab"]'), ("[9007199254740993]", "[9007199254740992]"), ("[1, 2]", "[1]"), ("[]", ""), ('["\\" ]", 1]', '["\\"]",1]')]
)  # fmt: skip
def test_other_object_or_array(expect, body, value):
    """Goal: what is in it counts to the last character."""
    expect('{"a": %s}' % body, f"/a={value}", "JSON /a is ")


@pytest.mark.parametrize("path", ["/a=1", "/b=2"])
def test_hint(peer, verdict, path):
    """Goal: the hint claims nothing of a body that may be right where the expectation is wrong."""
    server = peer(request(), send(response(b'{"a": 2}')), hold())
    says = ["; hint: compare the body below with what was expected"]
    result = verdict.unhealthy("live", server.url(), "--expect-json", path, cause="json-mismatch", says=says)
    assert '\n            {"a": 2}\n' in result.out
