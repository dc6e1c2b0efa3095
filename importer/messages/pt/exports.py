"""Português do Brasil: exportações, conversões, comparações."""

SENTENCES: dict[str, str] = {
    "export.sheet": "Contatos",
    "export.own.status": "Situação",
    "export.own.urns": "Outras URNs",
    "export.own.active": "ativo",
    "export.own.blocked": "bloqueado",
    "export.own.stopped": "parado",
    "export.done": "{count:,} {count:contato|contatos} do espaço de trabalho {workspace}",
    "export.blanks": "{count:,} {count:célula ficou|células ficaram} em branco, porque nenhuma célula diz exatamente o que o contato tem; ao importar de novo, isso fica como está:",
    "export.blank": "{file}, linha {row}, {header}: {value}",
    "export.more": "… e mais {count:,}",
}
