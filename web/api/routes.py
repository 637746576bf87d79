"""All addresses under ``/api``, put together from one router a subject."""

from fastapi import APIRouter

from web.page import Page


def api_router(page: Page) -> APIRouter:
    """Everything under ``/api`` for one page."""
    router = APIRouter(prefix="/api")
    _ = page
    return router
