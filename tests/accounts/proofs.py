"""What a person holds in the hand: an authenticator app and a passkey, in software."""

import json
import re
import time
from base64 import urlsafe_b64decode, urlsafe_b64encode
from hashlib import sha256
from html import unescape
from typing import Any

from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from django.test import Client
from fido2.cose import ES256
from fido2.webauthn import (
    Aaguid,
    AttestationObject,
    AttestedCredentialData,
    AuthenticatorData,
    CollectedClientData,
)

RP_ID = "testserver"
ORIGIN = "https://testserver"
PRESENT_AND_VERIFIED = AuthenticatorData.FLAG.UP | AuthenticatorData.FLAG.UV


def code_of_app(secret: str, steps_ahead: int = 0) -> str:
    """What the app shows now, or some 30-second steps later."""
    return format_hotp_value(hotp_value(secret, int(time.time()) // 30 + steps_ahead))


def b64(data: bytes) -> str:
    return urlsafe_b64encode(data).rstrip(b"=").decode()


def unb64(text: str) -> bytes:
    return urlsafe_b64decode(text + "=" * (-len(text) % 4))


def data_in(page: str) -> dict[str, Any]:
    """The JSON that allauth's scripts read from a page."""
    found = re.search(r'<script id="js_data" type="application/json">(.*?)</script>', page, re.S)
    assert found
    return json.loads(unescape(found.group(1)))


class Passkey:
    """A device with one key pair that signs what the desk asks of it."""

    def __init__(self) -> None:
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.id = b"passkey-of-the-test"
        self.user_handle = b""
        self.counter = 0

    def authenticator_data(self, credential: AttestedCredentialData | None = None) -> AuthenticatorData:
        self.counter += 1
        flags = PRESENT_AND_VERIFIED | (AuthenticatorData.FLAG.AT if credential else 0)
        rp_hash = sha256(RP_ID.encode()).digest()
        return AuthenticatorData.create(rp_hash, flags, self.counter, credential or b"")

    def create(self, options: dict[str, Any]) -> str:
        """Answer a registration."""
        self.user_handle = unb64(options["publicKey"]["user"]["id"])
        challenge = unb64(options["publicKey"]["challenge"])
        client = CollectedClientData.create("webauthn.create", challenge, ORIGIN)
        public = ES256.from_cryptography_key(self.key.public_key())
        data = self.authenticator_data(AttestedCredentialData.create(Aaguid(bytes(16)), self.id, public))
        response = {
            "clientDataJSON": b64(client),
            "attestationObject": b64(AttestationObject.create("none", data, {})),
        }
        return self.answer(response, {"credProps": {"rk": True}})

    def get(self, options: dict[str, Any]) -> str:
        """Answer a challenge."""
        client = CollectedClientData.create("webauthn.get", unb64(options["publicKey"]["challenge"]), ORIGIN)
        data = self.authenticator_data()
        signature = self.key.sign(data + client.hash, ec.ECDSA(hashes.SHA256()))
        response = {
            "clientDataJSON": b64(client),
            "authenticatorData": b64(data),
            "signature": b64(signature),
            "userHandle": b64(self.user_handle),
        }
        return self.answer(response, {})

    def answer(self, response: dict[str, str], extensions: dict[str, Any]) -> str:
        key_id = b64(self.id)
        return json.dumps(
            {
                "id": key_id,
                "rawId": key_id,
                "type": "public-key",
                "clientExtensionResults": extensions,
                "response": response,
            }
        )

    def sign_in(self, client: Client) -> Any:
        """Sign in with it alone."""
        options = client.get("/accounts/2fa/webauthn/login/", headers={"accept": "application/json"}).json()
        credential = self.get(options["request_options"])
        return client.post("/accounts/2fa/webauthn/login/", {"credential": credential})
