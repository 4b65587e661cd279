"""Secrets that a server sends back, in each form in which it may write them: none is printed, however much is shown."""
import base64
import html
import json
import urllib.parse

import pytest

from peers import answer_each, pause, read, request, response, send

ODD = "/&'\" %<+é"

FORMS = {
    "plain": lambda text: text,
    "percent": lambda text: urllib.parse.quote(text, safe=""),
    "percent in lower case": lambda text: "".join(f"%{byte:02x}" for byte in text.encode()),
    "form": urllib.parse.quote_plus,
    "twice percent": lambda text: urllib.parse.quote(urllib.parse.quote(text, safe=""), safe=""),
    "JSON": json.dumps,
    "PHP's JSON": lambda text: json.dumps(text).replace("/", "\\/").replace("&", "\\u0026").replace("'", "\\u0027"),
    "HTML": html.escape,
    "HTML in numbers": lambda text: "".join(f"&#{ord(one)};" for one in text),
    "Django's HTML": lambda text: html.escape(text).replace("&#x27;", "&#39;"),
    "base64": lambda text: base64.b64encode(text.encode()).decode(),
    "base64 of more": lambda text: base64.b64encode(f"user:{text}!".encode()).decode(),
    "URL's base64": lambda text: base64.urlsafe_b64encode(f"x{text}".encode()).decode(),
    "hexadecimal": lambda text: text.encode().hex().upper(),
}


def basic(text):
    return "Basic " + base64.b64encode(f"admin:{text}".encode()).decode()


# How a secret is given: the options and the target's query.
WAYS = {
    "query": lambda text: ([], f"?token={urllib.parse.quote(text, safe='')}"),
    "bearer": lambda text: (["-H", f"Authorization: Bearer {text}"], ""),
    "basic": lambda text: (["-H", f"Authorization: {basic(text)}"], ""),
    "cookie": lambda text: (["-H", f"Cookie: theme=dark; sid={urllib.parse.quote(text, safe='')}; x=1"], ""),
    "digest": lambda text: (["-H", f'Authorization: Digest a="b", response="{urllib.parse.quote(text)}"'], ""),
    "own header": lambda text: (["-H", "X-Own: env:OWN"], ""),
}


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("form", FORMS)
def test_sent_back(peer, verdict, secret, way, form):
    """Goal: in a body, a reason and a header of the answer a secret of ours is hidden; the rest is shown."""
    text = secret() + ODD
    secret(text)
    options, query = WAYS[way](text)
    written = FORMS[form](text).encode()
    headers = b"X-Echo: before " + written + b" behind\r\n"
    server = peer(request(), send(response(b"it was " + written + b" here", status=b"503 Down", headers=headers)))
    ask = ["live", "-vv", *options, server.url(f"/health{query}")]
    result = verdict.unhealthy(*ask, cause="http-unavailable", says=["503", "it was "], env={"OWN": text})
    assert " here" in result.first and "< X-Echo: before " in result.out and " behind" in result.out, str(result)
    assert "***" in result.first, str(result)


@pytest.mark.parametrize("token", ["abc1", "abc12", "abc123", "abc1234"])
def test_short_value_of_a_query(peer, verdict, token):
    """Goal: no value of a query is shown, also where a server sends it back, unless its name may be."""
    server = peer(request(), send(response(f"no {token}".encode(), status=b"403 Forbidden")))
    url = server.url(f"/health?verbose=1&token={token}&format=json")
    result = verdict.unhealthy("live", "-vv", url, cause="http-forbidden", says=["403"])
    assert token not in result.out, str(result)
    assert "/health?verbose=1&token=***&format=json HTTP/1.1" in result.out, str(result)
    assert server.received[0].startswith(f"GET /health?verbose=1&token={token}&format=json ".encode())


@pytest.mark.parametrize("token", ["x", "xy", "xyz"])
def test_value_too_short_to_look_for(peer, run_probe, token):
    """Goal: in a URL and in a header of ours it is hidden all the same."""
    server = peer(request(), send(response(b"ok", headers=b"X-Api-Key: " + token.encode() + b"\r\n")))
    options = ["-H", f"X-Api-Key: {token}", "-H", "X-Own: env:OWN"]
    result = run_probe("live", "-vv", *options, server.url(f"/a?pin={token}"), env={"OWN": token})
    for line in ["> GET /a?pin=*** HTTP/1.1", "> X-Api-Key: ***", "> X-Own: ***", "< X-Api-Key: ***"]:
        assert line in result.out, str(result)


@pytest.mark.parametrize(
    "line",
    [
        b"Set-Cookie: sid=%s; Path=/",
        b"set-cookie: sid=%s",
        b"SET-COOKIE:sid=%s",
        b"Set-Cookie : sid=%s",
        b"Set-Cookie\t: sid=%s",
        b"Set-Cookie: a=b;\r\n sid=%s",
        b"Set-Cookie2: sid=%s",
        b"X-Auth-Token: %s",
        b"Location: /login?session=%s&next=/",
    ],
)
def test_secret_of_the_server(peer, run_probe, secret, line):
    """Goal: a session that the answer begins is not shown, however its header is written."""
    theirs = secret()
    answer = b"HTTP/1.1 200 OK\r\nX-Shown: yes\r\n" + line % theirs.encode() + b"\r\nContent-Length: 0\r\n\r\n"
    for output in ("text", "json"):
        result = run_probe("live", "-vv", "-o", output, peer(request(), send(answer)).url("/"))
        assert "X-Shown: yes" in result.out and "***" in result.out, str(result)


@pytest.mark.parametrize("form", FORMS)
def test_password_of_redis(peer, verdict, secret, form):
    """Goal: an answer of something else that sends the password back does not show it."""
    text = secret() + ODD
    secret(text)
    reply = b"-WRONGPASS " + FORMS[form](text).encode() + b" is wrong\r\n"
    server = peer(read(), send(reply), pause(0.2))
    url = f"redis://:{urllib.parse.quote(text, safe='')}@127.0.0.1:{server.port}"
    result = verdict.unhealthy("ready", "--no-http", url, cause="redis-wrong-password")
    assert "***" in result.out and " is wrong" in result.out, str(result)


def test_doctor(peer, run_probe, secret):
    """Goal: doctor hides the same."""
    text = secret() + ODD
    secret(text)
    bodies = [response(f"it was {write(text)}".encode(), status=b"503 Down") for write in FORMS.values()]
    for body in bodies:
        server = peer(answer_each(body))
        url = server.url(f"/?token={urllib.parse.quote(text, safe='')}")
        for output in ("text", "json"):
            result = run_probe("doctor", "-o", output, "-vv", url, limit=None)
            assert "it was " in result.out, str(result)
