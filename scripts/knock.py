"""Is the desk in this container well? Asks /healthz under the first of its own names; exit code 0 when it is."""

import http.client
import os
import sys


def main(port: int = 8000) -> int:
    name = os.environ.get("ALLOWED_HOSTS", "localhost").split(",")[0].strip().lstrip(".")
    desk = http.client.HTTPConnection("127.0.0.1", port, timeout=4)
    try:
        desk.request("GET", "/healthz", headers={"Host": name if name != "*" else "localhost"})
        answer = desk.getresponse()
        print(answer.status, answer.read().decode())
        return 0 if answer.status == 200 else 1
    except (OSError, http.client.HTTPException) as error:
        print(error)
        return 1


if __name__ == "__main__":
    sys.exit(main(*map(int, sys.argv[1:])))
