"""The login page: HTML of its own that needs nothing else, under a policy that allows nothing else."""

import base64
import hashlib

from starlette.responses import HTMLResponse

from web.escape import html_text

_STYLE = """
:root { color-scheme: light dark; --paper: #f8fafc; --card: #fff; --ink: #0f172a; --faint: #475569; --line: #94a3b8;
  --accent: #4338ca; --on-accent: #fff; --bad: #b91c1c }
@media (prefers-color-scheme: dark) { :root { --paper: #0f172a; --card: #1e293b; --ink: #f1f5f9; --faint: #cbd5e1;
  --line: #64748b; --accent: #a5b4fc; --on-accent: #1e1b4b; --bad: #fca5a5 } }
* { box-sizing: border-box }
body { margin: 0; min-height: 100vh; display: grid; place-items: center; padding: 1rem; background: var(--paper);
  color: var(--ink); font: 16px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, Arial, sans-serif }
main { width: min(24rem, 100%); padding: 2rem; background: var(--card); border: 1px solid var(--line); border-radius: 12px }
h1 { margin: 0; font-size: 1.5rem } sup { color: var(--accent); font-size: .6em }
p { margin: .25rem 0 1.25rem; color: var(--faint) } .bad { color: var(--bad); font-weight: 600 }
label { display: block; margin-top: 1rem; font-weight: 600 }
input { width: 100%; margin-top: .25rem; padding: .6rem .75rem; font: inherit; color: inherit; background: transparent;
  border: 1px solid var(--line); border-radius: 8px }
button { width: 100%; min-height: 2.75rem; margin-top: 1.5rem; font: inherit; font-weight: 600; color: var(--on-accent);
  background: var(--accent); border: 0; border-radius: 8px; cursor: pointer }
:is(input, button):focus-visible { outline: 3px solid var(--accent); outline-offset: 2px }
"""
# The part of the address after # names a citation; a form would lose it.
_SCRIPT = "document.forms[0].action = '/login' + location.hash"


def _allowed(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


_POLICY = (
    f"default-src 'none'; style-src {_allowed(_STYLE)}; script-src {_allowed(_SCRIPT)}; form-action 'self'; "
    "base-uri 'none'; frame-ancestors 'none'"
)


def login_page(status: int, problem: str = "", *, retry: int | None = None) -> HTMLResponse:
    """The page that asks for name and password.

    Args:
        status: of the response.
        problem: what was wrong with the last try.
        retry: seconds after which the next try may be made.
    """
    told = f'<p class="bad" role="alert">{html_text(problem)}</p>' if problem else "<p>Log in to ask the articles.</p>"
    headers = {"Content-Security-Policy": _POLICY, "Cache-Control": "no-store"}
    if retry is not None:
        headers["Retry-After"] = str(retry)
    return HTMLResponse(
        "<!doctype html>"
        '<html lang="en"><head><meta charset="utf-8"><title>Log in · Footnote</title>'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<style>{_STYLE}</style></head><body><main>"
        f'<h1>Footnote<sup aria-hidden="true">1</sup></h1>{told}'
        '<form method="post" action="/login">'
        '<label for="user">Name</label>'
        '<input id="user" name="user" autocomplete="username" autocapitalize="none" spellcheck="false" required autofocus>'
        '<label for="password">Password</label>'
        '<input id="password" name="password" type="password" autocomplete="current-password" required>'
        "<button>Log in</button></form></main>"
        f"<script>{_SCRIPT}</script></body></html>",
        status,
        headers,
    )
