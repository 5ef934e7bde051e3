"""Who may call: users by signed tokens, the bot by the one token that the server keeps for it."""

from __future__ import annotations

import base64
import time

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import load_der_public_key

from tests.openmetadata_double.answers import Json, Refused

KEY_ID = "Gb389a-9f76-gdjs-a92j-0242bk94356"
"""What OpenMetadata's own settings name the key; tokens name it too."""

_CLAIMS = ("email", "preferred_username", "sub")
"""Where the server looks for the user's name, first found first taken."""


class Tokens:
    def __init__(self, public_key_der: bytes | None, bot: str) -> None:
        own = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        key = own.public_key() if public_key_der is None else load_der_public_key(public_key_der)
        if not isinstance(key, rsa.RSAPublicKey):
            raise TypeError("OpenMetadata takes RSA keys")
        self._key = key
        claims = {"iss": "open-metadata.org", "sub": bot, "isBot": True, "iat": int(time.time())}
        # The private half of a given key is not here, and a bot's token is compared, never read.
        self.of_bot = jwt.encode(claims, own, "RS256", headers={"kid": KEY_ID})
        self._bot = bot

    def user(self, authorization: str | None) -> str:
        """Whose token this is, not yet known to exist; Refused(401) where it is none."""
        if not authorization:
            raise Refused(401, "Not Authorized! Token not present")
        token = authorization.removeprefix("Bearer ")
        return self._bot if token == self.of_bot else self._signed(token)

    def _signed(self, token: str) -> str:
        try:
            if jwt.get_unverified_header(token).get("kid") != KEY_ID:
                raise Refused(401, "Invalid token")
            # As the server: signature and expiry, neither issuer nor audience.
            claims = jwt.decode(
                token, self._key, ["RS256"], options={"verify_aud": False, "verify_iat": False}
            )
        except jwt.ExpiredSignatureError:
            raise Refused(401, "Expired token!") from None
        except jwt.InvalidTokenError:
            raise Refused(401, "Invalid token") from None
        if claims.get("isBot"):
            raise Refused(401, "Not Authorized! Invalid Token")
        name = next((claims[claim] for claim in _CLAIMS if claims.get(claim)), None)
        if name is None:
            raise Refused(
                401, "Invalid JWT token, none of the following claims are present " + str(list(_CLAIMS))
            )
        return str(name).split("@")[0]

    def key_set(self) -> Json:
        """The JWKS that the server publishes."""
        numbers = self._key.public_numbers()
        key = {"kty": "RSA", "kid": KEY_ID, "n": _base64(numbers.n), "e": _base64(numbers.e)}
        return {"keys": [{**key, "alg": "RS256", "use": "sig"}]}


def _base64(number: int) -> str:
    """As the server writes it: Java's bytes have a leading zero for the sign, and the padding stays."""
    return base64.urlsafe_b64encode(number.to_bytes(number.bit_length() // 8 + 1, "big")).decode()
