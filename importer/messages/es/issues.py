"""Spanish: what is wrong with a file, a row or a cell, and what to do."""

ISSUES: dict[str, tuple[str, str]] = {
    # el archivo en su conjunto
    "file-not-found": ("No existe el archivo {value}.", "Revise el nombre y la carpeta."),
    "file-is-folder": ("{value} es una carpeta.", "Indique la ruta de un archivo que esté en ella."),
    "file-not-allowed": (
        "No se puede abrir {value}.",
        "Ciérrelo en los demás programas o pida acceso a él.",
    ),
    "file-empty": ("El archivo está vacío.", "Guarde de nuevo la hoja de cálculo y revise su tamaño."),
    "file-unreadable": (
        "El archivo no se puede leer como tabla: {reason}.",
        "Ábralo en un programa de hojas de cálculo y guárdelo como .xlsx o .csv.",
    ),
    "file-encrypted": (
        "El libro está protegido con contraseña.",
        "Guárdelo sin contraseña e intente de nuevo.",
    ),
    "file-too-large": (
        "Al descomprimirse, el libro supera {limit}, mucho más de lo que sus filas pueden necesitar.",
        "Ábralo en un programa de hojas de cálculo y guárdelo de nuevo.",
    ),
    "file-type-mismatch": (
        "El nombre del archivo termina en {suffix}, pero su contenido es {kind}; se leyó como lo que es.",
        "No hace falta hacer nada; un nombre adecuado evita confusiones.",
    ),
    "no-records": (
        "Hay una fila de encabezados, pero nada debajo de ella.",
        "Revise si se guardó la hoja correcta.",
    ),
    "header-missing": (
        "Ninguna fila parece ser la de los encabezados.",
        "Dé nombre a las columnas en la primera fila (Nombre, URN:Tel, …) o indique la fila con --header-row.",
    ),
    "header-duplicate": (
        "Las columnas {first} y {letter} son ambas {target}.",
        "Quédese con una, o deje una fuera con un archivo de mapeo.",
    ),
    "header-empty": (
        "La columna {letter} tiene valores, pero no tiene encabezado; queda fuera.",
        "Para importarla, póngale un encabezado.",
    ),
    "header-unknown": (
        "La columna {column} queda fuera: ningún campo ni nombre usual le corresponde{such_as}.{perhaps}",
        "Para importar una columna así, cambie su nombre a Field:NOMBRE, use --new-fields create o indique su destino en un archivo de mapeo.",
    ),
    "header-guessed": (
        "La columna {column} se tomó como {target}, por “{evidence}”.",
        "Si no es así, indique su destino en un archivo de mapeo.",
    ),
    "header-contradicted": (
        "Por su nombre, la columna {column} es {target}, pero tiene valores como “{evidence}”; queda fuera.",
        "Póngale un encabezado adecuado o indique su destino en un archivo de mapeo.",
    ),
    "mapping-column-missing": (
        "El archivo de mapeo nombra la columna {value}, que la hoja de cálculo no tiene.",
        "Corrija el nombre o borre esa línea.",
    ),
    "sheet-missing": ("No existe la hoja {value}.", "Las hojas son: {sheets}."),
    "sheet-choice": (
        "Hay contactos en varias hojas; se leyó la hoja {value}.",
        "Para leer otra, use --sheet.",
    ),
    "hidden-rows": (
        "{count:,} {count:fila oculta también se importa|filas ocultas también se importan}.",
        "Borre lo que deba quedar fuera.",
    ),
    "hidden-columns": (
        "La columna {column} está oculta; también se importa.",
        "Bórrela si debe quedar fuera.",
    ),
    "encoding-guessed": (
        "El texto no está en Unicode; se leyó como {encoding}.",
        "Revise que los acentos estén bien; para estar seguro, guarde el archivo como “CSV UTF-8”.",
    ),
    "encoding-mixed": (
        "Algunas líneas están en UTF-8 y otras en Windows-1252; cada una se leyó como está.",
        "Revise que los acentos estén bien; para estar seguro, guarde el archivo como “CSV UTF-8”.",
    ),
    "text-mojibake": (
        "Algunos acentos ya estaban dañados (como en {value}); se importan como están.",
        "Exporte la lista de nuevo en UTF-8.",
    ),
    "cells-hold-delimited-text": (
        "Cada fila estaba en una sola celda; se separó en {value}.",
        "Revise que las columnas estén bien; para estar seguro, guarde la tabla con un valor en cada celda.",
    ),
    "no-key-column": (
        "Ninguna columna dice de qué contacto es cada fila.",
        "Agregue una columna con teléfonos, correos, ID externos o UUID de contactos (URN:Tel, URN:Whatsapp, URN:Mailto, URN:Ext, Contact UUID).",
    ),
    "only-key-column": (
        "Aparte de los UUID de los contactos, el archivo no tiene nada que importar.",
        "Agregue las columnas que quiera cambiar.",
    ),
    "urn-scheme-unknown": ("{value} no es un esquema de URN.{suggestion}", "Use uno de estos: {schemes}."),
    "field-reserved": (
        "Ningún campo puede llamarse {value}: la plataforma reserva ese nombre para sí.",
        "Cambie el nombre de la columna.",
    ),
    "field-label-invalid": (
        "Ningún campo puede llamarse {value}; un nombre posible es {label}.",
        "Cuando esto es solo un aviso, se usa el nombre posible. Un nombre tiene hasta 36 caracteres (letras sin acento, números, espacios, - y _) y empieza con una letra.",
    ),
    "field-unknown": (
        "El espacio de trabajo no tiene el campo {value}.{suggestion}",
        "Créelo antes o permita crearlo con --new-fields create.",
    ),
    "field-type-differs": (
        "En el espacio de trabajo, el campo {value} es de tipo {existing}, no {wanted}; queda como está.",
        "Si eso está mal, cambie su tipo en la plataforma.",
    ),
    "field-type-possible": (
        "Todos los valores de la columna {column} caben en un campo de tipo {value_type}; el nuevo campo {value} sería de texto.",
        "Para que sea {value_type}, dé a la columna el nombre Field:{value}:{value_type} o el destino field:{key}:{value_type}.",
    ),
    "field-similar": (
        "Se crearía el nuevo campo {value}; el espacio de trabajo tiene {other}, que es casi igual.",
        "Si es ese, dé a la columna el nombre Field:{other}; si no, no hace falta hacer nada.",
    ),
    "too-many-fields": (
        "Son {count:,} campos por guardar; la plataforma acepta {limit:,} a la vez por contacto.",
        "Deje fuera algunas columnas o divida el archivo.",
    ),
    "workspace-fields-full": (
        "{count:Hace|Hacen} falta {count:,} {count:campo nuevo|campos nuevos}, pero en el espacio de trabajo solo caben {room:,} más (el límite es {limit:,}).",
        "Deje columnas fuera o borre en la plataforma los campos que ya no use.",
    ),
    "workspace-groups-full": (
        "{count:Hace|Hacen} falta {count:,} {count:grupo nuevo|grupos nuevos}, pero en el espacio de trabajo solo caben {room:,} más (el límite es {limit:,}).",
        "Use menos grupos o borre en la plataforma los que ya no use.",
    ),
    # campos y grupos, a mano o en hojas propias
    "field-label-wrong": (
        "Ningún campo puede llamarse {value}.",
        "Un nombre tiene hasta {limit} caracteres (letras sin acento, cifras, espacios, - y _), empieza con una letra y no es uno de los que la plataforma reserva para sí.",
    ),
    "field-exists": (
        "Ya existe un campo {value}, con la clave {field_key}.",
        "Elija otro nombre; para cambiar ese campo, indique su clave.",
    ),
    "field-missing": (
        "No existe el campo {value}.",
        "Revise la clave; `weni-import fields list` los muestra todos.",
    ),
    "field-key-differs": (
        "No existe un campo con la clave {value}, y un campo nuevo con este nombre tendría la clave {made}.",
        "Corrija la clave o déjela en blanco para un campo nuevo.",
    ),
    "field-type-unknown": ("{value} no es un tipo de campo.", "Los tipos son: {types}."),
    "field-type-changes": (
        "El tipo del campo cambia de {old} a {new}: los valores de los contactos que no se puedan leer como {new} aparecerán vacíos.",
        "No se pierde nada: la plataforma guarda lo que se escribió y lo vuelve a mostrar si se deshace el cambio.",
    ),
    "field-delete": (
        "La API de la plataforma no elimina campos.",
        "Elimine el campo en la plataforma y quite la fila.",
    ),
    "fields-full": (
        "El espacio de trabajo tiene {limit} campos y no acepta más.",
        "Elimine en la plataforma los que ya no usa.",
    ),
    "group-name-wrong": (
        "Ningún grupo puede llamarse {value}.",
        "Un nombre tiene de 1 a {limit} caracteres y empieza con letra, cifra o _.",
    ),
    "group-exists": ("Ya existe un grupo {value}.", "Elija otro nombre."),
    "group-missing": (
        "No existe el grupo {value}.",
        "Revise el nombre o el UUID; `weni-import groups list` los muestra todos.",
    ),
    "group-unclear": (
        "Varios grupos se llaman {value}.",
        "Indique uno por su UUID; `weni-import groups list` los muestra.",
    ),
    "group-name-differs": (
        "El grupo con este UUID se llama {found}, no {value}.",
        "Corrija el nombre o el UUID; un nombre nuevo va en su columna (Nombre nuevo).",
    ),
    "definition-held": (
        "{value}: el nombre nuevo todavía está en uso cuando se ejecuta esta fila; {other} lo liberaría.",
        "Hágalo en dos archivos: primero uno, después el otro.",
    ),
    "group-new-name-missing": (
        "La fila renombra un grupo, pero no tiene el nombre nuevo.",
        "Escríbalo en la columna Nombre nuevo.",
    ),
    "group-new-name-unwanted": (
        "Un grupo que se crea o se elimina no recibe un nombre nuevo como {value}.",
        "Borre el nombre nuevo o la acción.",
    ),
    "group-absent": (
        "El grupo que se quiere eliminar no existe (o ya no); no se hace nada.",
        "No hace falta hacer nada; puede borrar la fila.",
    ),
    "group-query-lost": (
        "El grupo se llena con una consulta de la plataforma; una vez eliminado, deshacer no puede volver a crearlo.",
        "Elimínelo solo si nadie necesita ya la consulta.",
    ),
    "groups-full": (
        "El espacio de trabajo tiene {limit} grupos. No se puede crear ni renombrar ninguno hasta que se elimine uno.",
        "Elimine algunos que ya no usa, en un archivo o una ejecución aparte.",
    ),
    "definition-unread": (
        "La hoja {value} se llama como una lista de campos o grupos, pero no tiene un encabezado así; no se leyó nada de ella.",
        "Para usarla, ponga nombre a sus columnas ({needed}); si no, no hace falta hacer nada.",
    ),
    "definition-column": (
        "La columna {value} de la hoja {sheet} no se conoce; queda fuera.",
        "No hace falta hacer nada, salvo que el encabezado esté mal escrito.",
    ),
    "definition-no-name": (
        "La fila no dice de qué campo o grupo se trata.",
        "Rellene su nombre (o etiqueta), su clave o su UUID.",
    ),
    "definition-action": (
        "{value} no es algo que se pueda hacer aquí.",
        "Déjelo en blanco o use: {actions}.",
    ),
    "definition-repeated": (
        "La fila pide lo mismo que {other}.",
        "Se hace una vez; puede borrar una de las dos.",
    ),
    "definition-conflict": (
        "{value}: la fila contradice {others}, sobre el mismo campo, grupo o nombre.",
        "Decida cuál es correcta y deje solo esa.",
    ),
    "group-renamed": (
        "El grupo {value} se llama {new} cuando se importa esta fila: el propio archivo lo renombra.",
        "Escriba el nombre nuevo.",
    ),
    "group-deleted": (
        "El propio archivo elimina el grupo {value} ({other}).",
        "Quite el grupo de esta fila o no lo elimine.",
    ),
    "definitions-left-out": (
        "Las hojas que listan campos o grupos quedan fuera aquí: {sheets}.",
        "`weni-import run` las ejecuta.",
    ),
    # una fila en su conjunto
    "row-no-key": (
        "La fila no tiene teléfono, correo, otra URN ni UUID.",
        "Complete uno de ellos o permita filas así con --create-without-key (en ese caso, cada importación crea el contacto de nuevo).",
    ),
    "row-conflict": ("{reason}.", "Decida cuál es lo correcto y deje solo eso."),
    "row-repeated": (
        "El mismo contacto de la fila {other_row}.",
        "Las dos coinciden y se envían como una sola; puede borrar una.",
    ),
    "row-left-out": (
        "El mismo contacto de la fila {other_row}, que fue la elegida.",
        "Deje solo una de las dos o cambie la opción --duplicates.",
    ),
    "row-held-back": (
        "Esta fila va junto con la fila {other_row}, que quedó retenida.",
        "Corrija la fila {other_row} e importe las dos de nuevo.",
    ),
    "row-too-long": (
        "La fila tiene más celdas que encabezados hay: {value}.",
        "Busque un separador de más.",
    ),
    "row-too-short": (
        "La fila tiene menos celdas que encabezados hay.",
        "Revise que ningún valor se haya corrido a otra columna.",
    ),
    "row-repeats-header": ("La fila repite los encabezados.", "Bórrela."),
    "quote-unbalanced": ("Una comilla nunca se cierra.", "Ciérrela o bórrela."),
    "too-many-urns": (
        "La fila tiene {count:,} URN; un contacto puede tener {limit:,}.",
        "Borre algunas.",
    ),
    "too-many-groups": (
        "La fila nombra {count:,} grupos; puede nombrar {limit:,}.",
        "Borre algunos o repártalos en dos archivos.",
    ),
    # una celda
    "cell-error": ("La celda muestra el error {value}.", "Corrija la fórmula o escriba el valor."),
    "formula-not-calculated": (
        "La fórmula de la celda nunca se calculó.",
        "Abra el archivo en un programa de hojas de cálculo y guárdelo de nuevo.",
    ),
    "control-characters-removed": (
        "Se quitaron caracteres de control invisibles.",
        "Para estar seguro, escriba el texto de nuevo.",
    ),
    "text-not-storable": (
        "El texto tiene un carácter que no se puede guardar.",
        "Escriba el texto de nuevo.",
    ),
    "clear-on-key": (
        "-- no puede borrar un teléfono, un correo, otra URN ni un UUID.",
        "Deje la celda en blanco.",
    ),
    "example-left": (
        "{value} es del ejemplo de la plantilla.",
        "Escriba en su lugar el valor del propio contacto o vacíe la celda.",
    ),
    "uuid-invalid": ("{value} no es un UUID.", "Cópielo de una exportación de la plataforma."),
    "name-too-long": ("El nombre tiene {count:,} caracteres; se permiten {limit:,}.", "Acórtelo."),
    "language-unknown": (
        "{value} no es un idioma que la plataforma conozca.{suggestion}",
        "Use un código de tres letras de ISO 639-3, como por, spa o eng.",
    ),
    "language-normalised": ("{value} se tomó como {code}.", "Para estar seguro, escriba {code}."),
    "language-retired": (
        "{value} fue retirado de ISO 639-3; la plataforma todavía lo acepta.",
        "Por ahora no hace falta hacer nada; prefiera un código que siga en la lista.",
    ),
    "phone-invalid": (
        "{value} no es un teléfono que una persona pueda contestar.",
        "Escriba el número completo, como +55 82 99331-1220.",
    ),
    "phone-no-country": (
        "{value} no tiene código de país.",
        "Escríbalo como +55 82 99331-1220 o indique el país con --country.",
    ),
    "phone-precision-lost": (
        "La hoja de cálculo perdió dígitos de este número ({value}).",
        "Dé formato de texto a la columna y escriba el número de nuevo.",
    ),
    "phone-from-number": (
        "{value} se leyó como {phone}.",
        "Para estar seguro, dé formato de texto a la columna.",
    ),
    "phone-country-assumed": (
        "{value} se tomó como {phone}.",
        "Escriba + delante del código de país.",
    ),
    "phone-missing-ninth-digit": (
        "{value} parece un celular sin el noveno dígito; quedó como está escrito.",
        "Agregue el 9 si el número cambió.",
    ),
    "urn-invalid": ("{value} no es un {scheme} válido.", "{rule}"),
    "group-name-invalid": (
        "Ningún grupo puede llamarse {value}.",
        "Un nombre tiene de 1 a 64 caracteres y empieza con una letra, un número o _.",
    ),
    "group-value-invalid": (
        "{value} no es “sí” ni “no”.",
        "Escriba sí o no (o VERDADERO, FALSO, x), o deje la celda en blanco.",
    ),
    "number-invalid": (
        "{value} no es un número.",
        "Escriba solo dígitos, con un signo decimal como máximo.",
    ),
    "number-ambiguous": (
        "{value} puede ser {other} o, con decimales, {one:.}.",
        "Escríbalo sin separador de miles o indique el signo decimal con --decimal.",
    ),
    "number-precision-lost": (
        "La hoja de cálculo redondeó este número ({value}).",
        "Dé formato de texto a la columna y escriba el número de nuevo.",
    ),
    "date-invalid": ("{value} no es una fecha.", "Escríbala como 2024-12-31 o 2024-12-31 15:30."),
    "date-ambiguous": (
        "{value} puede ser {one} o {other}.",
        "Indique el orden con --date-order dmy o mdy, o escriba las fechas como 2024-12-31.",
    ),
    "value-too-long": (
        "El valor tiene {count:,} caracteres; la plataforma lo cortaría en {limit:,}.",
        "Acórtelo.",
    ),
    "value-not-known": (
        "{value} no se guardaría: el campo es de tipo {value_type}.",
        "Esos campos solo funcionan con los mapas de la plataforma; use un campo de texto.",
    ),
    "phone-country-unknown": (
        "{value} no es un país.",
        "Escriba el código telefónico del país, como 55, o sus dos letras, como BR.",
    ),
    "action-unknown": (
        "{value} no es una acción.",
        "Use una de estas: {actions}; o deje la celda en blanco.",
    ),
    # frente al espacio de trabajo
    "contact-exists": (
        "El contacto ya existe ({contact}).",
        "Para actualizarlo, deje la acción en blanco; si no, borre la fila.",
    ),
    "not-arrived": (
        "El contacto no llegó por la importación de la propia plataforma.",
        "Importe allí primero los archivos convertidos, o ejecute el archivo sin --after-convert para crearlo aquí.",
    ),
    "contact-missing": (
        "El espacio de trabajo no tiene ese contacto.",
        "Corrija el teléfono, el correo o el UUID; para crearlo, deje la acción en blanco.",
    ),
    "contact-absent": (
        "Ese contacto no existe; no hay nada que eliminar.",
        "No hay que hacer nada.",
    ),
    "uuid-not-found": (
        "El espacio de trabajo no tiene el contacto {value}.",
        "Deje el UUID en blanco, para que el contacto se busque por su teléfono o correo.",
    ),
    "group-unknown": (
        "El espacio de trabajo no tiene el grupo {value}.{suggestion}",
        "Créelo o permita crearlo con --new-groups create.",
    ),
    "group-similar": (
        "Se crearía el nuevo grupo {value}; el espacio de trabajo tiene {other}, que es casi igual.",
        "Si es ese, escríbalo así en el archivo; si no, no hace falta hacer nada.",
    ),
    "phone-scheme-differs": (
        "Los teléfonos del archivo pasarían a ser URN {scheme}, pero el {share} % de los contactos con número del espacio de trabajo solo tiene URN {other}.",
        "Elija a propósito: --phone-scheme {other} o --phone-scheme {scheme}.",
    ),
    "group-dynamic": (
        "El grupo {value} se llena con una búsqueda; no se puede agregar a nadie.",
        "Complete el campo que la búsqueda consulta.",
    ),
    "contact-blocked": (
        "El contacto está bloqueado, detenido o archivado; no puede entrar en grupos.",
        "Reactívelo en la plataforma o deje los grupos en blanco.",
    ),
    "urn-taken": (
        "{value} pertenece a otro contacto.",
        "Corríjalo o vea en la plataforma con cuál de los contactos debe quedar.",
    ),
    "urn-would-be-lost": (
        "El contacto {contact} tiene {value}, que se perdería: la plataforma no puede volver a escribirla cuando se agregan URN.",
        "Agregue la nueva URN en la propia plataforma o déjela fuera aquí.",
    ),
    # durante la importación
    "refused": ("La plataforma rechazó la fila: {reason}", "Corrija la fila e impórtela de nuevo."),
    "contact-gone": (
        "El contacto fue eliminado durante la importación.",
        "Importe la fila de nuevo.",
    ),
    "group-refused": (
        "El contacto se guardó, pero el grupo {value} fue rechazado: {reason}",
        "Corrija el grupo e importe la fila de nuevo.",
    ),
    "put-back": (
        "La fila se escribió primero en otro contacto, {value}, que acababa de perder el teléfono, el correo u otra URN de la fila; ese contacto está de nuevo como antes.",
        "No hace falta hacer nada. El contacto de la propia fila está indicado aquí.",
    ),
    "not-put-back": (
        "La fila se escribió en otro contacto, {value}, que acababa de perder el teléfono, el correo u otra URN de la fila, y no se pudo deshacer: {reason}",
        "Corrija ese contacto en la plataforma (esta fila muestra lo que tenía antes) e importe la fila de nuevo.",
    ),
    # while taking an import back
    "definition-changed": (
        "Se cambió después de la importación y ahora es {value}; queda como está.",
        "Si debe volver a ser como antes de la importación, cámbielo en la plataforma.",
    ),
    "definition-gone": (
        "Se eliminó después de la importación; nada de ello se puede restaurar.",
        "No hace falta hacer nada, salvo que alguien lo necesite.",
    ),
    "definition-name-taken": (
        "El nombre que tenía antes ya es de otro, {value}; queda como está.",
        "Renombre primero el otro, si este debe volver a ser como antes de la importación.",
    ),
    "group-stays": (
        "El grupo {value} se queda: no está vacío o no está como lo dejó la importación.",
        "Elimínelo con `weni-import groups delete` si nadie lo necesita.",
    ),
    "group-remade": (
        "El grupo se crea de nuevo con otro UUID, y sus miembros vuelven, salvo los que ya no existen o no están activos.",
        "Lo que se refiere al grupo anterior, como un enlace u otro programa, debe pasar a usar el nuevo.",
    ),
    "group-not-remade": (
        "El grupo {value} se llenaba con una consulta, que no se puede crear por la API; sigue eliminado.",
        "Créelo de nuevo en la plataforma si alguien lo necesita.",
    ),
    "field-stays": (
        "El campo se queda, sin los valores de la importación: la API de la plataforma no elimina campos.",
        "Elimínelo en la plataforma si nadie lo necesita.",
    ),
    "changed-since": (
        "{attribute} se cambió después de la importación y ahora es {value}; queda como está.",
        "Si debe volver a ser como antes de la importación, cámbielo en la plataforma.",
    ),
    "used-since": (
        "La importación creó el contacto, pero alguien lo cambió después ({attribute} ahora es {value}); queda como está.",
        "Si nadie lo necesita, elimínelo en la plataforma.",
    ),
    "deleted-since": (
        "El contacto se eliminó después de la importación; nada de él se puede restaurar.",
        "No hace falta hacer nada, salvo que el contacto haga falta.",
    ),
    "not-brought-back": (
        "{value} no vuelve: {reason}.",
        "Todo lo que tenía el contacto eliminado está en el archivo deleted-TAREA.xlsx de la importación; vea qué hacer con ello.",
    ),
    "was-stopped": (
        "El contacto había pedido no recibir mensajes. Nadie puede hacerlo por él con la API, así que ahora está bloqueado.",
        "Desbloquéelo en la plataforma cuando quiera recibir mensajes de nuevo.",
    ),
    "not-taken-back": (
        "La plataforma no permitió deshacerlo: {reason}",
        "Vuelva a deshacer con el mismo comando. Si se rechaza otra vez, cambie el contacto en la plataforma.",
    ),
}
