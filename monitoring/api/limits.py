"""How often a stranger may do something, counted before it is done, so that a hundred at once are counted, too.

The counts stand in Redis, where every process of the desk sees them and they end by themselves.
"""

from collections.abc import Sequence
from functools import cache

import redis
from django.conf import settings

from accounts.secrets import fingerprints

Limit = tuple[str, int, int]  # who, how many, in how many seconds

# One step for all limits: a count that one of them refuses uses up nothing of the others.
TAKE = """
for i, key in ipairs(KEYS) do
  if tonumber(redis.call('GET', key) or '0') >= tonumber(ARGV[2 * i - 1]) then return 0 end
end
for i, key in ipairs(KEYS) do
  if redis.call('INCR', key) == 1 then redis.call('EXPIRE', key, ARGV[2 * i]) end
end
return 1
"""


@cache
def _connection() -> redis.Redis:
    return redis.Redis.from_url(settings.REDIS_URL, socket_timeout=2, socket_connect_timeout=2)


def take(limits: Sequence[Limit]) -> bool:
    """Use one of each; False where one of them is used up. Addresses are kept as fingerprints, not as they are.

    Raises redis.RedisError where nobody counts.
    """
    prefix = settings.CELERY_BROKER_TRANSPORT_OPTIONS["global_keyprefix"]
    keys = [f"{prefix}limit:{fingerprints(f'{who} {seconds}')[0][:32]}" for who, _most, seconds in limits]
    numbers = [number for _who, most, seconds in limits for number in (most, seconds)]
    return bool(_connection().eval(TAKE, len(keys), *keys, *numbers))
