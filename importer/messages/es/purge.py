"""Spanish: removing what is kept."""

SENTENCES: dict[str, str] = {
    "purge.journal": "{count:,} {count:diario|diarios}",
    "purge.mirror": "{count:,} {count:espejo|espejos}",
    "purge.export": "{count:,} {count:exportación detenida|exportaciones detenidas}",
    "purge.page": "{count:,} {count:archivo de la página|archivos de la página}",
    "purge.copy": "{count:,} {count:copia de archivo|copias de archivos}",
    "purge.size": "{what} ({number:.} {unit})",
    "purge.question": "{what}: ¿borrar esto? Una tarea sin diario no puede continuar ni deshacerse.",
    "purge.removed": "Se borró: {what}.",
    "purge.nothing": "No se borró nada.",
    "purge.in-use": "Se conserva, pues lo usa una importación en curso o la página: {what}.",
}
