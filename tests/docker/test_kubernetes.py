"""Kubernetes' exec probes, by the call that the kubelet makes of containerd. Its network is the machine's own."""
import signal

import pytest

import processes
from addresses import free_port
from test_examples import kubernetes_probes

grpc = pytest.importorskip("grpc", reason="no python3-grpcio")
KUBERNETES_DEFAULT = 1  # seconds


def probes():
    found = kubernetes_probes()
    return [pytest.param(found[name], id=name) for name in ("startupProbe", "livenessProbe")]


@pytest.mark.parametrize("probe", probes())
def test_probe_of_the_manifest(pod, probe):
    """Goal: the example's own command, under its own timeout, healthy and not."""
    command = ["/probe", *probe["exec"]["command"][1:]]
    status, said = pod.exec(*command, timeout=probe["timeoutSeconds"])
    assert (status, said.split(" in ")[0]) == (0, "healthy")
    pod.signal(signal.SIGUSR1)
    status, said = pod.exec(*command, timeout=probe["timeoutSeconds"])
    assert (status, said.split(" in ")[0]) == (1, "unhealthy")
    assert "http 503" in said.splitlines()[0]


def test_silence_is_told_in_time(pod):
    """Goal: under Kubernetes' one second, --timeout 800ms leaves probe the time to name the cause."""
    pod.signal(signal.SIGHUP)
    status, said = pod.exec("/probe", "live", "--timeout", "800ms", timeout=KUBERNETES_DEFAULT)
    assert status == 1
    assert "no answer" in said.splitlines()[0]


def test_kubernetes_default_is_too_short(pod):
    """Goal: what the manifest warns of: with our own default nothing is told, and nothing is left running either."""
    pod.signal(signal.SIGHUP)
    with pytest.raises(grpc.RpcError) as raised:
        pod.exec("/probe", "live", timeout=KUBERNETES_DEFAULT)
    assert raised.value.code() == grpc.StatusCode.DEADLINE_EXCEEDED

    def probes_running():
        return [pid for pid, *_ in processes.table() if processes.describe(pid).endswith("(/probe live)")]

    assert processes.wait_until(lambda: not probes_running(), 3), probes_running()


def test_readiness_names_what_is_down(pod):
    """Goal: the readiness probe's words reach the kubelet, which shows them in the pod's events."""
    status, said = pod.exec("/probe", "ready", "--no-http", f"redis://127.0.0.1:{free_port()}")
    assert status == 1
    assert "redis refused" in said.splitlines()[0]
