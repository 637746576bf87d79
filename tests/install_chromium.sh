#!/bin/sh
# Makes sure there is a Chromium for the browser tests: one that is installed, else Debian's, else the one Playwright brings.
set -eu
for name in chromium chromium-browser google-chrome; do
    if command -v "$name" >/dev/null 2>&1; then
        exit 0
    fi
done
if command -v apt-get >/dev/null 2>&1 && [ "$(id -u)" -eq 0 ]; then
    apt-get update -qq
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends chromium
else
    echo "No Chromium found; letting Playwright install one for the browser tests."
    "$PYTHON" -m playwright install chromium
fi
