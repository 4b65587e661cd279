"""Incidents 4, 17, 20 and 21, and names: the cause is said from the machine itself, and what is said is true.

Where the words are about the whole machine (who listens, how old it is), the probe runs in a container of its own.
"""
import os
import re
import signal
import subprocess
import time

import pytest

import containers
import namespaces
from runner import binary_path, is_asan

pytestmark = pytest.mark.skipif(
    not namespaces.may_unshare(), reason="no namespaces: not root, or the kernel forbids it"
)
RELEASE_ONLY = pytest.mark.skipif(is_asan(binary_path()), reason="only a static program runs where there are no files")

REFUSED = ["live", ":8000/"]
START_PERIOD = "start_period must be longer than the start"
# What a container engine sets, and by which the probe knows that it is in a container.
IN_CONTAINER = {"container": "docker"}
NOTE = "port 8000 is bound to loopback only: neither a published port nor another host reaches it"


def waiting_by_ss(*filters):
    """The connections that wait, as ss counts them."""
    rows = subprocess.run(["ss", "-Hnl", *filters], capture_output=True, text=True, check=True).stdout.splitlines()
    assert len(rows) == 1, rows
    columns = rows[0].split()
    return int(columns[columns.index("LISTEN") + 1])


def waiting_said(result):
    return int(re.search(r"(\d+) connections? waits? to be accepted on ", result.first)[1])


# Incident 4: still starting -----------------------------------------------------------------------------------------


def test_young_container_may_still_be_starting(container, verdict):
    """Goal: incident 4, refused: nothing listens yet, and the container is as young as it is."""
    before = time.monotonic()
    box = container()
    after = time.monotonic()
    time.sleep(1.2)
    least = time.monotonic() - after
    result = verdict.unhealthy(*REFUSED, cause="refused", says=["nothing listens on any port"], through=box.enter)
    most = time.monotonic() - before
    seconds = int(re.search(r"; up (\d+) s, perhaps still starting: " + START_PERIOD, result.first)[1])
    assert int(least) <= seconds <= most, str(result)


def test_container_of_this_moment(container, verdict):
    """Goal: incident 4, the first second counts as one: "up 0 s" would be no answer."""
    before = time.monotonic()
    box = container()
    result = verdict.unhealthy(*REFUSED, cause="refused", through=box.enter)
    most = max(1, time.monotonic() - before)
    seconds = int(re.search(r"; up (\d+) s, perhaps still starting", result.first)[1])
    assert 1 <= seconds <= most, str(result)


@pytest.mark.parametrize(
    "age, says",
    [(170, r"; up 2 min 5\d s, perhaps still starting"), (190, r"; up 3 min 1\d s; "), (3660, "; up 1 h 1 min; ")],
)
def test_old_container_is_not_starting(container, verdict, stage, age, says):
    """Goal: after three minutes nobody is told of a start that takes long."""
    stat = stage.new_folder("proc") / "stat"
    box = container(setup=containers.aged(stat))
    containers.age(stat, age + 0.5)
    result = verdict.unhealthy(*REFUSED, cause="refused", through=box.enter)
    assert re.search(says, result.first), str(result)  # some seconds are a busy machine's
    assert (START_PERIOD in result.first) == (age < 180), str(result)


def test_missing_socket_says_the_age_too(container, verdict, stage):
    """Goal: incident 4 with a unix socket: its file is not there yet."""
    path = stage.new_folder("socket") / "app.sock"
    target = f"http://unix:{path}:/"
    verdict.unhealthy("live", target, cause="socket-missing", says=["up 1 s, perhaps"], through=container().enter)


def test_service_that_comes_up_late(container, verdict):
    """Goal: incident 4 to its end: refused while the start takes its time, healthy after it."""
    box = container("in_thread(serve_late, '127.0.0.1', 8000, 1.0)")
    verdict.unhealthy(*REFUSED, cause="refused", says=["perhaps still starting"], through=box.enter)
    time.sleep(1.5)
    verdict.healthy(*REFUSED, says=["http 200"], through=box.enter)


@pytest.mark.parametrize("target", ["tcp://localhost:8000", "redis://localhost:8000", "postgres://u@127.0.0.1:8000/d"])
def test_every_kind_of_check_is_explained(container, verdict, target):
    """Goal: what the machine knows is said for databases on this machine as well."""
    box = container('listen("0.0.0.0", 8080)')
    says = ["nothing listens on 8000; listening: 0.0.0.0:8080; up "]
    result = verdict.unhealthy("ready", target, cause="refused", says=says, through=box.enter)
    assert START_PERIOD not in result.first, "what listens has started"


def test_another_host_is_not_explained_with_this_machine(container, verdict):
    """Goal: who listens here says nothing about a host that is elsewhere."""
    box = container('listen("0.0.0.0", 8080)', setup=containers.WITH_ETH0)
    result = verdict.unhealthy("ready", "redis://10.9.0.2:6379", cause="refused", through=box.enter)
    assert "listen" not in result.first.split("hint")[0] and "; up " not in result.first, str(result)


# Incident 17: all workers busy --------------------------------------------------------------------------------------


@pytest.fixture
def keep():
    """Keeps connections open until the test is over: keep(app.address.connect())."""
    connections = []
    yield connections.append
    for connection in connections:
        connection.close()


def occupy(app, keep):
    """Takes the only worker of a service."""
    busy = app.address.connect()
    keep(busy)
    busy.sendall(b"GET /sleep/20/ HTTP/1.1\r\nHost: localhost\r\n\r\n")
    time.sleep(0.3)


@pytest.mark.parametrize("others", [0, 1, 13])
def test_busy_workers_and_how_many_wait(gunicorn, verdict, keep, others):
    """Goal: incident 17, one sync worker sleeps: as many wait as ss shows, ours among them."""
    app = gunicorn(workers=1)
    occupy(app, keep)
    for _ in range(others):
        keep(app.address.connect())
    says = [f"to be accepted on 127.0.0.1:{app.port}", "workers are busy"]
    question = ["live", "-t", "500ms", app.url("/api/v1/health/")]
    result = verdict.unhealthy(*question, cause="workers-busy", says=says, once=True)
    assert waiting_said(result) == waiting_by_ss("-t", f"sport = :{app.port}") == others + 1, str(result)
    assert "no answer in 500 ms" in result.first, str(result)
    assert ("connection waits" if others == 0 else "connections wait") in result.first, str(result)


def test_busy_workers_in_json(gunicorn, run_probe, validate, keep):
    """Goal: the same for programs."""
    app = gunicorn(workers=1)
    occupy(app, keep)
    report = run_probe("live", "-t", "500ms", "-o", "json", app.url("/api/v1/health/")).json()
    validate(report)
    assert report["checks"][0]["cause"] == "workers-busy"
    assert "1 connection waits to be accepted" in report["checks"][0]["message"]


def test_busy_workers_behind_a_unix_socket(gunicorn, verdict, keep):
    """Goal: incident 17 with a unix socket: its queue is counted too."""
    app = gunicorn(at="unix", workers=1)
    occupy(app, keep)
    for _ in range(3):
        keep(app.address.connect())
    says = [f"to be accepted on unix:{app.address.path}"]
    result = verdict.unhealthy("live", "-t", "500ms", app.url("/"), cause="workers-busy", says=says, once=True)
    assert waiting_said(result) == waiting_by_ss("-x", "src", app.address.path) == 4, str(result)


def test_unix_socket_by_another_name(gunicorn, verdict, keep, stage):
    """Goal: bound by a name that is not the one asked, a queue that cannot be counted is not called empty."""
    app = gunicorn(at="unix", workers=1)
    occupy(app, keep)
    link = stage.new_folder("link") / "app.sock"
    link.symlink_to(app.address.path)
    result = verdict.unhealthy("live", "-t", "500ms", f"http://unix:{link}:/", cause="timeout-answer", once=True)
    assert "accepted" not in result.first, str(result)


def test_unix_socket_in_a_linked_folder(gunicorn, verdict, keep, stage):
    """Goal: /var/run is often a link to /run: the same socket, whose queue is counted."""
    app = gunicorn(at="unix", workers=1)
    occupy(app, keep)
    folder, name = os.path.split(app.address.path)
    link = stage.new_folder("var") / "run"
    link.symlink_to(folder)
    says = ["1 connection waits to be accepted on unix:"]
    verdict.unhealthy("live", "-t", "500ms", f"http://unix:{link}/{name}:/", cause="workers-busy", says=says, once=True)


def test_unix_socket_bound_by_a_relative_name(container, verdict, stage):
    """Goal: a server binds app.sock in its own folder: its queue is counted, and another's is not."""
    ours, others = stage.new_folder("ours"), stage.new_folder("others")
    calls = [f"os.chdir({str(ours)!r})", 'listen_at("app.sock", waiting=2)', f'listen_at("{others}/app.sock", waiting=5)']
    question = ["live", "-t", "500ms", f"http://unix:{ours}/app.sock:/"]
    says = ["3 connections wait to be accepted on unix:"]
    verdict.unhealthy(*question, cause="workers-busy", says=says, through=container(*calls).enter, once=True)


@pytest.mark.parametrize("at", ["127.0.0.1", "unix"])
def test_handler_that_hangs(gunicorn, verdict, at):
    """Goal: a free worker takes the connection and does not answer: that is the handler's, not the queue's."""
    app = gunicorn(at=at, workers=1)
    says = ["no answer in 1 s", "it was accepted: it is busy, hangs, or waits for what is behind it"]
    question = ["live", "-t", "1s", app.url("/sleep/20/")]
    result = verdict.unhealthy(*question, cause="timeout-answer", says=says, once=True)
    assert "to be accepted on" not in result.first, str(result)


@pytest.mark.parametrize("scheme, cause", [("http", "workers-busy"), ("tcp", "queue-full"), ("postgres", "queue-full")])
def test_full_queue(peer, verdict, scheme, cause):
    """Goal: incident 17 at its worst: the queue is full, and the connection itself does not come about."""
    server = peer(accept=False)
    server.fill_queue()
    target = {"http": server.url(), "tcp": f"tcp://127.0.0.1:{server.port}"}
    target["postgres"] = f"postgres://app@127.0.0.1:{server.port}/app"
    says = ["no connection in 500 ms", "its queue is full: ", "workers are busy"]
    question = ["ready", "-t", "500ms", target[scheme]]
    result = verdict.unhealthy(*question, cause=cause, says=says, once=True)
    assert waiting_said(result) == waiting_by_ss("-t", f"sport = :{server.port}"), str(result)


def test_workers_of_one_port_are_added_up(container, verdict):
    """Goal: workers that share a port by SO_REUSEPORT have a queue each; what waits is the sum."""
    calls = ['listen("127.0.0.1", 8000, waiting=5, shared=True)', 'listen("127.0.0.1", 8000, waiting=4, shared=True)']
    question = ["live", "-t", "500ms", "http://127.0.0.1:8000/"]
    result = verdict.unhealthy(*question, cause="workers-busy", through=container(*calls).enter, once=True)
    assert waiting_said(result) == 10, str(result)


def test_queue_of_another_address(container, verdict):
    """Goal: who waits at another address of the same port does not wait for us."""
    box = container('listen("127.0.0.2", 8000, waiting=3)', 'serve_nobody("127.0.0.1", 8000)')
    question = ["live", "-t", "500ms", "http://127.0.0.1:8000/"]
    verdict.unhealthy(*question, cause="timeout-answer", says=["it was accepted: "], through=box.enter, once=True)


def test_queue_of_all_addresses(container, verdict):
    """Goal: a server that listens on all addresses has the queue of each."""
    box = container('listen("::", 8000, waiting=2)')
    says = ["3 connections wait to be accepted on [::1]:8000"]
    question = ["live", "-t", "500ms", "http://[::1]:8000/"]
    verdict.unhealthy(*question, cause="workers-busy", says=says, through=box.enter, once=True)


def test_full_unix_queue(container, verdict, stage):
    """Goal: a unix socket that takes no more refuses at once; how many wait is said."""
    path = f"{stage.new_folder('run')}/app.sock"
    box = container(f"listen_at({path!r}, waiting=3, backlog=2)")
    says = ["its queue is full: 3 connections wait to be accepted on unix:", "workers are busy"]
    question = ["live", "-t", "500ms", f"http://unix:{path}:/"]
    verdict.unhealthy(*question, cause="queue-full", says=says, through=box.enter)


def test_stopped_database(postgres, verdict, keep):
    """Goal: a PostgreSQL that accepts nobody: how many wait for it."""
    database = postgres()
    os.kill(database.pid, signal.SIGSTOP)
    try:
        for _ in range(2):
            keep(database.address.connect())
        question = ["ready", "--no-http", "-t", "500ms", f"--db={database.url()}"]
        says = ["but the login did not finish within 500 ms", "3 connections wait to be accepted on "]
        verdict.unhealthy(*question, cause="timeout-login", says=says, once=True)
    finally:
        os.kill(database.pid, signal.SIGCONT)


# Incident 20: nothing on the port -----------------------------------------------------------------------------------


def test_app_on_another_port(container, verdict):
    """Goal: incident 20, the first line names who listens, by port."""
    box = container('listen("::1", 9000)', 'listen("0.0.0.0", 8080)')
    says = ["nothing listens on 8000; listening: 0.0.0.0:8080, [::1]:9000; "]
    verdict.unhealthy(*REFUSED, cause="refused", says=says, through=box.enter)


@pytest.mark.parametrize("at", ['listen("0.0.0.0", 8000)', 'listen("127.0.0.1", 8000)'])
def test_port_that_a_firewall_refuses(container, verdict, at):
    """Goal: something listens on that very address all the same: it is not said to be bound to another."""
    firewall = "iptables -A INPUT -p tcp --dport 8000 -j REJECT --reject-with tcp-reset"
    says = ["it listens now: it has just begun to, or a firewall refuses; listening: "]
    box = container(at, setup=firewall)
    verdict.unhealthy("live", "http://127.0.0.1:8000/", cause="refused", says=says, through=box.enter)


def test_process_1_of_another_container(container, verdict, cgroup):
    """Goal: with --pid=host, process 1 is the machine's, and its age is not the container's."""
    box = container()
    result = verdict.unhealthy(*REFUSED, cause="refused", through=[*cgroup.enter, *box.enter])
    assert "; up " not in result.first, str(result)


def test_app_on_ipv6_only(container, verdict):
    """Goal: incident 20, bound to ::1 only: the IPv4 address is refused, and the line says who has the port."""
    box = container('serve("::1", 8000)')
    says = ["refused by 127.0.0.1:8000; port 8000 is bound to another address; listening: [::1]:8000"]
    verdict.unhealthy("live", "http://127.0.0.1:8000/", cause="refused", says=says, through=box.enter)


def test_app_on_ipv6_only_as_localhost(container, verdict):
    """Goal: localhost is both addresses, and the line says that it was not the first that answered."""
    box = container('serve("::1", 8000)')
    verdict.healthy(*REFUSED, says=["http 200 from ::1"], through=box.enter)


def test_app_on_the_outer_address_only(container, verdict):
    """Goal: bound to eth0's address, so that a check on localhost is refused."""
    box = container('serve("10.9.0.2", 8000)', setup=containers.WITH_ETH0)
    says = ["port 8000 is bound to another address; listening: 10.9.0.2:8000"]
    verdict.unhealthy(*REFUSED, cause="refused", says=says, through=box.enter)


def test_app_that_died(gunicorn, verdict):
    """Goal: incident 20, the service has ended: refused, with the port that nobody has any more."""
    app = gunicorn()
    verdict.healthy("live", app.url("/api/v1/health/"), says=["http 200"])
    app.stop()
    says = [f"refused by 127.0.0.1:{app.port}; nothing listens on "]
    verdict.unhealthy("live", app.url("/api/v1/health/"), cause="refused", says=says)


def test_the_few_of_many_listeners(container, verdict):
    """Goal: eight are named, the others counted; the line keeps within its limit."""
    calls = [f'listen("127.0.0.1", {port})' for port in range(9012, 9000, -1)]
    named = ", ".join(f"127.0.0.1:{port}" for port in range(9001, 9009))
    says = [f"nothing listens on 8000; listening: {named} and 4 more; "]
    verdict.unhealthy(*REFUSED, cause="refused", says=says, through=container(*calls).enter)


def test_more_listeners_than_are_kept(container, verdict):
    """Goal: with a list that is not whole, nothing is said of a port that is not on it."""
    box = container('[listen("127.0.0.1", port) for port in range(9001, 9071)]', 'listen("::1", 8000)')
    question = ["live", "http://127.0.0.1:8000/"]
    result = verdict.unhealthy(*question, cause="refused", says=[" and 63 more; "], through=box.enter)
    assert "nothing listens" not in result.first.split("; hint")[0], str(result)


# Incident 21: works inside, unreachable outside ---------------------------------------------------------------------


def noted(verdict, through, env=IN_CONTAINER, target="live :8000/", user=None):
    """The note that follows the verdict with -v, None without one. JSON, which is one object, has none, nor has what
    nobody reads."""
    assert "note" not in verdict.healthy(*target.split(), through=through, env=env, user=user).out
    result = verdict.healthy(*target.split(), "-v", through=through, env=env, user=user)
    report = verdict.as_json(target.split(), {"through": through, "env": env, "user": user}, 0, "healthy")
    assert "note" not in report["checks"][0] and "note" not in result.first, str(result)
    notes = [line.removeprefix("  note ").strip() for line in result.lines if line.startswith("  note ")]
    return notes[0] if notes else None


@pytest.mark.parametrize("target", ["live :8000/", "live http://127.0.0.1:8000/", "live tcp://localhost:8000"])
def test_bound_to_loopback_is_noted(container, verdict, target):
    """Goal: incident 21, healthy, and a note that nobody outside can tell."""
    box = container('serve("127.0.0.1", 8000)', setup=containers.WITH_ETH0)
    assert noted(verdict, box.enter, target=target) == NOTE


def test_note_without_ipv6(container, verdict):
    """Goal: incident 21 as most containers have it, without IPv6."""
    setup = f"{containers.WITH_ETH0} && echo 1 > /proc/sys/net/ipv6/conf/all/disable_ipv6"
    assert noted(verdict, container('serve("127.0.0.1", 8000)', setup=setup).enter) == NOTE


def test_note_as_another_user(container, verdict):
    """Goal: the same for the user that most services run as."""
    box = container('serve("127.0.0.1", 8000)', setup=containers.WITH_ETH0)
    as_nobody = ["/usr/bin/setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"]
    assert noted(verdict, [*box.enter, *as_nobody]) == NOTE


def test_bound_to_both_loopbacks_is_noted(container, verdict):
    """Goal: incident 21 as a server has it that binds the name localhost."""
    calls = ['serve("127.0.0.1", 8000)', 'serve("::1", 8000)']
    assert noted(verdict, container(*calls, setup=containers.WITH_ETH0).enter) == NOTE


def test_bound_to_the_other_loopback_is_noted(container, verdict):
    """Goal: the same, bound to ::1 alone."""
    assert noted(verdict, container('serve("::1", 8000)', setup=containers.WITH_ETH0).enter) == NOTE


@pytest.mark.parametrize("at", ['serve("0.0.0.0", 8000)', "listen_on_both(8000)"])
def test_bound_to_every_address_is_not_noted(container, verdict, at):
    """Goal: what others can reach has no note."""
    assert noted(verdict, container(at, setup=containers.WITH_ETH0).enter) is None


def test_loopback_and_an_outer_address_is_not_noted(container, verdict):
    """Goal: bound twice, to loopback and to the address that others use."""
    calls = ['serve("127.0.0.1", 8000)', 'serve("10.9.0.2", 8000)']
    assert noted(verdict, container(*calls, setup=containers.WITH_ETH0).enter) is None


def test_loopback_and_every_ipv6_address_is_not_noted(container, verdict):
    """Goal: reachable from outside by IPv6 alone is reachable."""
    calls = ['serve("127.0.0.1", 8000)', 'serve("::", 8000)']
    assert noted(verdict, container(*calls, setup=containers.WITH_ETH0).enter) is None


def test_loopback_and_an_outer_ipv6_address_is_not_noted(container, verdict):
    """Goal: the same by one address of many."""
    setup = f"{containers.WITH_ETH0} && ip addr add fd00::5/128 dev eth0 nodad"
    calls = ['serve("127.0.0.1", 8000)', 'serve("fd00::5", 8000)']
    assert noted(verdict, container(*calls, setup=setup).enter) is None


def test_machine_with_nothing_but_loopback_is_not_noted(container, verdict):
    """Goal: without a network there is no outside."""
    assert noted(verdict, container('serve("127.0.0.1", 8000)').enter) is None


@RELEASE_ONLY
@pytest.mark.parametrize("proc", [True, False])
def test_no_container_no_note(container, verdict, stage, probe_binary, proc):
    """Goal: a service behind a proxy of the same machine is bound to loopback for good reason; without /proc nobody
    can tell."""
    box = container('serve("127.0.0.1", 8000)', setup=containers.WITH_ETH0)
    root = containers.bare_root(stage.new_folder("root"), probe_binary, proc=proc)
    root["through"] = [*box.enter, *root["through"]]
    assert "note" not in verdict.healthy(*REFUSED, "-v", **root).out
    assert (NOTE in verdict.healthy(*REFUSED, "-v", env=IN_CONTAINER, **root).out) == proc


def test_asking_leaves_the_port_alone(container, verdict):
    """Goal: to find out, nothing is bound: afterwards the service binds every address."""
    box = container('serve("127.0.0.1", 8000)', setup=containers.WITH_ETH0)
    assert noted(verdict, box.enter) == NOTE
    taken = box.run("/usr/bin/python3", "-c", "import socket; socket.create_server(('10.9.0.2', 8000)); print('bound')")
    assert taken == "bound\n"


# Names --------------------------------------------------------------------------------------------------------------

HOSTS = "127.0.0.1 localhost\n10.0.0.5\tpostgres db # the database, not postgrez\n10.0.0.6 cache\n"


@pytest.fixture
def network(container, stage):
    """A container with these files and a name server: network(resolv, rcode).enter"""

    def start(resolv="nameserver 127.0.0.1\n", rcode=None, hosts=HOSTS):
        folder = stage.new_folder("etc")
        binds = []
        for name, content in {"hosts": hosts, "resolv.conf": resolv}.items():
            (folder / name).write_text(content)
            binds.append(containers.bind(folder / name, f"/etc/{name}"))
        return container(f"name_server({rcode!r})", setup=" && ".join(binds))

    return start


def words_of(result):
    """The first line without its hint."""
    return result.first.split("; hint: ")[0]


def test_name_in_hosts_is_found(network, verdict):
    """Goal: a name that /etc/hosts has needs no name server; what is wrong is its address."""
    box = network(rcode="NXDOMAIN", hosts="127.0.0.1 localhost postgres\n")
    verdict.unhealthy("ready", "redis://postgres", cause="refused", says=["127.0.0.1:6379"], through=box.enter)


@pytest.mark.parametrize("name, near", [("postgrs", "postgres"), ("cahce", "cache"), ("dbs", "db")])
def test_unknown_name_close_to_one_of_hosts(network, verdict, name, near):
    """Goal: a misspelt name: who was asked, and which name is close."""
    box = network(rcode="NXDOMAIN")
    says = [f"name '{name}' not found; asked 127.0.0.1; /etc/hosts has {near}"]
    verdict.unhealthy("ready", f"redis://{name}", cause="name-not-found", says=says, through=box.enter)


@pytest.mark.parametrize("name", ["elasticsearch", "nme", "x", "vm", "postgrez-2"])
def test_unknown_name_close_to_none(network, verdict, name):
    """Goal: two letters of three are no likeness."""
    box = network(rcode="NXDOMAIN")
    result = verdict.unhealthy("ready", f"redis://{name}", cause="name-not-found", through=box.enter)
    assert words_of(result).endswith(f"name '{name}' not found; asked 127.0.0.1"), str(result)


def test_search_list_is_shown(network, verdict):
    """Goal: a bare name is looked for in the search list, which is told; one with a dot is not."""
    box = network("search a.example  b.example\nnameserver 127.0.0.1\noptions ndots:1\n", "NXDOMAIN")
    says = ["name 'elastic' not found; asked 127.0.0.1, search a.example b.example"]
    verdict.unhealthy("ready", "redis://elastic", cause="name-not-found", says=says, through=box.enter)
    result = verdict.unhealthy("ready", "redis://elastic.example", cause="name-not-found", through=box.enter)
    assert "search" not in words_of(result), str(result)


RESOLV = """\
domain old.example
search svc.example
search

nameserver 127.0.0.1
nameserver 127.0.0.2
nameserver 127.0.0.3
nameserver 127.0.0.4
options timeout:1 ndots:2
"""


def test_what_is_asked_is_what_is_told(network, verdict):
    """Goal: the last search list, which a name of few dots is looked for in as well, and the servers that are asked."""
    box = network(RESOLV, "NXDOMAIN")
    says = ["; asked 127.0.0.1 127.0.0.2 127.0.0.3, search svc.example"]
    verdict.unhealthy("ready", "redis://db.prod", cause="name-not-found", says=says, through=box.enter)
    result = verdict.unhealthy("ready", "redis://db.a.example", cause="name-not-found", through=box.enter)
    assert "search" not in words_of(result), str(result)


def test_name_in_hosts_with_capitals(network, verdict):
    """Goal: names have no case: extra_hosts may have DB, and the URL db."""
    hosts = "127.0.0.1 localhost\n127.0.0.9 Primary.DB\n"
    box = network(rcode="NXDOMAIN", hosts=hosts)
    says = ["refused by 127.0.0.9:6379"]
    verdict.unhealthy("ready", "redis://primary.db", cause="refused", says=says, through=box.enter)


def test_silent_servers_are_named(network, verdict):
    """Goal: incident 24 with names: all the time went to servers that say nothing, each of them named."""
    box = network("nameserver 127.0.0.1 # ours\nnameserver\t127.0.0.2\n")
    says = ["name not resolved in 500 ms; asked 127.0.0.1 127.0.0.2 for cachee; /etc/hosts has cache"]
    verdict.unhealthy("ready", "-t", "500ms", "redis://cachee", cause="timeout-resolve", says=says, through=box.enter)
