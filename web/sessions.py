"""Who is logged in, and how often somebody may guess."""

import hashlib
import secrets
import threading
import time
from collections.abc import Callable

IDLE_SECONDS = 12 * 3600.0
"""A session that is not used for so long ends."""
_MOST_SESSIONS = 1_000
FREE_GUESSES = 5
"""Wrong passwords that cost no wait; each one after them doubles the wait."""
LONGEST_WAIT = 300.0
LONGEST_WAIT_OF_A_NAME = 30.0
"""Anybody can guess at the password of another, who must not be kept out for long by that."""
_DOUBLINGS = 10  # reach the longest wait; a float overflows after 1,023
_FORGET_SECONDS = 3600.0
_MOST_KEYS = 10_000


class Sessions:
    """Sessions in memory, by the hash of their token: they end with the server. Safe to use from several threads."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        """Start without any; ``clock`` gives seconds."""
        self._clock = clock
        self._used: dict[bytes, tuple[str, float]] = {}
        self._lock = threading.Lock()

    def begin(self, user: str) -> str:
        """A new session of ``user``; gives its token."""
        token = secrets.token_urlsafe(32)
        with self._lock:
            if len(self._used) >= _MOST_SESSIONS:
                del self._used[min(self._used, key=lambda key: self._used[key][1])]
            self._used[_digest(token)] = (user, self._clock())
        return token

    def user_of(self, token: str) -> str | None:
        """Whose session ``token`` is, or ``None`` when it is none."""
        key, now = _digest(token), self._clock()
        with self._lock:
            found = self._used.get(key)
            if found is None:
                return None
            user, used = found
            if now - used > IDLE_SECONDS:
                del self._used[key]
                return None
            self._used[key] = (user, now)
            return user

    def end(self, token: str) -> None:
        """End a session, if ``token`` is one."""
        with self._lock:
            self._used.pop(_digest(token), None)


class Throttle:
    """Makes guessing slow: after a few wrong passwords, each further one doubles the wait.

    Counts by a key: the address from which they come, or the name that they are for.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic, longest: float = LONGEST_WAIT) -> None:
        """Start without any guesses; ``clock`` gives seconds, and ``longest`` is the most to wait."""
        self._clock = clock
        self._longest = longest
        # By hash: both kinds of key are what somebody sent, and as long as it may be.
        self._failures: dict[bytes, tuple[int, float]] = {}
        self._lock = threading.Lock()

    def wait(self, key: str) -> float:
        """Seconds until ``key`` may be tried again; 0 when it may now."""
        with self._lock:
            count, last = self._failures.get(_digest(key), (0, 0.0))
        if count < FREE_GUESSES:
            return 0.0
        return max(0.0, last + min(2.0 ** min(count - FREE_GUESSES + 1, _DOUBLINGS), self._longest) - self._clock())

    def failed(self, key: str) -> None:
        """Note a wrong password."""
        digest, now = _digest(key), self._clock()
        with self._lock:
            count, last = self._failures.pop(digest, (0, now))
            if len(self._failures) >= _MOST_KEYS:
                del self._failures[next(iter(self._failures))]  # the one that failed longest ago
            self._failures[digest] = (1 if now - last > _FORGET_SECONDS else count + 1, now)

    def succeeded(self, key: str) -> None:
        """Forget the wrong passwords of ``key``."""
        with self._lock:
            self._failures.pop(_digest(key), None)


def _digest(token: str) -> bytes:
    # Looked up by hash, so that how long a look-up takes tells nothing about a token.
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).digest()
