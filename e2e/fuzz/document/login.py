"""Owns who schemathesis is: a person who is logged in, and for what ends a login one who has just come."""

import os
import time

import requests
import schemathesis

URL = os.environ["LABYARD_URL"]
PASSWORD = os.environ["LABYARD_PASSWORD"]
STAYS = os.environ["LABYARD_EMAIL"]
LEAVES = os.environ["LABYARD_LEAVER"]
# An access token lives for an hour.
KEPT_S = 30 * 60
# Nobody could go on after these.
ENDING = {
    "DELETE /api/v1/auth/me",
    "DELETE /api/v1/auth/session",
    "DELETE /api/v1/auth/sessions/{session_id}",
    "GET /api/v1/auth/sessions",
    "POST /api/v1/auth/logout",
    "POST /api/v1/auth/logout-everywhere",
}

kept = {}


def token(email):
    answer = requests.post(
        f"{URL}/api/v1/auth/token",
        json={"email": email, "password": PASSWORD},
        timeout=30,
    )
    answer.raise_for_status()
    return answer.json()["access_token"]


def kept_token(email):
    made, value = kept.get(email, (0, None))
    if time.monotonic() - made > KEPT_S or value is None:
        value = token(email)
        kept[email] = (time.monotonic(), value)
    return value


@schemathesis.auth(refresh_interval=None)
class Login:
    def get(self, case, context):
        if case.operation.label in ENDING:
            return token(LEAVES)
        return kept_token(STAYS)

    def set(self, case, data, context):
        case.headers["Authorization"] = f"Bearer {data}"
