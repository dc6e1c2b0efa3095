"""Portuguese (Brazil): taking an import back, on the terminal."""

SENTENCES: dict[str, str] = {
    "undo.title.plan": "A desfazer da tarefa {job} no espaço de trabalho {workspace}",
    "undo.title.result": "Tarefa {job} desfeita no espaço de trabalho {workspace}",
    "undo.title.kept": "Mantidos",
    "undo.plan.deleted": "{count:contato|contatos} a excluir: {count:criado|criados} pela importação",
    "undo.plan.updated": "{count:contato|contatos} a restaurar",
    "undo.plan.unchanged": "já como antes da importação",
    "undo.plan.kept": "{count:mantido|mantidos}, ao menos em parte: alguém alterou depois",
    "undo.done.deleted": "{count:excluído|excluídos}",
    "undo.done.updated": "{count:restaurado|restaurados}",
    "undo.done.unchanged": "já como antes da importação",
    "undo.done.kept": "{count:mantido|mantidos}, ao menos em parte: alguém alterou depois",
    "undo.done.refused": "{count:recusado|recusados} pela plataforma",
    "undo.done.not-sent": "ainda por desfazer",
    "undo.groups-to-delete": "Grupos a excluir, vazios até lá ({count}): {names}",
    "undo.groups-deleted": "Grupos excluídos ({count}): {names}",
    "undo.groups-kept": "Grupos da importação que ficam, com contatos ou alterados depois ({count}): {names}",
    "undo.fields-kept": "Campos da importação que ficam, pois a plataforma não exclui campos ({count}): {names}",
    "undo.go-on": "Desfazer isto?",
    "undo.nothing-sent": "Nada foi desfeito. O plano completo:",
    "undo.of": "desfaz {job}",
}
