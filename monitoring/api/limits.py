"""How often a stranger may do something: at most so many in any stretch of so many seconds, wherever it begins.

The times of what was let in stand in Redis, where every process of the desk sees them and they end by themselves.
"""

from collections.abc import Sequence
from datetime import datetime
from functools import cache
from math import ceil

import redis
from django.conf import settings

from accounts.secrets import fingerprints

Limit = tuple[str, int, int]  # who, how many, in how many seconds

# Each key holds the times of the last `most` that were let in, the newest first. The next may come when the oldest of
# them is `seconds` old. One step for all limits: what one of them refuses uses up nothing of the others.
TAKE = """
local now, wait = tonumber(ARGV[1]), 0
for i, key in ipairs(KEYS) do
  local most, seconds = tonumber(ARGV[2 * i]), tonumber(ARGV[2 * i + 1])
  if most < 1 then wait = math.max(wait, seconds) end
  local oldest = redis.call('LINDEX', key, most - 1)
  if oldest then wait = math.max(wait, tonumber(oldest) + seconds - now) end
end
if wait > 0 then return tostring(wait) end
for i, key in ipairs(KEYS) do
  redis.call('LPUSH', key, ARGV[1])
  redis.call('LTRIM', key, 0, ARGV[2 * i] - 1)
  redis.call('EXPIRE', key, ARGV[2 * i + 1])
end
return '0'
"""


@cache
def _connection() -> redis.Redis:
    return redis.Redis.from_url(settings.REDIS_URL, socket_timeout=2, socket_connect_timeout=2)


def take(limits: Sequence[Limit], *, now: datetime) -> int:
    """Use one of each: 0, or the whole seconds to wait where one of them is used up.

    Addresses are kept as fingerprints, not as they are. Raises redis.RedisError where nobody counts.
    """
    prefix = settings.CELERY_BROKER_TRANSPORT_OPTIONS["global_keyprefix"]
    keys = [f"{prefix}limit:{fingerprints(f'{who} {seconds}')[0][:32]}" for who, _most, seconds in limits]
    numbers = [number for _who, most, seconds in limits for number in (most, seconds)]
    return ceil(float(_connection().eval(TAKE, len(keys), *keys, f"{now.timestamp():.3f}", *numbers)))
