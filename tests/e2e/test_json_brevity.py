"""JSON of many checks is cut to 4096 bytes by whole fields, those first that can best be missed."""
from peers import request, response, send

DOWN = (request(), send(response(b"y" * 60, status=b"503 Service Unavailable")))
IN_TURN = ["exchange", "detail", "phases_ms", "hint"]
TARGETS_MAX = 16


def test_fields_are_left_out_in_turn(run_probe, validate, peer):
    """Goal: the exchange goes first, then the detail, the phases and the hint, of every check; each only if it must."""
    server = peer(*DOWN)
    seen = []
    for count in range(1, TARGETS_MAX + 1):
        targets = [f":{server.port}/{number}" for number in range(count)]
        report = run_probe("live", "-vv", "-o", "json", *targets).json()
        validate(report)
        assert [check["cause"] for check in report["checks"]] == ["http-unavailable"] * count
        fields = [[name for name in IN_TURN if name in check] for check in report["checks"]]
        assert fields == [fields[0]] * count
        seen.append(fields[0])
    steps = [step for number, step in enumerate(seen) if number == 0 or step != seen[number - 1]]
    assert steps == [IN_TURN[gone:] for gone in range(len(IN_TURN) + 1)]
