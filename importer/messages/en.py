"""English."""

ISSUES: dict[str, tuple[str, str]] = {
    # the file as a whole
    "file-not-found": ("There is no file {value}.", "Check the name and the folder."),
    "file-is-folder": ("{value} is a folder.", "Name one file in it."),
    "file-not-allowed": ("{value} may not be read.", "Close it in other programs, or ask for access to it."),
    "file-empty": ("The file is empty.", "Save the spreadsheet again and check its size."),
    "file-unreadable": (
        "The file cannot be read as a table: {reason}.",
        "Open it in a spreadsheet program and save it as .xlsx or .csv.",
    ),
    "file-encrypted": (
        "The workbook is protected by a password.",
        "Save it without a password and try again.",
    ),
    "file-too-large": (
        "The workbook unpacks to more than {limit}, far more than its rows can need.",
        "Save it anew from a spreadsheet program.",
    ),
    "file-type-mismatch": (
        "The file is named {suffix} but is {kind}; it was read as what it is.",
        "Nothing needs to be done; a fitting name avoids confusion.",
    ),
    "no-records": ("There is a header, but no row below it.", "Check that the right sheet was saved."),
    "header-missing": (
        "No row looks like a header.",
        "Name the columns in the first row (Name, URN:Tel, …), or say which row it is with --header-row.",
    ),
    "header-duplicate": (
        "Columns {first} and {letter} are both {target}.",
        "Keep one of them, or leave one out with a mapping file.",
    ),
    "header-empty": (
        "Column {letter} has values but no header; it is left out.",
        "Give it a header to import it.",
    ),
    "header-unknown": (
        "Column {column} is not imported: nothing of that name is known.",
        "Name it Field:{column}, use --new-fields create, or map it in a mapping file.",
    ),
    "header-guessed": (
        "Column {column} is taken as {target}: {reason}.",
        "If that is wrong, map it in a mapping file.",
    ),
    "sheet-missing": ("There is no sheet {value}.", "The sheets are: {sheets}."),
    "sheet-choice": ("Several sheets hold contacts; {value} was taken.", "Choose another with --sheet."),
    "hidden-rows": ("{count} hidden rows are imported as well.", "Delete them if they should stay out."),
    "hidden-columns": (
        "Column {column} is hidden and is imported as well.",
        "Delete it if it should stay out.",
    ),
    "encoding-guessed": (
        "The text is not Unicode; it was read as {encoding}.",
        "Check that accents look right; save as “CSV UTF-8” to be sure.",
    ),
    "encoding-mixed": (
        "Some lines are UTF-8 and others Windows-1252; each was read as it is.",
        "Check the accents; save as “CSV UTF-8” to be sure.",
    ),
    "text-mojibake": (
        "Some accents were damaged before (like {value}); they are imported as they stand.",
        "Export the list again as UTF-8.",
    ),
    "cells-hold-delimited-text": (
        "Every row stood in one cell; it was split at {value}.",
        "Nothing needs to be done if the columns look right.",
    ),
    "no-key-column": (
        "No column tells who a contact is.",
        "Add a phone, e-mail, external id or contact UUID column (URN:Tel, URN:Whatsapp, URN:Mailto, URN:Ext, "
        "Contact UUID).",
    ),
    "only-key-column": ("There is nothing to import beside the UUIDs.", "Add the columns to change."),
    "urn-scheme-unknown": ("{value} is not a URN scheme.", "Use one of: {schemes}."),
    "field-reserved": (
        "No field can be called {value}: the platform keeps the name for itself.",
        "Rename the column.",
    ),
    "field-label-invalid": (
        "A field cannot be called {value}; it becomes {label}.",
        "Labels have up to 36 letters A-Z without accents, digits, blanks, - and _, and begin with a letter.",
    ),
    "field-unknown": (
        "The workspace has no field {value}.",
        "Create it first, or allow it with --new-fields create.",
    ),
    "field-type-differs": (
        "{value} is a {existing} field in the workspace, not {wanted}; its type stays.",
        "Change the type in the platform if it is wrong.",
    ),
    "too-many-fields": (
        "{count} fields in one file; the platform takes {limit} a contact.",
        "Leave some columns out or split the file.",
    ),
    "workspace-fields-full": (
        "{count} new fields are needed, but the workspace has room for {room} (limit {limit}).",
        "Leave columns out, or delete fields in the platform.",
    ),
    "workspace-groups-full": (
        "{count} new groups are needed, but the workspace has room for {room} (limit {limit}).",
        "Use fewer groups, or delete some in the platform.",
    ),
    # a row as a whole
    "row-no-key": (
        "The row has no phone, e-mail, other URN or UUID.",
        "Fill one in, or allow it with --create-without-key (running it again creates the contact again).",
    ),
    "row-conflict": ("{reason} (row {other_row}).", "Decide which is right and keep only that."),
    "row-repeated": ("Same contact as row {other_row}.", "Both agree and are sent once; keep only one."),
    "row-left-out": (
        "Same contact as row {other_row}, which was taken.",
        "Keep only one, or change --duplicates.",
    ),
    "row-too-long": (
        "The row has more cells than there are headers: {value}.",
        "Check for a stray separator.",
    ),
    "row-too-short": ("The row has fewer cells than there are headers.", "Check that no value has moved."),
    "row-repeats-header": ("The row repeats the header.", "Delete it."),
    "quote-unbalanced": ("A quotation mark is never closed.", "Close or remove it."),
    "too-many-urns": ("{count} URNs; a contact can have {limit}.", "Remove some."),
    "too-many-groups": (
        "{count} groups; a row can name {limit}.",
        "Remove some, or split them over two files.",
    ),
    # a cell
    "cell-error": ("The cell shows the error {value}.", "Correct the formula or type the value."),
    "formula-not-calculated": (
        "The formula was never calculated.",
        "Open the file in a spreadsheet program and save it again.",
    ),
    "control-characters-removed": ("Invisible control characters were removed.", "Nothing needs to be done."),
    "text-not-storable": ("The text has a character that cannot be stored.", "Type it again."),
    "clear-on-key": ("-- cannot clear a phone, e-mail, other URN or UUID.", "Leave the cell blank."),
    "uuid-invalid": ("{value} is not a UUID.", "Copy it from an export of the platform."),
    "name-too-long": ("The name has {count} characters; {limit} are allowed.", "Shorten it."),
    "language-unknown": (
        "{value} is not a language that the platform knows.{suggestion}",
        "Use a three-letter code of ISO 639-3, such as por, spa or eng.",
    ),
    "language-normalised": ("{value} was taken as {code}.", "Nothing needs to be done."),
    "language-retired": (
        "{value} was withdrawn from ISO 639-3; the platform still takes it.",
        "Use its successor.",
    ),
    "phone-invalid": (
        "{value} is not a phone number that a person answers.",
        "Write it in full, like +55 82 99331-1220.",
    ),
    "phone-no-country": (
        "{value} has no country code.",
        "Write it as +55 82 99331-1220, or say the country with --country.",
    ),
    "phone-precision-lost": (
        "The spreadsheet has lost digits of this number ({value}).",
        "Format the column as text and enter the number again.",
    ),
    "phone-from-number": ("{value} was read as {phone}.", "Format the column as text to be sure."),
    "phone-country-assumed": ("{value} was taken as {phone}.", "Write a + before the country code."),
    "phone-missing-ninth-digit": (
        "{value} looks like a mobile number without its ninth digit; it was kept as written.",
        "Add the 9 if the number has changed.",
    ),
    "urn-invalid": ("{value} is not a valid {scheme}.", "{rule}"),
    "group-name-invalid": (
        "No group can be called {value}.",
        "A name has 1 to 64 characters and begins with a letter, digit or _.",
    ),
    "group-value-invalid": (
        "{value} is neither yes nor no.",
        "Write TRUE or FALSE, yes or no, or leave it blank.",
    ),
    "number-invalid": ("{value} is not a number.", "Write digits only, with one decimal sign."),
    "number-ambiguous": (
        "{value} could be {one} or {other}.",
        "Write it without separators, or say the decimal sign with --decimal.",
    ),
    "number-precision-lost": (
        "The spreadsheet has rounded this number ({value}).",
        "Format the column as text and enter it again.",
    ),
    "date-invalid": ("{value} is not a date.", "Write it as 2024-12-31 or 2024-12-31 15:30."),
    "date-ambiguous": (
        "{value} could be {one} or {other}.",
        "Say the order with --date-order dmy or mdy, or write 2024-12-31.",
    ),
    "value-too-long": ("The value has {count} characters; the platform cuts it at {limit}.", "Shorten it."),
    "value-not-known": (
        "{value} would be stored empty: the field's type is {value_type}.",
        "Such fields need the platform's maps; use a text field.",
    ),
    # against the workspace
    "uuid-not-found": (
        "The workspace has no contact {value}.",
        "Leave the UUID blank to go by the phone or e-mail.",
    ),
    "group-unknown": (
        "The workspace has no group {value}.{suggestion}",
        "Create it, or allow it with --new-groups create.",
    ),
    "group-dynamic": (
        "{value} is a group whose members come by a query; nobody can be put into it.",
        "Set the field that the query asks for.",
    ),
    "contact-blocked": (
        "The contact is blocked, stopped or archived; it cannot join groups.",
        "Activate it in the platform, or leave the groups blank.",
    ),
    "urn-taken": (
        "{value} belongs to another contact.",
        "Correct the number, or merge the contacts in the platform.",
    ),
    # while importing
    "refused": ("The platform refused it: {reason}", "Correct the row and import it again."),
    "group-refused": (
        "The contact was saved, but group {value} was refused: {reason}",
        "Correct the group and import the row again.",
    ),
}

SENTENCES: dict[str, str] = {
    "error.not-allowed": "The platform does not accept the token for {url}. Check the token and its workspace.",
    "error.rejected": "The platform refused the request.",
}
