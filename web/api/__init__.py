"""The page's own addresses under ``/api``: what its panels and other programs call.

- :mod:`web.api.asking` asking, searching and reading, for programs
- :mod:`web.api.errors` the one shape of errors
- :mod:`web.api.openapi` the description of all of it
- :mod:`web.api.routes` puts the routers of the other modules together
"""

from web.api.routes import api_router

__all__ = ["api_router"]
