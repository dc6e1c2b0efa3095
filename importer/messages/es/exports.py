"""Español: exportaciones, conversiones, comparaciones."""

SENTENCES: dict[str, str] = {
    "export.sheet": "Contactos",
    "export.own.status": "Estado",
    "export.own.urns": "Otras URN",
    "export.own.active": "activo",
    "export.own.blocked": "bloqueado",
    "export.own.stopped": "detenido",
    "export.done": "{count:,} {count:contacto|contactos} del espacio de trabajo {workspace}",
    "export.blanks": "{count:,} {count:celda quedó|celdas quedaron} en blanco, porque ninguna celda dice exactamente lo que tiene el contacto; al importar de nuevo, eso queda como está:",
    "export.blank": "{file}, fila {row}, {header}: {value}",
    "export.more": "… y {count:,} más",
}
