"""Benches: speed is measured by `wangge bench NAME`, never asserted in a test by the clock.

Each prints one JSON object a line: name, work, seconds, rate, p50_ms, p99_ms, cpu_ms, statements,
against, ratio, memory_mb. `against` is what it was compared with in the same run.
"""

#: Name → module:function. The function takes `as_json` and the rest of the command line.
BENCHES: dict[str, str] = {
    "addresses": "wangge.bench.addresses:main",
    "deliver-plan": "wangge.bench.deliveries:main",
    "assign": "wangge.bench.assign:main",
    "dtdp": "wangge.bench.dtdp:main",
    "fatigue": "wangge.bench.fatigue:main",
    "import": "wangge.bench.importing:main",
    "inrc": "wangge.bench.inrc:main",
    "intake": "wangge.bench.intake:main",
    "lists": "wangge.bench.lists:main",
    "split": "wangge.bench.split:main",
    "roster": "wangge.bench.roster:main",
    "sweep": "wangge.bench.sweep:main",
    "verify": "wangge.bench.verify:main",
    "report": "wangge.bench.report:main",
    "offers": "wangge.bench.offers:main",
    "register": "wangge.bench.register:main",
    "microgrids": "wangge.bench.microgrids:main",
    "wall": "wangge.bench.wall:main",
}
