"""What stands in front of the page, outermost first: the guard, the password, the limits on what is sent."""

from collections.abc import Sequence

from starlette.middleware import Middleware

from web.auth import AccountGuard
from web.limits import BodyLimit
from web.passwords import Accounts
from web.security import PageGuard, host_names

SIGN_OUT = '<form method="post" action="/logout" class="sign-out"><button>Log out</button></form>'
"""The button that ends a session, as HTML."""


def protection(host: str, accounts: Accounts | None = None, names: Sequence[str] = ()) -> list[Middleware]:
    """The middleware of a page.

    Args:
        host: address or name that it is bound to.
        accounts: who may see it; without them there is no password.
        names: further names under which it may be visited.

    Raises:
        InputError: one of ``names`` is no name of a host.
    """
    password = [] if accounts is None else [Middleware(AccountGuard, accounts=accounts)]
    return [Middleware(PageGuard, host_names=host_names(host, names)), *password, Middleware(BodyLimit)]
