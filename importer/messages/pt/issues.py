"""Portuguese: what is wrong with a file, a row or a cell, and what to do."""

ISSUES: dict[str, tuple[str, str]] = {
    # o arquivo como um todo
    "file-not-found": ("O arquivo {value} não existe.", "Confira o nome e a pasta."),
    "file-is-folder": ("{value} é uma pasta.", "Indique o caminho de um arquivo dentro dela."),
    "file-not-allowed": (
        "Não foi possível abrir {value}.",
        "Feche o arquivo nos outros programas ou peça acesso a ele.",
    ),
    "file-empty": ("O arquivo está vazio.", "Salve a planilha de novo e confira o tamanho dela."),
    "file-unreadable": (
        "O arquivo não pode ser lido como tabela: {reason}.",
        "Abra-o em um programa de planilhas e salve como .xlsx ou .csv.",
    ),
    "file-encrypted": ("A planilha está protegida por senha.", "Salve-a sem senha e tente de novo."),
    "file-too-large": (
        "Ao ser descompactada, a planilha passa de {limit}, muito mais do que as linhas dela podem precisar.",
        "Abra-a em um programa de planilhas e salve de novo.",
    ),
    "file-type-mismatch": (
        "O nome do arquivo termina em {suffix}, mas o conteúdo é {kind}; ele foi lido pelo que é.",
        "Não é preciso fazer nada; um nome adequado evita confusão.",
    ),
    "no-records": (
        "Há uma linha de cabeçalho, mas nada abaixo dela.",
        "Verifique se a aba certa foi salva.",
    ),
    "header-missing": (
        "Nenhuma linha parece ser o cabeçalho.",
        "Dê nome às colunas na primeira linha (Nome, URN:Tel, …) ou diga qual é a linha com --header-row.",
    ),
    "header-duplicate": (
        "As colunas {first} e {letter} são ambas {target}.",
        "Fique com uma delas ou deixe uma de fora com um arquivo de mapeamento.",
    ),
    "header-empty": (
        "A coluna {letter} tem valores, mas não tem cabeçalho; ela fica de fora.",
        "Para importá-la, dê um cabeçalho a ela.",
    ),
    "header-unknown": (
        "A coluna {column} fica de fora: nenhum campo e nenhum nome usual corresponde a ela{such_as}.{perhaps}",
        "Para importar uma coluna assim, mude o nome dela para Field:NOME, use --new-fields create ou indique o destino em um arquivo de mapeamento.",
    ),
    "header-guessed": (
        "A coluna {column} foi entendida como {target}, por causa de “{evidence}”.",
        "Se não for isso, indique o destino dela em um arquivo de mapeamento.",
    ),
    "header-contradicted": (
        "Pelo nome, a coluna {column} é {target}, mas ela tem valores como “{evidence}”; ela fica de fora.",
        "Dê a ela um cabeçalho adequado ou indique o destino em um arquivo de mapeamento.",
    ),
    "mapping-column-missing": (
        "O arquivo de mapeamento cita a coluna {value}, que a planilha não tem.",
        "Corrija o nome ou apague essa linha.",
    ),
    "sheet-missing": ("A aba {value} não existe.", "As abas são: {sheets}."),
    "sheet-choice": (
        "Há contatos em mais de uma aba; a aba lida foi {value}.",
        "Para ler outra, use --sheet.",
    ),
    "hidden-rows": (
        "{count:,} {count:linha oculta também é importada|linhas ocultas também são importadas}.",
        "Apague o que não deve entrar.",
    ),
    "hidden-columns": (
        "A coluna {column} está oculta; ela também é importada.",
        "Apague-a se ela não deve entrar.",
    ),
    "encoding-guessed": (
        "O texto não está em Unicode; ele foi lido como {encoding}.",
        "Verifique se os acentos estão certos; para ter certeza, salve o arquivo como “CSV UTF-8”.",
    ),
    "encoding-mixed": (
        "Algumas linhas estão em UTF-8 e outras em Windows-1252; cada uma foi lida como está.",
        "Verifique se os acentos estão certos; para ter certeza, salve o arquivo como “CSV UTF-8”.",
    ),
    "text-mojibake": (
        "Alguns acentos já estavam estragados (como em {value}); eles são importados como estão.",
        "Exporte a lista de novo em UTF-8.",
    ),
    "cells-hold-delimited-text": (
        "Cada linha estava em uma única célula; ela foi separada em {value}.",
        "Verifique se as colunas estão certas; para ter certeza, salve a tabela com um valor em cada célula.",
    ),
    "no-key-column": (
        "Nenhuma coluna diz de qual contato é a linha.",
        "Acrescente uma coluna com telefones, e-mails, IDs externos ou UUIDs dos contatos (URN:Tel, URN:Whatsapp, URN:Mailto, URN:Ext, Contact UUID).",
    ),
    "only-key-column": (
        "Além dos UUIDs dos contatos, o arquivo não tem nada para importar.",
        "Acrescente as colunas que você quer mudar.",
    ),
    "urn-scheme-unknown": ("{value} não é um esquema de URN.{suggestion}", "Use um destes: {schemes}."),
    "field-reserved": (
        "Nenhum campo pode se chamar {value}: a plataforma reserva esse nome para ela.",
        "Mude o nome da coluna.",
    ),
    "field-label-invalid": (
        "Nenhum campo pode se chamar {value}; um nome possível é {label}.",
        "Quando isto é só um aviso, o nome possível é usado. Um nome tem até 36 caracteres (letras sem acento, números, espaços, - e _) e começa com uma letra.",
    ),
    "field-unknown": (
        "O espaço de trabalho não tem o campo {value}.{suggestion}",
        "Crie-o antes ou permita a criação com --new-fields create.",
    ),
    "field-type-differs": (
        "No espaço de trabalho, o campo {value} é do tipo {existing}, não {wanted}; ele fica como está.",
        "Se isso estiver errado, mude o tipo dele na plataforma.",
    ),
    "field-type-possible": (
        "Todos os valores da coluna {column} cabem em um campo do tipo {value_type}; o novo campo {value} seria de texto.",
        "Para que ele seja {value_type}, dê à coluna o nome Field:{value}:{value_type} ou o destino field:{key}:{value_type}.",
    ),
    "field-similar": (
        "Seria criado o novo campo {value}; o espaço de trabalho tem {other}, que é quase igual.",
        "Se for esse, dê à coluna o nome Field:{other}; se não for, não é preciso fazer nada.",
    ),
    "too-many-fields": (
        "São {count:,} campos para gravar; a plataforma aceita {limit:,} de cada vez por contato.",
        "Deixe algumas colunas de fora ou divida o arquivo.",
    ),
    "workspace-fields-full": (
        "{count:É preciso|São precisos} {count:,} {count:campo novo|campos novos}, mas no espaço de trabalho só cabem mais {room:,} (o limite é {limit:,}).",
        "Deixe colunas de fora ou apague na plataforma os campos que você não usa mais.",
    ),
    "workspace-groups-full": (
        "{count:É preciso|São precisos} {count:,} {count:grupo novo|grupos novos}, mas no espaço de trabalho só cabem mais {room:,} (o limite é {limit:,}).",
        "Use menos grupos ou apague na plataforma os que você não usa mais.",
    ),
    # campos e grupos, à mão ou em abas próprias
    "field-label-wrong": (
        "Nenhum campo pode se chamar {value}.",
        "Um nome tem até {limit} caracteres (letras sem acento, algarismos, espaços, - e _), começa com uma letra e não é um dos que a plataforma reserva para si.",
    ),
    "field-exists": (
        "Já existe um campo {value}, com a chave {field_key}.",
        "Escolha outro nome; para alterar aquele campo, informe a chave dele.",
    ),
    "field-missing": (
        "Não existe o campo {value}.",
        "Confira a chave; `weni-import fields list` mostra todos.",
    ),
    "field-key-differs": (
        "Não existe campo com a chave {value}, e um campo novo com esse nome teria a chave {made}.",
        "Corrija a chave ou deixe-a em branco para um campo novo.",
    ),
    "field-type-unknown": ("{value} não é um tipo de campo.", "Os tipos são: {types}."),
    "field-type-changes": (
        "O tipo do campo muda de {old} para {new}: os valores dos contatos que não podem ser lidos como {new} aparecerão vazios.",
        "Nada se perde: a plataforma guarda o que foi escrito e volta a mostrar se o tipo for desfeito.",
    ),
    "field-delete": (
        "A API da plataforma não exclui campos.",
        "Exclua o campo na plataforma e retire a linha.",
    ),
    "fields-full": (
        "O espaço de trabalho tem {limit} campos e não aceita mais.",
        "Exclua na plataforma os que não usa mais.",
    ),
    "group-name-wrong": (
        "Nenhum grupo pode se chamar {value}.",
        "Um nome tem de 1 a {limit} caracteres e começa com letra, algarismo ou _.",
    ),
    "group-exists": ("Já existe um grupo {value}.", "Escolha outro nome."),
    "group-missing": (
        "Não existe o grupo {value}.",
        "Confira o nome ou o UUID; `weni-import groups list` mostra todos.",
    ),
    "group-unclear": (
        "Vários grupos se chamam {value}.",
        "Indique um pelo UUID; `weni-import groups list` mostra todos.",
    ),
    "group-name-differs": (
        "O grupo com este UUID se chama {found}, e não {value}.",
        "Corrija o nome ou o UUID; um nome novo vai na coluna própria (Novo nome).",
    ),
    "definition-held": (
        "{value}: o novo nome ainda está em uso quando esta linha é executada; {other} o liberaria.",
        "Faça em dois arquivos: primeiro um, depois o outro.",
    ),
    "group-new-name-missing": (
        "A linha renomeia um grupo, mas não tem o novo nome.",
        "Escreva-o na coluna Novo nome.",
    ),
    "group-new-name-unwanted": (
        "Um grupo que é criado ou excluído não recebe um novo nome como {value}.",
        "Apague o novo nome ou a ação.",
    ),
    "group-absent": (
        "O grupo a excluir não existe (mais); nada é feito.",
        "Não é preciso fazer nada; você pode apagar a linha.",
    ),
    "group-query-lost": (
        "O grupo é preenchido por uma consulta da plataforma; uma vez excluído, desfazer não consegue criá-lo de novo.",
        "Exclua só se ninguém mais precisa da consulta.",
    ),
    "groups-full": (
        "O espaço de trabalho tem {limit} grupos. Nenhum pode ser criado nem renomeado até que um seja excluído.",
        "Exclua alguns que não usa mais, em um arquivo ou uma execução à parte.",
    ),
    "definition-unread": (
        "A aba {value} tem nome de lista de campos ou grupos, mas não tem um cabeçalho assim; nada foi lido dela.",
        "Para usá-la, dê nome às colunas ({needed}); senão, não é preciso fazer nada.",
    ),
    "definition-column": (
        "A coluna {value} da aba {sheet} não é conhecida; fica de fora.",
        "Não é preciso fazer nada, a não ser que o cabeçalho esteja escrito errado.",
    ),
    "definition-no-name": (
        "A linha não diz de que campo ou grupo se trata.",
        "Preencha o nome (ou rótulo), a chave ou o UUID.",
    ),
    "definition-action": (
        "{value} não é algo que se possa fazer aqui.",
        "Deixe em branco ou use: {actions}.",
    ),
    "definition-repeated": (
        "A linha pede o mesmo que {other}.",
        "É feito uma vez; você pode apagar uma das duas.",
    ),
    "definition-conflict": (
        "{value}: a linha contradiz {others}, sobre o mesmo campo, grupo ou nome.",
        "Decida qual está certa e deixe só essa.",
    ),
    "group-renamed": (
        "O grupo {value} se chama {new} quando esta linha é importada: o próprio arquivo o renomeia.",
        "Escreva o novo nome.",
    ),
    "group-deleted": (
        "O próprio arquivo exclui o grupo {value} ({other}).",
        "Retire o grupo desta linha ou não o exclua.",
    ),
    "definitions-left-out": (
        "As abas que listam campos ou grupos ficam de fora aqui: {sheets}.",
        "`weni-import run` as executa.",
    ),
    # uma linha como um todo
    "row-no-key": (
        "A linha não tem telefone, e-mail, outra URN nem UUID.",
        "Preencha um deles ou permita linhas assim com --create-without-key (nesse caso, cada importação cria o contato de novo).",
    ),
    "row-conflict": ("{reason}.", "Decida qual está certo e deixe só ele."),
    "row-repeated": (
        "O mesmo contato da linha {other_row}.",
        "As duas combinam e são enviadas como uma só; você pode apagar uma delas.",
    ),
    "row-left-out": (
        "O mesmo contato da linha {other_row}, que foi a escolhida.",
        "Deixe só uma das duas ou mude a opção --duplicates.",
    ),
    "row-held-back": (
        "Esta linha depende da linha {other_row}, que ficou retida.",
        "Corrija a linha {other_row} e importe as duas de novo.",
    ),
    "row-too-long": (
        "A linha tem mais células do que o cabeçalho: {value}.",
        "Procure um separador a mais.",
    ),
    "row-too-short": (
        "A linha tem menos células do que o cabeçalho.",
        "Verifique se nenhum valor foi parar em outra coluna.",
    ),
    "row-repeats-header": ("A linha repete o cabeçalho.", "Apague-a."),
    "quote-unbalanced": ("Uma aspa nunca é fechada.", "Feche-a ou apague-a."),
    "too-many-urns": ("A linha tem {count:,} URNs; um contato pode ter {limit:,}.", "Apague algumas."),
    "too-many-groups": (
        "A linha cita {count:,} grupos; ela pode citar {limit:,}.",
        "Apague alguns ou distribua-os em dois arquivos.",
    ),
    # uma célula
    "cell-error": ("A célula mostra o erro {value}.", "Corrija a fórmula ou digite o valor."),
    "formula-not-calculated": (
        "A fórmula da célula nunca foi calculada.",
        "Abra o arquivo em um programa de planilhas e salve de novo.",
    ),
    "control-characters-removed": (
        "Caracteres de controle invisíveis foram retirados.",
        "Para ter certeza, digite o texto de novo.",
    ),
    "text-not-storable": (
        "O texto tem um caractere que não pode ser guardado.",
        "Digite o texto de novo.",
    ),
    "clear-on-key": (
        "-- não pode limpar um telefone, um e-mail, outra URN nem um UUID.",
        "Deixe a célula em branco.",
    ),
    "example-left": (
        "{value} é do exemplo do modelo.",
        "Escreva no lugar o valor do próprio contato ou limpe a célula.",
    ),
    "uuid-invalid": ("{value} não é um UUID.", "Copie-o de uma exportação da plataforma."),
    "name-too-long": ("O nome tem {count:,} caracteres; o máximo é {limit:,}.", "Encurte-o."),
    "language-unknown": (
        "{value} não é um idioma que a plataforma conheça.{suggestion}",
        "Use um código de três letras da ISO 639-3, como por, spa ou eng.",
    ),
    "language-normalised": ("{value} foi entendido como {code}.", "Para ter certeza, escreva {code}."),
    "language-retired": (
        "{value} foi retirado da ISO 639-3; a plataforma ainda o aceita.",
        "Não é preciso fazer nada agora; prefira um código que ainda esteja na lista.",
    ),
    "phone-invalid": (
        "{value} não é um telefone que alguém possa atender.",
        "Escreva o número completo, como +55 82 99331-1220.",
    ),
    "phone-no-country": (
        "{value} não tem o código do país.",
        "Escreva como +55 82 99331-1220 ou indique o país com --country.",
    ),
    "phone-precision-lost": (
        "A planilha perdeu dígitos deste número ({value}).",
        "Formate a coluna como texto e digite o número de novo.",
    ),
    "phone-from-number": (
        "{value} foi lido como {phone}.",
        "Para ter certeza, formate a coluna como texto.",
    ),
    "phone-country-assumed": ("{value} foi entendido como {phone}.", "Escreva + antes do código do país."),
    "phone-missing-ninth-digit": (
        "{value} parece um celular sem o nono dígito; ele ficou como está.",
        "Acrescente o 9 se o número mudou.",
    ),
    "urn-invalid": ("{value} não é um {scheme} válido.", "{rule}"),
    "group-name-invalid": (
        "Nenhum grupo pode se chamar {value}.",
        "Um nome tem de 1 a 64 caracteres e começa com uma letra, um número ou _.",
    ),
    "group-value-invalid": (
        "{value} não é “sim” nem “não”.",
        "Escreva sim ou não (ou VERDADEIRO, FALSO, x), ou deixe a célula em branco.",
    ),
    "number-invalid": ("{value} não é um número.", "Escreva só dígitos, com no máximo um sinal decimal."),
    "number-ambiguous": (
        "{value} pode ser {other} ou, com decimais, {one:.}.",
        "Escreva sem separador de milhares ou indique o sinal decimal com --decimal.",
    ),
    "number-precision-lost": (
        "A planilha arredondou este número ({value}).",
        "Formate a coluna como texto e digite o número de novo.",
    ),
    "date-invalid": ("{value} não é uma data.", "Escreva como 2024-12-31 ou 2024-12-31 15:30."),
    "date-ambiguous": (
        "{value} pode ser {one} ou {other}.",
        "Indique a ordem com --date-order dmy ou mdy, ou escreva as datas como 2024-12-31.",
    ),
    "value-too-long": (
        "O valor tem {count:,} caracteres; a plataforma o cortaria em {limit:,}.",
        "Encurte-o.",
    ),
    "value-not-known": (
        "{value} não seria guardado: o campo é do tipo {value_type}.",
        "Campos assim só funcionam com os mapas da plataforma; use um campo de texto.",
    ),
    "phone-country-unknown": (
        "{value} não é um país.",
        "Escreva o código telefônico do país, como 55, ou as duas letras, como BR.",
    ),
    "action-unknown": (
        "{value} não é uma ação.",
        "Use uma destas: {actions}; ou deixe a célula em branco.",
    ),
    # diante do espaço de trabalho
    "contact-exists": (
        "O contato já existe ({contact}).",
        "Para atualizá-lo, deixe a ação em branco; se não, apague a linha.",
    ),
    "not-arrived": (
        "O contato não chegou pela importação da própria plataforma.",
        "Importe ali primeiro os arquivos convertidos, ou rode o arquivo sem --after-convert para criá-lo aqui.",
    ),
    "contact-missing": (
        "O espaço de trabalho não tem esse contato.",
        "Corrija o telefone, o e-mail ou o UUID; para criá-lo, deixe a ação em branco.",
    ),
    "contact-absent": (
        "Esse contato não existe; não há o que excluir.",
        "Não é preciso fazer nada.",
    ),
    "uuid-not-found": (
        "O espaço de trabalho não tem o contato {value}.",
        "Deixe o UUID em branco, para que o contato seja encontrado pelo telefone ou pelo e-mail.",
    ),
    "group-unknown": (
        "O espaço de trabalho não tem o grupo {value}.{suggestion}",
        "Crie-o ou permita a criação com --new-groups create.",
    ),
    "group-similar": (
        "Seria criado o novo grupo {value}; o espaço de trabalho tem {other}, que é quase igual.",
        "Se for esse, escreva assim no arquivo; se não for, não é preciso fazer nada.",
    ),
    "phone-scheme-differs": (
        "Os telefones do arquivo virariam URNs {scheme}, mas {share}% dos contatos com número no espaço de trabalho só têm URNs {other}.",
        "Escolha de propósito: --phone-scheme {other} ou --phone-scheme {scheme}.",
    ),
    "group-dynamic": (
        "O grupo {value} é preenchido por uma busca; ninguém pode ser colocado nele.",
        "Preencha o campo que a busca consulta.",
    ),
    "contact-blocked": (
        "O contato está bloqueado, parado ou arquivado; ele não pode entrar em grupos.",
        "Reative-o na plataforma ou deixe os grupos em branco.",
    ),
    "urn-taken": (
        "{value} pertence a outro contato.",
        "Corrija o valor ou veja na plataforma com qual dos contatos ele deve ficar.",
    ),
    "urn-would-be-lost": (
        "O contato {contact} tem {value}, que se perderia: a plataforma não consegue gravá-la de novo quando se acrescentam URNs.",
        "Acrescente a nova URN na própria plataforma ou deixe-a de fora aqui.",
    ),
    # durante a importação
    "refused": ("A plataforma recusou a linha: {reason}", "Corrija a linha e importe-a de novo."),
    "contact-gone": (
        "O contato foi excluído durante a importação.",
        "Importe a linha de novo.",
    ),
    "group-refused": (
        "O contato foi salvo, mas o grupo {value} foi recusado: {reason}",
        "Corrija o grupo e importe a linha de novo.",
    ),
    "put-back": (
        "A linha foi gravada primeiro em outro contato, {value}, que tinha acabado de perder o telefone, o e-mail ou outra URN da linha; ele está de novo como antes.",
        "Não é preciso fazer nada. O contato da própria linha está indicado aqui.",
    ),
    "not-put-back": (
        "A linha foi gravada em outro contato, {value}, que tinha acabado de perder o telefone, o e-mail ou outra URN da linha, e não foi possível desfazer isso: {reason}",
        "Corrija esse contato na plataforma (esta linha mostra o que ele tinha antes) e importe a linha de novo.",
    ),
    # while taking an import back
    "definition-changed": (
        "Foi alterado depois da importação e agora é {value}; fica como está.",
        "Se deve voltar a ser como antes da importação, altere na plataforma.",
    ),
    "definition-gone": (
        "Foi excluído depois da importação; nada dele pode ser restaurado.",
        "Não é preciso fazer nada, a não ser que faça falta.",
    ),
    "definition-name-taken": (
        "O nome que tinha antes já pertence a outro, {value}; fica como está.",
        "Renomeie o outro primeiro, se este deve voltar a ser como antes da importação.",
    ),
    "group-stays": (
        "O grupo {value} fica: não está vazio ou não está como a importação o deixou.",
        "Exclua-o com `weni-import groups delete` se ninguém precisa dele.",
    ),
    "group-remade": (
        "O grupo é criado de novo com outro UUID, e os membros voltam, menos os que não existem mais ou não estão ativos.",
        "O que se refere ao grupo antigo, como um link ou outro programa, precisa passar a usar o novo.",
    ),
    "group-not-remade": (
        "O grupo {value} era preenchido por uma consulta, que não pode ser criada pela API; continua excluído.",
        "Crie-o de novo na plataforma se alguém precisa dele.",
    ),
    "field-stays": (
        "O campo fica, sem os valores da importação: a API da plataforma não exclui campos.",
        "Exclua-o na plataforma se ninguém precisa dele.",
    ),
    "changed-since": (
        "{attribute} foi alterado depois da importação e agora é {value}; fica como está.",
        "Se deve voltar a ser como antes da importação, altere na plataforma.",
    ),
    "used-since": (
        "A importação criou o contato, mas alguém o alterou depois ({attribute} agora é {value}); fica como está.",
        "Se ninguém precisa dele, exclua-o na plataforma.",
    ),
    "deleted-since": (
        "O contato foi excluído depois da importação; nada dele pode ser restaurado.",
        "Não é preciso fazer nada, a não ser que o contato faça falta.",
    ),
    "not-brought-back": (
        "{value} não volta: {reason}.",
        "Tudo o que o contato excluído tinha está no arquivo deleted-TAREFA.xlsx da importação; veja o que fazer com isso.",
    ),
    "was-stopped": (
        "O contato tinha pedido para não receber mensagens. Ninguém pode fazer isso por ele pela API, por isso agora está bloqueado.",
        "Desbloqueie-o na plataforma quando quiser receber mensagens de novo.",
    ),
    "not-taken-back": (
        "A plataforma recusou desfazer: {reason}",
        "Desfaça de novo com o mesmo comando. Se for recusado outra vez, altere o contato na plataforma.",
    ),
}
