"""Run the suite on PostgreSQL and Redis instead of the embedded servers; arguments go on to pytest.

DATABASE_URL and REDIS_URL say where they are; without them the standard ports of this machine are asked. Where one is
silent nothing runs, which is said, and with CI=true is a failure. The tests make and remove databases of their own.
"""

import os
import subprocess
import sys
from getpass import getuser

import psycopg2
import redis


def postgres() -> str | None:
    """The address of the PostgreSQL that answers, with a scratch name for the database; None when none does."""
    given = os.environ.get("DATABASE_URL")
    for base in (
        [given.rsplit("/", 1)[0]] if given else [f"postgres://{who}@127.0.0.1:5432" for who in (getuser(), "postgres")]
    ):
        try:
            psycopg2.connect(f"{base}/postgres", connect_timeout=5).close()
            return f"{base}/tinglan_{os.getpid()}"
        except psycopg2.OperationalError as error:
            print(f"PostgreSQL at {base.rsplit('@')[-1]}: {str(error).strip()}", file=sys.stderr)
    return None


def broker() -> str | None:
    """The address of the Redis or Valkey that answers; None when none does."""
    url = os.environ.get("REDIS_URL", "redis://127.0.0.1:6379/0")
    try:
        redis.Redis.from_url(url, socket_connect_timeout=5).ping()
    except redis.RedisError as error:
        print(f"Redis: {error}", file=sys.stderr)
        return None
    return url


def main() -> int:
    database_url, redis_url = postgres(), broker()
    if not (database_url and redis_url):
        silent = " and ".join(name for name, url in (("PostgreSQL", database_url), ("Redis", redis_url)) if not url)
        fails = os.environ.get("CI") == "true"
        print(f"{silent} did not answer: the suite did NOT run on PostgreSQL and Redis.", file=sys.stderr)
        return 1 if fails else 0
    print(f"PostgreSQL: {database_url.rsplit('@')[-1]}   Redis: {redis_url.rsplit('@')[-1]}", flush=True)
    prefix = f"tinglan-test-{os.getpid()}:"
    env = {**os.environ, "DATABASE_URL": database_url, "REDIS_URL": redis_url, "REDIS_PREFIX": prefix}
    try:
        return subprocess.run([sys.executable, "-m", "pytest", *sys.argv[1:]], env=env, check=False).returncode
    finally:
        with redis.Redis.from_url(redis_url) as doorbell:
            for key in doorbell.scan_iter(f"{prefix}*"):
                doorbell.delete(key)


if __name__ == "__main__":
    sys.exit(main())
