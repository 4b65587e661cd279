"""Bundles, client certificates, versions, names and ways to connect: curl with the same options and the same environment
is served exactly where probe is healthy. A row in DIFFERS says where not, and why.
"""
import pytest

import clients

WANTS = "ssl_client_certificate {ca}; ssl_verify_client {how}; if ($ssl_client_verify !~ {ok}) {{ return 403; }}"
SECURE = ["-cipher", "ALL:@SECLEVEL=0"]


def web(name, conf=""):
    return lambda services: services.http(name, conf=conf).port


def odd(name, *options):
    return lambda services: services.odd(name, *options).port


def wants(how, ok="SUCCESS"):
    return lambda services: services.http("good", conf=WANTS.format(ca=services.certificates.ca, how=how, ok=ok)).port


def only(name):
    """A server that knows one name and refuses the others in the handshake."""
    conf = f"server_name {name}; location / {{ return 200; }} }} server {{ listen LISTEN ssl default_server; ssl_reject_handshake on;"
    return lambda services: services.http("elsewhere", conf=conf).port


# The name of the row, the server, what it is asked for, the options, the environment, and whether it is healthy.
ROWS = [
    # bundles by option
    ("machine", web("good"), "localhost", "", {}, False),
    ("cacert", web("good"), "localhost", "--cacert {ca}", {}, True),
    ("cacert of another", web("good"), "localhost", "--cacert {stranger}", {}, False),
    ("cacert of many", web("good"), "localhost", "--cacert {many}", {}, True),
    ("cacert with comments", web("good"), "localhost", "--cacert {commented}", {}, True),
    ("cacert with CRLF", web("good"), "localhost", "--cacert {crlf}", {}, True),
    ("cacert twice", web("good"), "localhost", "--cacert {twice}", {}, True),
    ("cacert missing", web("good"), "localhost", "--cacert {missing}", {}, False),
    ("cacert empty", web("good"), "localhost", "--cacert {empty}", {}, False),
    ("cacert without PEM", web("good"), "localhost", "--cacert {no_pem}", {}, False),
    ("cacert a folder", web("good"), "localhost", "--cacert {folder}", {}, False),
    ("cacert a key", web("good"), "localhost", "--cacert {client_key}", {}, False),
    ("cacert the leaf", web("good"), "localhost", "--cacert {leaf}", {}, True),
    ("cacert the intermediate", web("unchained"), "localhost", "--cacert {middle}", {}, True),
    ("cacert broken first", web("good"), "localhost", "--cacert {broken_first}", {}, False),
    # bundles by variable
    ("file", web("good"), "localhost", "", {"SSL_CERT_FILE": "{ca}"}, True),
    ("file of many", web("good"), "localhost", "", {"SSL_CERT_FILE": "{many}"}, True),
    ("file of another", web("good"), "localhost", "", {"SSL_CERT_FILE": "{stranger}"}, False),
    ("file missing", web("good"), "localhost", "", {"SSL_CERT_FILE": "{missing}"}, False),
    ("file empty", web("good"), "localhost", "", {"SSL_CERT_FILE": "{empty}"}, False),
    ("file with CRLF", web("good"), "localhost", "", {"SSL_CERT_FILE": "{crlf}"}, True),
    ("file with comments", web("good"), "localhost", "", {"SSL_CERT_FILE": "{commented}"}, True),
    ("file the leaf", web("good"), "localhost", "", {"SSL_CERT_FILE": "{leaf}"}, True),
    ("file broken first", web("good"), "localhost", "", {"SSL_CERT_FILE": "{broken_first}"}, True),
    ("directory", web("good"), "localhost", "", {"SSL_CERT_DIR": "{hashed}"}, True),
    ("directory not hashed", web("good"), "localhost", "", {"SSL_CERT_DIR": "{unhashed}"}, False),
    ("directory of another", web("good"), "localhost", "", {"SSL_CERT_DIR": "{hashed_stranger}"}, False),
    ("directories", web("good"), "localhost", "", {"SSL_CERT_DIR": "{hashed_stranger}:{hashed}"}, True),
    ("directory missing", web("good"), "localhost", "", {"SSL_CERT_DIR": "{missing}"}, False),
    ("file and directory", web("good"), "localhost", "", {"SSL_CERT_FILE": "{stranger}", "SSL_CERT_DIR": "{hashed}"}, True),
    ("option before file", web("good"), "localhost", "--cacert {ca}", {"SSL_CERT_FILE": "{stranger}"}, True),
    ("option before file, wrong", web("good"), "localhost", "--cacert {stranger}", {"SSL_CERT_FILE": "{ca}"}, False),
    # --insecure
    ("insecure", web("strange"), "localhost", "--insecure", {}, True),
    ("insecure and expired", web("expired"), "localhost", "--insecure", {}, True),
    ("insecure and elsewhere", web("elsewhere"), "localhost", "--insecure", {}, True),
    ("insecure with a bundle", web("strange"), "localhost", "--insecure --cacert {ca}", {}, True),
    ("insecure without a bundle", web("good"), "localhost", "--insecure", {"SSL_CERT_FILE": "{missing}"}, True),
    ("insecure and plain", lambda services: services.plain().port, "localhost", "--insecure", {}, False),
    # client certificates
    ("client, none", wants("on"), "localhost", "--cacert {ca}", {}, False),
    ("client, right", wants("on"), "localhost", "--cacert {ca} --cert {client} --key {client_key}", {}, True),
    ("client, one file", wants("on"), "localhost", "--cacert {ca} --cert {both}", {}, True),
    ("client, a stranger's", wants("on"), "localhost", "--cacert {ca} --cert {other_client} --key {other_client_key}", {}, False),
    ("client, another's key", wants("on"), "localhost", "--cacert {ca} --cert {client} --key {other_client_key}", {}, False),
    ("client, missing file", wants("on"), "localhost", "--cacert {ca} --cert {missing} --key {client_key}", {}, False),
    ("client, missing key", wants("on"), "localhost", "--cacert {ca} --cert {client} --key {missing}", {}, False),
    ("client, locked key", wants("on"), "localhost", "--cacert {ca} --cert {locked} --key {locked_key}", {}, False),
    ("client, no key in the file", wants("on"), "localhost", "--cacert {ca} --cert {client}", {}, False),
    ("client not wanted", web("good"), "localhost", "--cacert {ca} --cert {client} --key {client_key}", {}, True),
    ("client optional, none", wants("optional", "NONE"), "localhost", "--cacert {ca}", {}, True),
    ("client optional, right", wants("optional"), "localhost", "--cacert {ca} --cert {client} --key {client_key}", {}, True),
    ("client optional, a stranger's", wants("optional"), "localhost", "--cacert {ca} --cert {other_client} --key {other_client_key}", {}, False),
    ("client by alert 1.3, none", odd("rsa", "-tls1_3", "-Verify", "1", "-verify_return_error"), "localhost", "--cacert {ca}", {}, False),
    ("client by alert 1.2, none", odd("rsa", "-tls1_2", "-Verify", "1", "-verify_return_error"), "localhost", "--cacert {ca}", {}, False),
    # versions and ciphers
    ("TLS 1.0", odd("rsa", "-tls1", *SECURE), "localhost", "--cacert {ca}", {}, False),
    ("TLS 1.1", odd("rsa", "-tls1_1", *SECURE), "localhost", "--cacert {ca}", {}, False),
    ("TLS 1.2", odd("rsa", "-tls1_2"), "localhost", "--cacert {ca}", {}, True),
    ("TLS 1.3", odd("rsa", "-tls1_3"), "localhost", "--cacert {ca}", {}, True),
    ("AES-GCM 256", odd("rsa", "-tls1_2", "-cipher", "ECDHE-RSA-AES256-GCM-SHA384"), "localhost", "--cacert {ca}", {}, True),
    ("ChaCha20", odd("rsa", "-tls1_2", "-cipher", "ECDHE-RSA-CHACHA20-POLY1305"), "localhost", "--cacert {ca}", {}, True),
    ("ChaCha20 1.3", odd("rsa", "-tls1_3", "-ciphersuites", "TLS_CHACHA20_POLY1305_SHA256"), "localhost", "--cacert {ca}", {}, True),
    ("CBC", odd("rsa", "-tls1_2", "-cipher", "ECDHE-RSA-AES128-SHA"), "localhost", "--cacert {ca}", {}, True),
    ("RSA key exchange", odd("rsa", "-tls1_2", "-cipher", "AES128-GCM-SHA256"), "localhost", "--cacert {ca}", {}, True),
    ("CCM", odd("rsa", "-tls1_3", "-ciphersuites", "TLS_AES_128_CCM_SHA256"), "localhost", "--cacert {ca}", {}, False),
    ("Camellia", odd("rsa", "-tls1_2", "-cipher", "ECDHE-RSA-CAMELLIA128-SHA256"), "localhost", "--cacert {ca}", {}, False),
    ("finite field", odd("rsa", "-tls1_2", "-cipher", "DHE-RSA-AES128-GCM-SHA256"), "localhost", "--cacert {ca}", {}, False),
    ("X25519", odd("rsa", "-groups", "X25519"), "localhost", "--cacert {ca}", {}, True),
    ("P-384", odd("rsa", "-groups", "P-384"), "localhost", "--cacert {ca}", {}, True),
    ("P-521", odd("rsa", "-groups", "P-521"), "localhost", "--cacert {ca}", {}, True),
    # ways to connect
    ("connect-to", web("elsewhere"), "db.example", "--cacert {ca} CONNECT", {}, True),
    ("connect-to, a name it has not", web("elsewhere"), "web.example", "--cacert {ca} CONNECT", {}, False),
    ("connect-to, by star", web("wildcard"), "a.app.example", "--cacert {ca} CONNECT", {}, True),
    ("connect-to, an IDN", web("idn"), "xn--bcher-kva.example", "--cacert {ca} CONNECT", {}, True),
    ("connect-to, an IDN as written", web("idn"), "b\u00fccher.example", "--cacert {ca} CONNECT", {}, False),
    ("connect-to, an address it has", web("elsewhere"), "192.0.2.7", "--cacert {ca} CONNECT", {}, True),
    ("name of SNI", only("db.example"), "db.example", "--cacert {ca} CONNECT", {}, True),
    ("another name of SNI", only("db.example"), "c.example", "--cacert {ca} CONNECT", {}, False),
    ("no name of SNI", only("192.0.2.7"), "192.0.2.7", "--cacert {ca} CONNECT", {}, False),
    ("localhost with a dot", web("good"), "localhost.", "--cacert {ca} CONNECT", {}, True),
    ("127.1", web("good"), "127.1", "--cacert {ca}", {}, True),
]
DIFFERS = {
    "file broken first": "the machine's bundle is searched for the issuer, and nothing else in it is parsed",
    "finite field": "ours has elliptic curves only",
    "connect-to, an IDN as written": "a name must be written as the DNS has it: our libcurl has no table of Unicode",
}


@pytest.mark.parametrize("name, server, host, options, env, healthy", ROWS, ids=[row[0] for row in ROWS])
def test_as_curl(services, files, run_probe, name, server, host, options, env, healthy):
    """Goal: curl with the same options and environment."""
    port = server(services)
    url = f"https://{host}:{port}/"
    words = [word.format(**files) for word in options.replace(" CONNECT", "").split()]
    env = {name: value.format(**files) for name, value in env.items()}
    is_elsewhere = "CONNECT" in options
    result = run_probe("ready", "--no-http", *words, *(["--connect-to", f"127.0.0.1:{port}"] if is_elsewhere else []), url, env=env)
    is_served, said = clients.curl(*words, *(["--connect-to", f"::127.0.0.1:{port}"] if is_elsewhere else []), url, env=env)
    assert (result.status == 0) == healthy, str(result)
    assert is_served == (healthy != (name in DIFFERS)), f"{result}\ncurl: {said}"
