"""The dirty samples: what can be wrong with a file, a row of each."""

from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import NamedTuple

from openpyxl.worksheet.worksheet import Worksheet
from people import CLEAN_HEADER, FIRST_NAMES, add_row, fit, mobile, new_book, write_header

COMMENT = "Import:What this row shows"
"""The header of the column that tells each row's intention; the importer leaves it out."""

DIRTY_HEADER = (
    "Name", "Language", "URN:Tel", "URN:Whatsapp", "URN:Mailto", "URN:Ext", "Contact UUID", "Groups",
    "Group:VIP", "Field:Nascimento:datetime", "Field:Visita:datetime", "Field:Pontos:numeric",
    "Field:Codigo:numeric", "Field:Cidade", "Field:Estado:state", "Field:Profissão", "Action", "DDI",
    "Celular", "Contato", "Telefone fixo", "Cor preferida", "", "Field:Interno", COMMENT,
)  # fmt: skip

STORED_UUID = "00000000-0000-4000-8000-000000000000"
"""Well formed, and of no contact."""

FILE_INTENTIONS = {
    "header-empty": "column W has a value, but no header",
    "header-unknown": "nobody knows what Cor preferida is",
    "header-guessed": "Contato holds phones",
    "header-contradicted": "Telefone fixo holds e-mail addresses",
    "hidden-columns": "Field:Interno is hidden",
    "hidden-rows": "a row is hidden",
    "sheet-choice": "a second sheet holds contacts",
    "field-label-invalid": "Profissão becomes Profissao",
    "field-type-differs": "Codigo is a text field in existing-workspace.json",
}
"""What the workbook as a whole shows."""

HEADER_AGAIN = {name: name for name in DIRTY_HEADER if name != "Action"}


class Intention(NamedTuple):
    """What a row shows.

    code: of the issue; "" where nothing is wrong. why: when, or what is wrong. cells: those that matter.
    needs: "workspace" where only a workspace shows it (existing-workspace.json), "no country" where only a
    check without a country does. besides: a code that it shows in any case.
    """

    code: str
    why: str
    cells: dict[str, object]
    needs: str = ""
    besides: str = ""

    @property
    def comment(self) -> str:
        """The row's last cell."""
        return f"{self.code}: {self.why}" if self.code else self.why


ROW_INTENTIONS = (
    Intention("", "nothing is wrong here",
     {"Groups": "Clientes; -Antigos", "Group:VIP": True, "Field:Pontos:numeric": 12.5,
      "Field:Nascimento:datetime": date(1990, 5, 17), "Field:Cidade": "Maceió"}),
    Intention("row-no-key", "only a name", {"URN:Tel": None}),
    Intention("row-conflict", "same number, another name (1)", {"Name": "Ana Exemplo", "URN:Tel": mobile(82, 10_900)}),
    Intention("row-conflict", "same number, another name (2)", {"Name": "Bia Exemplo", "URN:Tel": mobile(82, 10_900)}),
    Intention("row-conflict", "with existing-workspace.json: number and e-mail are two contacts'",
     {"URN:Tel": mobile(82, 901), "URN:Mailto": "nome.antigo@example.com"}, "workspace"),
    Intention("", "the first of two rows that agree", {"Name": "Caio Exemplo", "URN:Tel": mobile(82, 10_901)}),
    Intention("row-repeated", "agrees with the row above, sent with it; row-left-out with --duplicates first",
     {"Name": None, "URN:Tel": mobile(82, 10_901), "Field:Cidade": "Recife"}),
    Intention("row-repeats-header", "", HEADER_AGAIN),
    Intention("too-many-urns", "101 addresses",
     {"URN:Mailto": "; ".join(f"u{place:03}@example.com" for place in range(101))}),
    Intention("too-many-groups", "101 groups", {"Groups": "; ".join(f"Turma {place:03}" for place in range(101))}),
    Intention("cell-error", "an error value", {"Field:Cidade": "#N/A"}),
    Intention("formula-not-calculated", "a formula without a value", {"Field:Cidade": '="Mace"&"ió"'}),
    Intention("control-characters-removed", "a bell in the name", {"Name": "Davi_x0007_ Exemplo"}),
    Intention("clear-on-key", "an id cannot be cleared", {"URN:Ext": "--"}),
    Intention("uuid-invalid", "no UUID", {"Contact UUID": "12345"}),
    Intention("uuid-not-found", "with a workspace: nobody's UUID", {"Contact UUID": STORED_UUID}, "workspace"),
    Intention("name-too-long", "101 characters", {"Name": "Exemplo" * 14 + "Ana"}),
    Intention("language-unknown", "no language", {"Language": "qqx"}),
    Intention("language-normalised", "two letters", {"Language": "pt"}),
    Intention("language-retired", "withdrawn from ISO 639-3", {"Language": "mwx"}),
    Intention("phone-invalid", "too short", {"URN:Tel": "123"}),
    Intention("phone-invalid", "a whatsapp number with letters", {"URN:Whatsapp": "+55 82 9OOOO-0001"}),
    Intention("phone-no-country", "unless --country BR or the workspace says so",
     {"URN:Tel": "(82) 90000-0917"}, "no country"),
    Intention("phone-country-unknown", "no such calling code", {"DDI": "XX", "Celular": "82 90000-0918"}),
    Intention("phone-precision-lost", "seven digits are lost", {"URN:Tel": "5.5829E+12"}),
    Intention("phone-from-number", "no digit is lost", {"URN:Tel": "5.582900000919E+12"}),
    Intention("phone-country-assumed", "a country code without its plus sign", {"URN:Tel": "12025550199"}),
    Intention("phone-missing-ninth-digit", "a mobile of earlier days", {"URN:Tel": "+55 82 9000-0921"}),
    Intention("urn-invalid", "no @", {"URN:Mailto": "fabio.example.com"}),
    Intention("group-name-invalid", "begins with a mark", {"Groups": "!Ofertas"}),
    Intention("group-value-invalid", "neither yes nor no", {"Group:VIP": "talvez"}),
    Intention("number-invalid", "a word", {"Field:Pontos:numeric": "doze"}),
    Intention("number-ambiguous", "1234 or 1.234", {"Field:Pontos:numeric": "1.234"}),
    Intention("number-precision-lost", "sixteen digits in a number cell", {"URN:Ext": 1_234_567_890_123_456}),
    Intention("date-invalid", "a word", {"Field:Nascimento:datetime": "ontem"}),
    Intention("date-ambiguous", "3 April or 4 March", {"Field:Visita:datetime": "03/04/2020"}),
    Intention("value-too-long", "641 characters", {"Field:Cidade": "x" * 641}),
    Intention("value-not-known", "a state needs the platform's maps", {"Field:Estado:state": "Alagoas"}),
    Intention("contact-exists", "with existing-workspace.json",
     {"Action": "create", "URN:Tel": mobile(82, 904)}, "workspace"),
    Intention("contact-missing", "with a workspace", {"Action": "update"}, "workspace"),
    Intention("group-unknown", "with --new-groups error", {"Groups": "Grupo que ninguém tem"}, "workspace"),
    Intention("group-dynamic", "with existing-workspace.json",
     {"Name": "Dora Exemplo", "URN:Tel": mobile(82, 10_902), "Groups": "Aniversariantes"}, "workspace"),
    Intention("row-held-back", "with existing-workspace.json, as the row above is",
     {"Name": "Dora Exemplo", "URN:Tel": mobile(82, 10_902)}, "workspace", "row-repeated"),
    Intention("contact-blocked", "with existing-workspace.json",
     {"URN:Tel": mobile(82, 903), "Groups": "Clientes"}, "workspace"),
)  # fmt: skip

NOT_IN_A_WORKBOOK = {
    "an error of the whole file, after which no row is looked at": (
        "file-not-found", "file-is-folder", "file-not-allowed", "file-empty", "file-unreadable",
        "file-encrypted", "file-too-large", "no-records", "header-missing", "header-duplicate",
        "sheet-missing", "no-key-column", "only-key-column", "urn-scheme-unknown", "field-reserved",
        "field-unknown", "too-many-fields", "workspace-fields-full", "workspace-groups-full",
        "mapping-column-missing",
    ),
    "of text files and other kinds of files only": (
        "file-type-mismatch", "encoding-guessed", "encoding-mixed", "text-mojibake",
        "cells-hold-delimited-text", "row-too-long", "row-too-short", "quote-unbalanced",
    ),
    "of an option; see the rows of row-repeated": ("row-left-out",),
    "of a mapping file: a column with other words is no column of actions": ("action-unknown",),
    "of a DataFrame: readers remove such characters": ("text-not-storable",),
    "of a contact that has an address of the platform's own page": ("urn-would-be-lost",),
    "questions of a plan, which depend on what the workspace has": (
        "field-similar", "group-similar", "field-type-possible", "phone-scheme-differs",
    ),
    "of a template; see templates/": ("example-left",),
    "of the sheets Fields and Groups, which `template --with-definitions` writes": (
        "definition-action", "definition-changed", "definition-column", "definition-conflict", "definition-gone",
        "definition-held", "definition-name-taken", "definition-no-name", "definition-repeated", "definition-unread",
        "definitions-left-out", "field-delete", "field-exists", "field-key-differs", "field-label-wrong",
        "field-missing", "field-type-changes", "field-type-unknown", "fields-full", "group-absent", "group-deleted",
        "group-exists", "group-missing", "group-name-differs", "group-name-wrong", "group-new-name-missing",
        "group-new-name-unwanted", "group-renamed", "group-unclear", "groups-full",
    ),
    "of a row that deletes; the workbook has none": ("contact-absent",),
    "of an import by the platform's own road": ("not-arrived",),
    "of an import that is taken back": (
        "changed-since", "deleted-since", "field-stays", "group-not-remade", "group-query-lost", "group-remade",
        "group-stays", "not-brought-back", "not-taken-back", "used-since", "was-stopped",
    ),
    "known from the server's answer only": (
        "urn-taken", "refused", "group-refused", "contact-gone", "put-back", "not-put-back",
    ),
}  # fmt: skip
"""Codes that no row of the dirty workbook shows, by the reason."""


def write_dirty_workbook(path: Path) -> None:
    """A row or two for every kind of issue that a workbook can show; the last column says which."""
    book, sheet = new_book("Contatos")
    write_header(sheet, DIRTY_HEADER)
    for place, intention in enumerate(ROW_INTENTIONS):
        usual = {
            "Name": f"{FIRST_NAMES[place % len(FIRST_NAMES)]} Amostra",
            "URN:Tel": mobile(82, 10_910 + place),
            COMMENT: intention.comment,
        }
        add_row(sheet, DIRTY_HEADER, usual | intention.cells)
    first = {"Cor preferida": "azul", "": "sem cabeçalho", "Field:Interno": "x", "Field:Profissão": "médica",
             "Field:Codigo:numeric": 7}  # fmt: skip
    for place, header in enumerate(DIRTY_HEADER, 1):
        if header in first:
            sheet.cell(2, place).value = first[header]
    hide_and_fill(sheet, DIRTY_HEADER)
    second = book.create_sheet("Antigos")
    write_header(second, CLEAN_HEADER[:3])
    add_row(second, CLEAN_HEADER[:3], {"Name": "Gil Antigo", "URN:Tel": mobile(82, 10_999)})
    book.save(path)


def hide_and_fill(sheet: Worksheet, header: Sequence[str]) -> None:
    """The columns that are told by their values, a hidden column and a hidden row."""
    for line in range(2, sheet.max_row + 1):
        comment = sheet.cell(line, len(header)).value
        if comment in (COMMENT, "row-no-key: only a name"):
            continue
        told = {"Telefone fixo": f"casa{line:02}@example.org"}
        if line < 5:
            told["Contato"] = mobile(82, 10_980 + line)
        if line > 25 and not str(comment).startswith("phone-country-unknown"):
            told |= {"DDI": "55", "Celular": f"82 90001-{1000 + line}"}
        for name, value in told.items():
            sheet.cell(line, header.index(name) + 1).value = value
    fit(sheet)
    sheet.column_dimensions[sheet.cell(1, header.index("Field:Interno") + 1).column_letter].hidden = True
    sheet.row_dimensions[3].hidden = True


# ------------------------------------------------------------------------------------------ legacy-dirty.csv

LEGACY = """\
Código;Nome Completo;Celular;E-mail;Cidade;Data de Nascimento;Grupos;Saldo;Import:O que mostra
1001;Ana Inventado;(11) 90000-0301;ana@example.com;São Paulo;17/05/1990;Clientes;1.234,56;nada de errado
1002;Bento Inventado;11 900000302;BENTO@EXAMPLE.COM;Belém;01/12/1985;"Clientes, VIP";12,50;nada de errado
1003;Carla Inventado;+55 (21) 90000-0303;;Niterói;29/02/1988;;0;nada de errado
1004;Davi Inventado;5,52190000304E+12;;Niterói;;;;phone-from-number: notação científica
1005;Elisa Inventado;5,52E+12;;Goiânia;;;;phone-precision-lost: perdeu dígitos
1006;Fábio Inventado;0800 000 0306;;Recife;;;;phone-invalid: 0800 não recebe mensagens
1007;Gabriela Inventado;90000-0307;;Recife;;;;phone-invalid: falta o DDD
1008;Heitor Inventado;(31) 9000-0308;;Belém;;;;phone-missing-ninth-digit: falta o nono dígito
1009;Íris Inventado;(41) 90000-0309;iris(at)example.com;;;;;urn-invalid: e-mail sem arroba
1010;João Inventado;(51) 90000-0310;;;31/02/1990;;;date-invalid: dia que não existe
1011;Kátia Inventado;(51) 90000-0311;;;;;1.234;number-ambiguous: 1234 ou 1,234
1012;Lucas Inventado;(51) 90000-0312;;;;;doze;number-invalid: palavra
1013;Márcia Inventado;(51) 90000-0313;;#N/D;;;;cell-error: erro da planilha
1014;Nélson Inventado;(51) 90000-0314;;;;;;a primeira de duas iguais
1014;Nélson Inventado;(51) 90000-0314;;Porto Alegre;;;;row-repeated: igual à anterior
1015;Olívia Inventado;(61) 90000-0315;;;;;;row-conflict: outro nome na próxima
1015;Paulo Inventado;(61) 90000-0315;;;;;;row-conflict: outro nome na anterior
;Quitéria Inventado;;;Brasília;;;;row-no-key: só o nome
1018;Rafael\x07 Inventado;(71) 90000-0318;;;;;;control-characters-removed: um sinal invisível
1019;Sônia Inventado;(71) 90000-0319 / (71) 90000-0320;;;;;;dois números na célula
Código;Nome Completo;Celular;E-mail;Cidade;Data de Nascimento;Grupos;Saldo;Import:O que mostra
1020;Tomás Inventado;(81) 90000-0321;;;;;;row-too-long: célula a mais;sobra
1021;Úrsula Inventado;(81) 90000-0322
1022;"Vítor Inventado;(81) 90000-0323;;;;;;quote-unbalanced: aspas que não fecham
1023;Wanda Inventado;(81) 90000-0324;;;;;;nada de errado
"""
"""Meant for its mapping file. The row of Úrsula shows row-too-short, the repeated header row-repeats-header."""


LEGACY_MAPPING = """\
# What the columns of legacy-dirty.csv are: weni-import check legacy-dirty.csv --mapping legacy-dirty.toml

[options]
country = "BR"

[columns]
"Código" = "urn:ext"
"Cidade" = "field:cidade"
"Data de Nascimento" = "field:nascimento:datetime"
"Saldo" = "field:saldo:numeric"
"""


def write_legacy_mapping(path: Path) -> None:
    """The mapping file that makes the legacy export's own columns known."""
    path.write_text(LEGACY_MAPPING, "utf-8")


def write_legacy_csv(path: Path) -> None:
    """An export as an old Brazilian program writes it: Windows-1252, semicolons, decimal commas."""
    path.write_bytes(LEGACY.replace("\n", "\r\n").encode("cp1252"))
