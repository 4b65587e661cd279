"""What --expect-json holds for equal: strings by their characters, numbers as they are written."""
import pytest

from peers import hold, request, response, send


def answering(peer, body):
    return peer(request(), send(response(body if isinstance(body, bytes) else body.encode())), hold())


SAME = [
    # the body's value, VALUE
    ("20261126181935123", "20261126181935123"),
    ("3", "3.0"),
    ("3.0", "3"),
    ("1e2", "100"),
    ("100", "1E+2"),
    ("0.001", "1e-3"),
    ("-0.50", "-5e-1"),
    ("0", "-0.00"),
    ("0.0e7", "0"),
    ("1" + "0" * 99, "1e99"),
    ("9" * 300, "9" * 300),
    ("1e999999", "1e999999"),
    ('"3"', "3"),
    ('"ok"', "ok"),
    ('"ok"', '"ok"'),
    (r'"\u006fk"', '"ok"'),
    ('"ok"', r'"\u006fk"'),
    ('"a\\"b"', 'a"b'),
    ('"a\\"b"', '"a\\"b"'),
    ('"é"', "é"),
    (r'"a\u0000b"', r'"a\u0000b"'),
    ("true", "true"),
    ("null", "null"),
    ('""', '""'),
    ('""', ""),
]
OTHER = [
    ("20261126181935124", "20261126181935123"),
    ("9007199254740993", "9007199254740992"),
    ("0.1", "0.10000000000000000001"),
    ("16", "0x10"),
    ("7", "007"),
    ("0.5", "00.5"),
    ("7", "+7"),
    ("7", "7 "),
    ("7", " 7"),
    ("0.5", ".5"),
    ("5", "5."),
    ("1", "1e"),
    ("1", "1e0x"),
    ("1", "inf"),
    ("1e999999", "1e999998"),
    ("1e999999", "inf"),
    ("9" * 300, "9" * 299 + "8"),
    ("3", '"3"'),
    ('"ok"', "'ok'"),
    ('"ok"', '"ok'),
    ('"ok"', '"OK"'),
    (r'"ok\u0000 not"', "ok"),
    (r'"ok\u0000 not"', '"ok"'),
    ('"true"', '"false"'),
    ("true", '"true"'),
    ("true", "false"),
    ("false", "true"),
    ("false", "null"),
    ("null", "false"),
    ("[1]", "1"),
    ("-1", "1"),
    ("10", "1"),
    ("1", "1.01"),
]


@pytest.mark.parametrize("value, expected", SAME)
def test_values_that_are_equal(peer, verdict, value, expected):
    """Goal: A13, F8, B14: a number is its exact value, a quoted VALUE is JSON's string."""
    body = '{"n": [1, {"x": 2.5}], "v": %s, "w": "\\"{", "more": 9}' % value
    verdict.healthy("live", "--expect-json", f"/v={expected}", answering(peer, body).url())


@pytest.mark.parametrize("value, expected", OTHER)
def test_values_that_differ(peer, verdict, value, expected):
    """Goal: A13, F8: nothing is equal by rounding, nor by another language's way to write a number."""
    body = '{"n": [1, {"x": 2.5}], "v": %s, "more": 9}' % value
    server = answering(peer, body)
    says = ["JSON /v is " + value[:90].split("\\")[0]]
    verdict.unhealthy("live", "--expect-json", f"/v={expected}", server.url(), cause="json-mismatch", says=says)


@pytest.mark.parametrize(
    "body, pointer, value",
    [
        ('{"a": {"v": 1}, "v": 2}', "/v", "2"),
        ('[[1, 2], {"k": "v", "v": [3, -4.50]}]', "/1/v/1", "-4.5"),
        ('{"1": "2", "3" : 4, "v"\n:\t5}', "/v", "5"),
        ('{"a": "x:1", "b": "{\\"v\\": 7}", "v": 8}', "/v", "8"),
        ('{"a": [], "b": {}, "c": [[]], "v": 9}', "/v", "9"),
        ("17", "", "17"),
        ("\ufeff[18]", "/0", "18"),
    ],
)
def test_number_is_the_one_at_the_pointer(peer, verdict, body, pointer, value):
    """Goal: A13, which number is compared: the one at the pointer, whatever stands before it."""
    server = answering(peer, body)
    verdict.healthy("live", "--expect-json", f"{pointer}={value}", server.url())
    verdict.unhealthy("live", "--expect-json", f"{pointer}=77", server.url(), cause="json-mismatch", says=["not 77"])


@pytest.mark.parametrize("body", [b'{"v": "ok\0 not"}', b'{"v": "ok"}\0', b'\0{"v": "ok"}', b'{"v": "ok" "v": "ok"}', b'{"v": "ok"} x', b'{"v": "ok"}{}', b'{"v": "ok"}\n}'])
def test_what_is_not_json(peer, verdict, body):
    """Goal: B14, a zero byte ends no string early."""
    verdict.unhealthy("live", "--expect-json", "/v=ok", answering(peer, body).url(), cause="json-invalid", says=["not JSON"])


def test_control_bytes_between_values_change_nothing(peer, verdict):
    """Goal: A13, what cJSON passes over is passed over too when the number is looked for."""
    server = answering(peer, b'{"a": \x01 5, "v": 7}')
    verdict.unhealthy("live", "--expect-json", "/v=5", server.url(), cause=("json-mismatch", "json-invalid"))


def test_value_is_shown_as_written(peer, verdict):
    """Goal: the line shows the number that came, not a rounded one, and an object on one line."""
    server = answering(peer, '{"n": 1e999999, "o": {\n  "a": 12345678901234567890,\n  "b": [ ]\n}}')
    verdict.unhealthy("live", "--expect-json", "/n=1", server.url(), cause="json-mismatch", says=["/n is 1e999999, not 1"])
    says = ['/o is { "a": 12345678901234567890, "b": [ ] }, not 1']
    verdict.unhealthy("live", "--expect-json", "/o=1", server.url(), cause="json-mismatch", says=says)
