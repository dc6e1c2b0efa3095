"""The mirror: a workspace's contacts as last seen, in a file, so that the next run asks only for what changed since.

It is a copy and nothing more: one that cannot be trusted is made anew. Several processes may use one at once: each
writes down what the server has shown it, and what was seen later counts.

`book` is the mirror, `finding` how contacts are looked up, `looks` how most need not be, `forms` how it keeps contacts,
`file` what lies on the disk.
"""

from importer.mirror.book import Mirror
from importer.mirror.file import contacts_in, path_of
from importer.mirror.forms import micros_of, moment_of

__all__ = ["Mirror", "contacts_in", "micros_of", "moment_of", "path_of"]
