"""Short ways to make a finding."""

from wangge.kernel.postgres import ClusterError, Finding, Level, Words


def ok(code: str, zh: str, en: str) -> Finding:
    return Finding(Level.OK, code, Words(zh, en))


def warn(code: str, zh: str, en: str) -> Finding:
    return Finding(Level.WARN, code, Words(zh, en))


def error(code: str, zh: str, en: str) -> Finding:
    return Finding(Level.ERROR, code, Words(zh, en))


def told(trouble: ClusterError) -> Finding:
    return Finding(Level.ERROR, trouble.code, trouble.words)
