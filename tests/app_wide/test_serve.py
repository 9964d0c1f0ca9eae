"""The real server process under test: it answers, dies as in a power cut, and comes back on the same address."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import requests

from tests.servers import ServerFailedError

if TYPE_CHECKING:
    from tests.conftest import Serve


def test_a_served_app_survives_being_killed(serve: Serve) -> None:
    served = serve()
    assert requests.get(f"{served.url}/healthz", timeout=5).json() == {"status": "ok"}
    static = requests.get(f"{served.url}/static/favicon.svg", timeout=5).headers
    page = requests.get(f"{served.url}/login", timeout=5).headers
    policy = page["Content-Security-Policy"].replace(f" ws://{served.url[7:]} wss://{served.url[7:]}", "")
    assert static["Content-Security-Policy"] == policy, "a drawing opened on its own is a document too"
    assert set(page) - set(static) <= {"Set-Cookie"}
    for wants in ({}, {"Upgrade": "websocket", "Connection": "Upgrade"}):
        refused = requests.get(f"{served.url}/socket.io/?EIO=4", headers=wants, timeout=5)
        assert refused.status_code == 400
        assert refused.headers["Content-Security-Policy"] == policy
        assert refused.headers["X-Content-Type-Options"] == "nosniff"
    head = requests.head(f"{served.url}/", timeout=5)
    assert head.status_code == 302
    served.kill9()
    with pytest.raises(requests.ConnectionError):
        requests.get(f"{served.url}/healthz", timeout=5)
    served.start()
    assert requests.get(f"{served.url}/healthz", timeout=5).json() == {"status": "ok"}


def test_a_server_that_refuses_to_start_says_why(serve: Serve) -> None:
    with pytest.raises(ServerFailedError, match="SECRET_KEY"):
        serve({"BANGXANH_ENV": "production"})
