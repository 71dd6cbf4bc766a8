#!/bin/sh
# Finds a Python that can run set_up.py: the environment's own once it exists (quick), else the system's.
cd "$(dirname "$0")/.." || exit 1
if .venv/bin/python -c '' 2>/dev/null; then
    exec .venv/bin/python scripts/set_up.py "$@"
fi
for candidate in "${PYTHON:-python3}" python3.11 python3.12 python3.13 python3.14; do
    if "$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
        exec "$candidate" scripts/set_up.py "$@"
    fi
done
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
    echo "… 安装 Python · installing Python with apt-get"
    if apt-get update -q >/dev/null 2>&1 \
        && DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends \
            python3 python3-venv >/dev/null 2>&1 \
        && python3 -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
        exec python3 scripts/set_up.py "$@"
    fi
fi
cat >&2 <<'WORDS'

✗ 没有找到 Python 3.11 或更新的版本。Debian 12 上请先运行：apt-get install python3 python3-venv
  No Python 3.11 or newer was found. On Debian 12 run first: apt-get install python3 python3-venv
  (其他位置的 Python · a Python somewhere else: make setup PYTHON=/path/to/python3)
WORDS
exit 1
