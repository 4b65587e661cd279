"""Parameters of a Redis target that would be left out in silence: refused, as redis-py refuses them."""
import pytest
import redis

DOES_NOT_KNOW = "that probe does not know"


def of_redis_py(url):
    try:
        with redis.Redis.from_url(url, socket_timeout=5) as client:
            return client.ping()
    except (redis.RedisError, TypeError, ValueError, OSError):
        return False


@pytest.mark.parametrize("parameter, says", [
    ("SSL_CA_CERTS={strange}", DOES_NOT_KNOW),
    ("SSL_CERT_REQS=none", DOES_NOT_KNOW),
    ("Ssl_Check_Hostname=false", DOES_NOT_KNOW),
    ("sslca={strange}", DOES_NOT_KNOW),
    ("tlsCAFile={strange}", DOES_NOT_KNOW),
    ("ssl_keyfile={key}", "has a client's key and no certificate"),
])
def test_not_left_out(services, certificates, verdict, parameter, says):
    """Goal: never weaker than was asked: an authority, a key in other words."""
    parameter = parameter.format(strange=certificates.stranger.file, key=certificates.client[1])
    url = f"{services.url('redis', 'good')}?ssl_ca_certs={certificates.ca}"
    verdict.healthy("ready", "--no-http", url)
    verdict.misconfigured("ready", "--no-http", f"{url}&{parameter}", says=[says])
    assert of_redis_py(url) and not of_redis_py(f"{url}&{parameter}")


@pytest.mark.parametrize("wish", ["ssl=true", "tls=true", "use_tls=1", "useSSL=true", "tls=false"])
def test_wish_of_other_clients(services, certificates, verdict, wish):
    """Goal: other clients' wish for TLS is one of a rediss:// URL too."""
    verdict.healthy("ready", "--no-http", f"{services.url('redis', 'good')}?ssl_ca_certs={certificates.ca}&{wish}")
