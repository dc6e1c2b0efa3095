"""The same table as frictionless checks it: types, patterns, lengths, languages, and no key twice.

`python frictionless_check.py FILE` in the peers' environment.
"""

import sys

from frictionless import Checklist, Detector, Resource, Schema, system

TEXT = {"type": "string", "constraints": {"maxLength": 640}}
PHONE = {"type": "string", "constraints": {"pattern": r"\+?[0-9 ()-]{8,20}"}}
FIELDS = [
    {"name": "Name", "type": "string", "constraints": {"maxLength": 100}},
    {"name": "Phone", **PHONE, "constraints": {**PHONE["constraints"], "unique": True}},
    {"name": "Phone 2", **PHONE},
    {"name": "Mail", "type": "string", "format": "email"},
    {"name": "Ext", "type": "string", "constraints": {"maxLength": 251, "unique": True}},
    {"name": "Language", "type": "string", "constraints": {"enum": ["por", "spa", "eng"]}},
    {"name": "Groups", **TEXT},
    *({"name": name, **TEXT} for name in ("Cidade", "Bairro", "Escola", "Observacao")),
    {"name": "Idade", "type": "number"},
    {"name": "Renda", "type": "number"},
    {"name": "Nascimento", "type": "date", "format": "%d/%m/%Y"},
    {"name": "Matricula", "type": "datetime", "format": "%Y-%m-%d %H:%M"},
]

if __name__ == "__main__":
    schema = Schema.from_descriptor({"fields": FIELDS})
    resource = Resource(path=sys.argv[1], schema=schema, detector=Detector(schema_sync=False))
    with system.use_context(trusted=True):
        report = resource.validate(
            Checklist(skip_errors=["incorrect-label", "duplicate-label"]), limit_errors=100_000
        )
    print(report.stats)
