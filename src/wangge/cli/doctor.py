"""`wangge doctor`: what is wrong with an installation, and what to do, in plain words."""

import click

from wangge.cli.checks import all_findings
from wangge.cli.speak import _, join, say
from wangge.cli.target import Place, where
from wangge.kernel.postgres import Level

_MARKS = {Level.OK: "✓", Level.WARN: "!", Level.ERROR: "✗"}


@click.command()
@click.option("--all", "everything", is_flag=True, help="正常的也列出 · what is well, too")
@where
def doctor(place: Place, everything: bool) -> int:
    """检查安装,说出毛病和办法 · check an installation; exit code 1 when something is wrong."""
    found = all_findings(place)
    for finding in found:
        if everything or finding.level is not Level.OK:
            say(f"{_MARKS[finding.level]} {join(finding.words.zh, finding.words.en)}")
    errors = sum(finding.level is Level.ERROR for finding in found)
    warnings = sum(finding.level is Level.WARN for finding in found)
    if errors:
        say(_("共 {errors} 处错误、{warnings} 处提醒。", errors=errors, warnings=warnings))
        return 1
    if warnings:
        say(_("没有错误,有 {warnings} 处提醒。", warnings=warnings))
    else:
        say(_("✓ 一切正常({number} 项检查)。", number=len(found)))
    return 0
