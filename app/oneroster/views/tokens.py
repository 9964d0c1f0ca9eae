"""OAuth 2 client credentials (RFC 6749, 4.4) for programs: the token endpoint, and reading a token back."""

from __future__ import annotations

import hmac
from collections import defaultdict
from typing import TYPE_CHECKING, Any, Final, Self

from authlib.common.security import generate_token
from authlib.integrations.flask_oauth2 import AuthorizationServer
from authlib.oauth2.rfc6749 import ClientCredentialsGrant, ClientMixin, OAuth2Payload, OAuth2Request
from authlib.oauth2.rfc6750 import BearerTokenGenerator
from flask import current_app, jsonify, request
from limits import parse

from app import clock, db
from app.accounts.queries import token_hash
from app.accounts.views.tries import limiter
from app.oneroster.commands.clients import OtherClient, keep_token, offered_scopes, other_client
from app.oneroster.queries.clients import client_by_id, reader_of_token
from app.oneroster.rules.clients import SCOPES, TOKEN_GOOD_FOR, granted
from app.oneroster.views import service_bp

if TYPE_CHECKING:
    from flask import Response

    from app.oneroster.models import OneRosterClient
    from app.oneroster.queries.clients import Reader

TOKENS_PER_CLIENT: Final = parse("30 per 5 minutes")
TOKENS_PER_ADDRESS: Final = parse("300 per 5 minutes")
TOKEN_LENGTH: Final = 43


class _Client(ClientMixin):  # type: ignore[misc] # Authlib ships no types
    """A stored client, or one of another feature, as Authlib asks about it."""

    def __init__(self, row: OneRosterClient | OtherClient) -> None:
        self.row = row
        self.client_id = row.client_id

    def get_client_id(self) -> str:
        return self.client_id

    def get_allowed_scope(self, scope: str | None) -> str | None:
        return granted(self.row.scopes, scope)

    def check_client_secret(self, client_secret: str) -> bool:
        is_right: bool = hmac.compare_digest(self.row.secret_hash, token_hash(client_secret))
        return is_right

    def check_endpoint_auth_method(self, method: str, endpoint: str) -> bool:
        return endpoint == "token" and method in _Grant.TOKEN_ENDPOINT_AUTH_METHODS

    def check_grant_type(self, grant_type: str) -> bool:
        return bool(grant_type == _Grant.GRANT_TYPE)


class _Grant(ClientCredentialsGrant):  # type: ignore[misc] # Authlib ships no types
    TOKEN_ENDPOINT_AUTH_METHODS: Final = ("client_secret_basic", "client_secret_post")


class _Payload(OAuth2Payload):  # type: ignore[misc] # Authlib ships no types
    """What was posted; what stands in the address, and so in every log on the way, is not looked at."""

    @property
    def data(self) -> Any:  # noqa: ANN401 - werkzeug's form
        return request.form

    @property
    def datalist(self) -> dict[str, list[str]]:
        return defaultdict(list, request.form.to_dict(flat=False))


class _Request(OAuth2Request):  # type: ignore[misc] # Authlib ships no types
    """The running request. Plain http is refused in production only: a school tries things out on its own network."""

    @classmethod
    def running(cls) -> Self:
        settings = current_app.extensions["bangxanh.settings"]
        address = request.url if settings.is_production else request.url.replace("http://", "https://", 1)
        found = cls(request.method, address, headers=request.headers)
        found.payload = _Payload()
        return found

    @property
    def args(self) -> dict[str, str]:
        return {}

    @property
    def form(self) -> Any:  # noqa: ANN401 - werkzeug's form
        return request.form


class _Server(AuthorizationServer):  # type: ignore[misc] # Authlib ships no types
    def create_oauth2_request(self, request: object) -> _Request:  # noqa: ARG002 - Authlib hands over what it was given
        return _Request.running()


def _query_client(client_id: str) -> _Client | None:
    row = client_by_id(db.session(), client_id, clock.today()) or other_client(client_id)
    return _Client(row) if row else None


def _new_token(client: _Client, *_rest: object, **_more: object) -> str:
    if isinstance(client.row, OtherClient):
        return client.row.issue()
    made: str = generate_token(TOKEN_LENGTH)
    return made


def _save_token(token: dict[str, Any], asked: OAuth2Request) -> None:
    if isinstance(asked.client.row, OtherClient):
        return
    client_pk = asked.client.row.id
    db.session().rollback()
    keep_token(client_pk, token["access_token"], token.get("scope", ""))


def _token_server() -> _Server:
    server = _Server(query_client=_query_client, save_token=_save_token)
    server.scopes_supported = SCOPES
    seconds = int(TOKEN_GOOD_FOR.total_seconds())
    server.register_token_generator(
        "default",
        BearerTokenGenerator(_new_token, expires_generator=seconds),
    )
    server.register_grant(_Grant)
    return server


_server = _token_server()


def reader_of_request() -> Reader | None:
    """Return the program whose token the running request shows, None when it shows none that is good."""
    scheme, _, shown = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not shown:
        return None
    return reader_of_token(db.session(), shown.strip(), clock.now(), clock.today())


@service_bp.post("/api/v1/token")
@service_bp.post("/ims/oneroster/token")
def token() -> Response:
    """Give a program that knows its secret a token of an hour, for rosters and for whatever else it was granted."""
    _server.scopes_supported = [*SCOPES, *offered_scopes()]
    who = (request.authorization.username if request.authorization else request.form.get("client_id")) or ""
    address = request.remote_addr or ""
    allowed = limiter.limiter.hit(TOKENS_PER_ADDRESS, "oneroster-address", address)
    # By client and address: whoever knows a client's id, which is no secret, must not be able to keep it out.
    if not (limiter.limiter.hit(TOKENS_PER_CLIENT, "oneroster-token", who[:64], address) and allowed):
        answer = jsonify({"error": "slow_down", "error_description": "Too many requests for a token."})
        answer.status_code = 429
        answer.headers["Retry-After"] = "300"
        return answer
    if not who:
        answer = jsonify({"error": "invalid_client", "error_description": "No client names itself."})
        answer.status_code = 401
        answer.headers["WWW-Authenticate"] = 'Basic realm="OneRoster"'
        return answer
    answered: Response = _server.create_token_response()
    return answered
