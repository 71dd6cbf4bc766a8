"""Backups of our own: every table by COPY out of one snapshot, with counts and hashes.

No program of the server's version is needed, and a backup made on one PostgreSQL (15 or newer) can
be restored on any other, or on another kind of machine. A backup is one zip file:

    manifest.json                 what is in it: versions, districts, tables, row counts, SHA-256
    districts/<schema>/<table>    rows in COPY's text format, columns named in the manifest
    files/<schema>/<sha256>       photos and documents
    keys/<schema>.key.sealed      field keys, under a passphrase; or absent
"""

from wangge.cli.archive.manifest import Manifest, read_manifest
from wangge.cli.archive.restoring import restore
from wangge.cli.archive.saving import save

__all__ = ["Manifest", "read_manifest", "restore", "save"]
