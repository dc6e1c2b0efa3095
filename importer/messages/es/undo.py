"""Spanish: taking an import back, on the terminal."""

SENTENCES: dict[str, str] = {
    "undo.title.plan": "Por deshacer de la tarea {job} en el espacio de trabajo {workspace}",
    "undo.title.result": "Tarea {job} deshecha en el espacio de trabajo {workspace}",
    "undo.title.kept": "Conservados",
    "undo.plan.deleted": "{count:contacto|contactos} por eliminar: {count:creado|creados} por la importación",
    "undo.plan.updated": "{count:contacto|contactos} por restaurar",
    "undo.plan.unchanged": "ya como antes de la importación",
    "undo.plan.kept": "{count:conservado|conservados}, al menos en parte: alguien cambió algo después",
    "undo.done.deleted": "{count:eliminado|eliminados}",
    "undo.done.updated": "{count:restaurado|restaurados}",
    "undo.done.unchanged": "ya como antes de la importación",
    "undo.done.kept": "{count:conservado|conservados}, al menos en parte: alguien cambió algo después",
    "undo.done.refused": "{count:rechazado|rechazados} por la plataforma",
    "undo.done.not-sent": "aún por deshacer",
    "undo.groups-to-delete": "Grupos por eliminar, vacíos para entonces ({count}): {names}",
    "undo.groups-deleted": "Grupos eliminados ({count}): {names}",
    "undo.groups-kept": "Grupos de la importación que quedan, con contactos o cambiados después ({count}): {names}",
    "undo.fields-kept": "Campos de la importación que quedan, pues la plataforma no elimina campos ({count}): {names}",
    "undo.go-on": "¿Deshacer esto?",
    "undo.nothing-sent": "No se deshizo nada. El plan completo:",
    "undo.of": "deshace {job}",
}
