"""Portuguese (Brazil): removing what is kept."""

SENTENCES: dict[str, str] = {
    "purge.journal": "{count:,} {count:diário|diários}",
    "purge.mirror": "{count:,} {count:espelho|espelhos}",
    "purge.export": "{count:,} {count:exportação parada|exportações paradas}",
    "purge.page": "{count:,} {count:arquivo da página|arquivos da página}",
    "purge.copy": "{count:,} {count:cópia de arquivo|cópias de arquivos}",
    "purge.size": "{what} ({number:.} {unit})",
    "purge.question": "{what}: apagar isto? Uma tarefa sem diário não pode continuar nem ser desfeita.",
    "purge.removed": "Apagado: {what}.",
    "purge.nothing": "Nada foi apagado.",
    "purge.in-use": "Mantido, pois uma importação em andamento, ou a página, usa: {what}.",
}
