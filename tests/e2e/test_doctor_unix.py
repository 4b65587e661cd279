"""doctor in a container whose service listens on a unix socket alone."""
from namespaces import NEEDS_NAMESPACES


@NEEDS_NAMESPACES
def test_no_start_is_told_of_a_unix_socket(run_probe, container, tmp_path):
    """Goal: how long such a service took to start is not known; doctor says nothing of it, and ends as it should."""
    path = tmp_path / "app.sock"
    through = container(f"listen_at({str(path)!r})").enter
    found = run_probe("doctor", f"tcp://unix:{path}", through=through, limit=None)
    assert found.status == 0, found
    assert "\nstart\n" not in found.out
    assert "healthy in " in found.out
