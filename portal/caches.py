"""The shared cache, when it is away: what it holds helps, and nothing waits for it."""

from collections.abc import Callable
from typing import Any, TypeVar

import structlog
from django.core.cache.backends.redis import RedisCache
from redis.exceptions import RedisError

log = structlog.get_logger(__name__)
T = TypeVar("T")


class ForgivingRedisCache(RedisCache):
    """Django's Redis cache; a server that does not answer holds nothing and takes nothing.

    Pages of signed-in people and the sending of job changes go on without it. Whatever counts in
    it (limits of tries, used codes) learns from `add` that nothing was noted, and refuses.
    """

    def add(self, *args: Any, **kwargs: Any) -> bool:
        """False when nothing was noted."""
        return bool(self._tried(super().add, False, *args, **kwargs))

    def get(self, key: Any, default: Any = None, version: Any = None) -> Any:
        """The default when nobody answers."""
        return self._tried(super().get, default, key, default, version)

    def set(self, *args: Any, **kwargs: Any) -> None:
        """Kept, if somebody is there."""
        self._tried(super().set, None, *args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> bool:
        """Whether there was something, as far as anybody knows."""
        return bool(self._tried(super().delete, False, *args, **kwargs))

    def _tried(self, act: Callable[..., T], otherwise: T, *args: Any, **kwargs: Any) -> T:
        try:
            return act(*args, **kwargs)
        except RedisError as error:
            # Its text holds the server's address, and may hold its password.
            log.warning("cache_does_not_answer", problem=type(error).__name__)
            return otherwise
