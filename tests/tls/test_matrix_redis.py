"""Parameters, client certificates, versions and ACL users: redis-py with the same parameters is served exactly where probe is
healthy, and redis-cli with the options that say the same. A row in DIFFERS says where not, and why.
"""
from urllib.parse import urlencode

import pytest

import clients

MTLS, OPTIONAL = {"auth_clients": "yes"}, {"auth_clients": "optional"}
ACL = {"user": ["app on >{password} ~* +@all", "reader on >{password} ~* +@read +@connection", "deaf on >{password} ~* -@all", "off off >{password} ~* +@all"]}
CA = {"ssl_ca_certs": "{ca}"}
CLIENT = {**CA, "ssl_certfile": "{client}", "ssl_keyfile": "{client_key}"}
OTHER_CLIENT = {**CA, "ssl_certfile": "{other_client}", "ssl_keyfile": "{other_client_key}"}

# The name of the row, the certificate, Redis' settings, redis-py's parameters, and whether it is healthy.
ROWS = [
    ("machine", "good", {}, {}, False),
    ("ca_certs", "good", {}, CA, True),
    ("ca_certs of another", "good", {}, {"ssl_ca_certs": "{stranger}"}, False),
    ("ca_certs missing", "good", {}, {"ssl_ca_certs": "{missing}"}, False),
    ("ca_path", "good", {}, {"ssl_ca_path": "{hashed}"}, True),
    ("ca_path of another", "good", {}, {"ssl_ca_path": "{hashed_stranger}"}, False),
    ("strange", "strange", {}, CA, False),
    ("expired", "expired", {}, CA, False),
    ("early", "early", {}, CA, False),
    ("elsewhere", "elsewhere", {}, CA, False),
    ("reqs none", "good", {}, {"ssl_cert_reqs": "none"}, True),
    ("reqs none, strange", "strange", {}, {"ssl_cert_reqs": "none"}, True),
    ("reqs none, expired", "expired", {}, {"ssl_cert_reqs": "none"}, True),
    ("reqs none, elsewhere", "elsewhere", {}, {"ssl_cert_reqs": "none"}, True),
    ("reqs optional", "good", {}, {**CA, "ssl_cert_reqs": "optional"}, True),
    ("reqs optional, strange", "strange", {}, {**CA, "ssl_cert_reqs": "optional"}, False),
    ("reqs required", "good", {}, {**CA, "ssl_cert_reqs": "required"}, True),
    ("reqs required, strange", "strange", {}, {**CA, "ssl_cert_reqs": "required"}, False),
    ("check_hostname", "good", {}, {**CA, "ssl_check_hostname": "true"}, True),
    ("check_hostname, elsewhere", "elsewhere", {}, {**CA, "ssl_check_hostname": "true"}, False),
    ("no check_hostname, elsewhere", "elsewhere", {}, {**CA, "ssl_check_hostname": "false"}, True),
    ("no check_hostname, expired", "expired", {}, {**CA, "ssl_check_hostname": "false"}, False),
    ("no check_hostname, strange", "strange", {}, {**CA, "ssl_check_hostname": "false"}, False),
    # client certificates
    ("mTLS, none", "good", MTLS, CA, False),
    ("mTLS, right", "good", MTLS, CLIENT, True),
    ("mTLS, a stranger's", "good", MTLS, OTHER_CLIENT, False),
    ("mTLS, one file", "good", MTLS, {**CA, "ssl_certfile": "{both}"}, True),
    ("mTLS, missing file", "good", MTLS, {**CLIENT, "ssl_certfile": "{missing}"}, False),
    ("mTLS, another's key", "good", MTLS, {**CLIENT, "ssl_keyfile": "{other_client_key}"}, False),
    ("mTLS, right, strange server", "strange", MTLS, CLIENT, False),
    ("mTLS, none, not verified", "good", MTLS, {"ssl_cert_reqs": "none"}, False),
    ("mTLS optional, none", "good", OPTIONAL, CA, True),
    ("mTLS optional, right", "good", OPTIONAL, CLIENT, True),
    ("mTLS optional, a stranger's", "good", OPTIONAL, OTHER_CLIENT, False),
    ("not wanted", "good", {}, CLIENT, True),
    # versions and ciphers
    ("TLS 1.2", "good", {"tls_protocols": "TLSv1.2"}, CA, True),
    ("TLS 1.3", "good", {"tls_protocols": "TLSv1.3"}, CA, True),
    ("ChaCha20", "good", {"tls_protocols": "TLSv1.2", "tls_ciphers": "ECDHE-ECDSA-CHACHA20-POLY1305"}, CA, True),
    ("CBC", "rsa", {"tls_protocols": "TLSv1.2", "tls_ciphers": "ECDHE-RSA-AES256-SHA384"}, CA, True),
    # users
    ("no password", "good", {}, {**CA, "password": None}, False),
    ("wrong password", "good", {}, {**CA, "password": "wrong"}, False),
    ("user", "good", ACL, {**CA, "username": "app"}, True),
    ("user, wrong password", "good", ACL, {**CA, "username": "app", "password": "wrong"}, False),
    ("user nobody knows", "good", ACL, {**CA, "username": "nobody"}, False),
    ("user switched off", "good", ACL, {**CA, "username": "off"}, False),
    ("user who may only read", "good", ACL, {**CA, "username": "reader"}, True),
    ("user who may nothing", "good", ACL, {**CA, "username": "deaf"}, False),
    ("user with a certificate", "good", {**MTLS, **ACL}, {**CLIENT, "username": "app"}, True),
    ("user without a certificate", "good", {**MTLS, **ACL}, {**CA, "username": "app"}, False),
]
# redis-cli looks at no host in a certificate, and has no switch for it.
ONLY_CLI = ["elsewhere", "check_hostname, elsewhere"]
CLI = {"ssl_ca_certs": "--cacert", "ssl_ca_path": "--cacertdir", "ssl_certfile": "--cert", "ssl_keyfile": "--key", "username": "--user", "password": "--pass"}


def of_redis_cli(parameters):
    if "ssl_certfile" in parameters:
        parameters = {"ssl_keyfile": parameters["ssl_certfile"], **parameters}
    words = [word for name, value in parameters.items() if name in CLI and value for word in (CLI[name], value)]
    return words + (["--insecure"] if parameters.get("ssl_cert_reqs") == "none" else [])


def of_redis_py(parameters):
    """What redis-py 4 does by itself but for the host, which it checks only when asked; later versions do."""
    wanted = {"ssl_cert_reqs": "required", **parameters}
    is_verified = wanted["ssl_cert_reqs"] != "none"
    return {**wanted, "ssl_check_hostname": is_verified and parameters.get("ssl_check_hostname") != "false"}


@pytest.mark.parametrize("name, pair, settings, parameters, healthy", ROWS, ids=[row[0] for row in ROWS])
def test_as_redis_clients(services, files, run_probe, name, pair, settings, parameters, healthy):
    """Goal: redis-py and redis-cli with the same parameters."""
    settings = {key: fill(value, {"password": services.password}) for key, value in settings.items()}
    port = services.redis(pair, **settings).port
    parameters = {"password": services.password, **fill(parameters, files)}
    login = f"{parameters.get('username', '')}:{parameters['password']}@" if parameters["password"] else ""
    query = urlencode({key: value for key, value in parameters.items() if key.startswith("ssl_")})
    result = run_probe("ready", "--no-http", f"rediss://{login}localhost:{port}/0?{query}")
    assert (result.status == 0) == healthy, str(result)
    is_served, said = clients.redis_py("localhost", port, **of_redis_py(parameters))
    assert is_served == healthy, f"{result}\nredis-py: {said}"
    is_served, said = clients.redis_cli("localhost", port, *of_redis_cli(parameters))
    assert is_served == (healthy or name in ONLY_CLI), f"{result}\nredis-cli: {said}"


def fill(value, words):
    """Puts words into the braces of a row."""
    if isinstance(value, dict):
        return {key: fill(item, words) for key, item in value.items()}
    if isinstance(value, list):
        return [fill(item, words) for item in value]
    return value.format(**words) if isinstance(value, str) else value


@pytest.mark.parametrize("scheme, cause", [("redis", "tls-port"), ("rediss", None)])
def test_server_of_tls_only(services, certificates, verdict, scheme, cause):
    """Goal: a port of TLS alone that is asked without."""
    url = services.url("redis", "good").replace("rediss", scheme)
    run = ["ready", "--no-http", "--cacert", certificates.ca, url]
    is_served, said = clients.redis_cli("localhost", services.redis("good").port, "--pass", services.password, tls=False)
    assert not is_served, said
    verdict.unhealthy(*run, cause=cause, says=["TLS"]) if cause else verdict.healthy(*run)


def test_plain_server(redis, verdict, secret):
    """Goal: a plain Redis that is asked over TLS waits for the end of a line, which a handshake rarely has; the hint says so."""
    server = redis(password=secret())
    is_served, said = clients.redis_py("localhost", server.port, ssl_cert_reqs="none", socket_timeout=1)
    assert not is_served, said
    run = ["ready", "--no-http", "-t", "1s", f"rediss://localhost:{server.port}/"]
    result = verdict.unhealthy(*run, cause=("timeout-tls", "tls-plain-peer"), says=["TLS"])
    assert "speaks no TLS" in result.out or "tls-plain-peer" in result.out, str(result)
