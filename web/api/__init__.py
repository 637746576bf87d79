"""The page's own addresses under ``/api``: what its panels and other programs call.

- :mod:`web.api.routes` puts the routers of the other modules together
"""

from web.api.routes import api_router

__all__ = ["api_router"]
