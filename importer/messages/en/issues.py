"""English: what is wrong with a file, a row or a cell, and what to do."""

ISSUES: dict[str, tuple[str, str]] = {
    # the file as a whole
    "file-not-found": ("There is no file {value}.", "Check its name and its folder."),
    "file-is-folder": ("{value} is a folder.", "Give the path of a file in it."),
    "file-not-allowed": ("{value} cannot be opened.", "Close it in other programs, or ask for access to it."),
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
        "Open it in a spreadsheet program and save it again.",
    ),
    "file-type-mismatch": (
        "The file is named {suffix} but is {kind}; it was read as what it is.",
        "Nothing needs to be done; a fitting name avoids confusion.",
    ),
    "no-records": ("There is a header row, but nothing below it.", "Check that the right sheet was saved."),
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
        "Column {column} is left out: no field and no usual name matches it{such_as}.{perhaps}",
        "To import such a column, rename it Field:NAME, use --new-fields create, or map it in a mapping file.",
    ),
    "header-guessed": (
        "Column {column} is taken as {target}, going by “{evidence}”.",
        "If that is wrong, map it in a mapping file.",
    ),
    "header-contradicted": (
        "Column {column} is {target} by its name, but has values such as “{evidence}”; it is left out.",
        "Give it a header that fits, or map it in a mapping file.",
    ),
    "mapping-column-missing": (
        "The mapping file names a column {value}, which the spreadsheet does not have.",
        "Correct the name, or remove the line.",
    ),
    "sheet-missing": ("There is no sheet {value}.", "The sheets are: {sheets}."),
    "sheet-choice": ("Several sheets hold contacts; sheet {value} was read.", "Choose another with --sheet."),
    "hidden-rows": (
        "{count:,} hidden {count:row is|rows are} imported as well.",
        "Delete what should stay out.",
    ),
    "hidden-columns": (
        "Column {column} is hidden; it is imported as well.",
        "Delete it if it should stay out.",
    ),
    "encoding-guessed": (
        "The text is not Unicode; it was read as {encoding}.",
        "Check that the accents are right; to be sure, save the file as “CSV UTF-8”.",
    ),
    "encoding-mixed": (
        "Some lines are UTF-8 and others Windows-1252; each was read as it is.",
        "Check that the accents are right; to be sure, save the file as “CSV UTF-8”.",
    ),
    "text-mojibake": (
        "Some accents were already damaged (as in {value}); they are imported as they are.",
        "Export the list again as UTF-8.",
    ),
    "cells-hold-delimited-text": (
        "Every row was in a single cell; it was split at {value}.",
        "Check that the columns look right; to be sure, save the table with one value in each cell.",
    ),
    "no-key-column": (
        "No column says which contact a row is about.",
        "Add a column with phones, e-mail addresses, external IDs or contact UUIDs (URN:Tel, URN:Whatsapp, URN:Mailto, URN:Ext, "
        "Contact UUID).",
    ),
    "only-key-column": (
        "The file has nothing to import besides the contacts’ UUIDs.",
        "Add the columns that you want to change.",
    ),
    "urn-scheme-unknown": ("{value} is not a URN scheme.{suggestion}", "Use one of: {schemes}."),
    "field-reserved": (
        "No field can be called {value}: the platform keeps this name for itself.",
        "Rename the column.",
    ),
    "field-label-invalid": (
        "No field can be called {value}; a possible name is {label}.",
        "Where this is only a warning, the possible name is used. A name has up to 36 characters (letters without accents, digits, spaces, - and _) and begins with a letter.",
    ),
    "field-unknown": (
        "The workspace has no field {value}.{suggestion}",
        "Create it first, or allow it with --new-fields create.",
    ),
    "field-type-differs": (
        "Field {value} is of type {existing} in the workspace, not {wanted}; it stays as it is.",
        "If that is wrong, change its type in the platform.",
    ),
    "field-type-possible": (
        "All values of column {column} would fit a field of type {value_type}; the new field {value} would be text.",
        "To make it {value_type}, name the column Field:{value}:{value_type}, or map it to field:{key}:{value_type}.",
    ),
    "field-similar": (
        "A new field {value} would be created; the workspace has {other}, which is nearly the same.",
        "If that one is meant, name the column Field:{other}; if not, nothing needs to be done.",
    ),
    "too-many-fields": (
        "There are {count:,} fields to write; the platform takes {limit:,} at once for a contact.",
        "Leave some columns out or split the file.",
    ),
    "workspace-fields-full": (
        "{count:,} new {count:field is|fields are} needed, but the workspace has room for {room:,} (its limit is {limit:,}).",
        "Leave columns out, or delete fields that you no longer use in the platform.",
    ),
    "workspace-groups-full": (
        "{count:,} new {count:group is|groups are} needed, but the workspace has room for {room:,} (its limit is {limit:,}).",
        "Use fewer groups, or delete some that you no longer use in the platform.",
    ),
    # fields and groups, by hand or in sheets of their own
    "field-label-wrong": (
        "No field can be called {value}.",
        "A name has up to {limit} characters (letters without accents, digits, spaces, - and _), begins with a letter, and is none that the platform keeps for itself.",
    ),
    "field-exists": (
        "There is a field {value} already, with the key {field_key}.",
        "Choose another name; to change that field, give its key.",
    ),
    "field-missing": (
        "There is no field {value}.",
        "Check the key; `weni-import fields list` shows them all.",
    ),
    "field-key-differs": (
        "There is no field with the key {value}, and a new field of this name would get the key {made}.",
        "Correct the key, or leave it blank for a new field.",
    ),
    "field-type-unknown": ("{value} is not a type of field.", "The types are: {types}."),
    "field-type-changes": (
        "The field’s type changes from {old} to {new}: contacts’ values that do not read as {new} will show as empty.",
        "Nothing is lost: the platform keeps what was written, and shows it again if the type is changed back.",
    ),
    "field-delete": (
        "The platform’s API deletes no fields.",
        "Delete it in the platform, and remove the row.",
    ),
    "fields-full": (
        "The workspace has {limit} fields and takes no more.",
        "Delete some that you no longer use in the platform.",
    ),
    "group-name-wrong": (
        "No group can be called {value}.",
        "A name has 1 to {limit} characters and begins with a letter, digit or _.",
    ),
    "group-exists": ("There is a group {value} already.", "Choose another name."),
    "group-missing": (
        "There is no group {value}.",
        "Check the name or UUID; `weni-import groups list` shows them all.",
    ),
    "group-unclear": (
        "Several groups are called {value}.",
        "Name the one by its UUID; `weni-import groups list` shows them.",
    ),
    "group-name-differs": (
        "The group with this UUID is called {found}, not {value}.",
        "Correct the name or the UUID; a new name goes into the column for it (New name).",
    ),
    "definition-held": (
        "{value}: the new name is still in use when this row is carried out; {other} would free it.",
        "Do it in two files: first the one, then the other.",
    ),
    "group-new-name-missing": (
        "The row renames a group, but has no new name.",
        "Write it into the column New name.",
    ),
    "group-new-name-unwanted": (
        "A group that is created or deleted gets no new name such as {value}.",
        "Clear the new name, or the action.",
    ),
    "group-absent": (
        "The group to delete is not there (any more); nothing is done.",
        "Nothing needs to be done; you can delete the row.",
    ),
    "group-query-lost": (
        "The group is filled by a query of the platform; once deleted, undo cannot make it again.",
        "Delete it only if nobody needs the query any more.",
    ),
    "groups-full": (
        "The workspace has {limit} groups. None can be created, and none renamed, until one is deleted.",
        "Delete some that you no longer use, in a file or run of its own.",
    ),
    "definition-unread": (
        "The sheet {value} is called as a list of fields or groups is, but has no such header; nothing was read from it.",
        "To use it, name its columns ({needed}); else nothing needs to be done.",
    ),
    "definition-column": (
        "Column {value} of the sheet {sheet} is not known; it is left out.",
        "Nothing needs to be done, unless the header is misspelled.",
    ),
    "definition-no-name": (
        "The row does not say which field or group it is about.",
        "Fill in its name (or label), its key or its UUID.",
    ),
    "definition-action": (
        "{value} is nothing that can be done here.",
        "Leave it blank, or use one of: {actions}.",
    ),
    "definition-repeated": (
        "The row asks for the same as {other}.",
        "It is done once; you can delete one of the two.",
    ),
    "definition-conflict": (
        "{value}: the row contradicts {others}, about the same field, group or name.",
        "Decide which is right and keep only that.",
    ),
    "group-renamed": (
        "The group {value} is called {new} when this row is imported: the file itself renames it.",
        "Write the new name.",
    ),
    "group-deleted": (
        "The file itself deletes the group {value} ({other}).",
        "Take the group out of this row, or do not delete it.",
    ),
    "definitions-left-out": (
        "Sheets that list fields or groups are left aside here: {sheets}.",
        "`weni-import run` carries them out.",
    ),
    # a row as a whole
    "row-no-key": (
        "The row has no phone, e-mail, other URN or UUID.",
        "Fill one in, or allow such rows with --create-without-key (every run then creates the contact again).",
    ),
    "row-conflict": ("{reason}.", "Decide which is right and keep only that."),
    "row-repeated": (
        "The same contact as in row {other_row}.",
        "The two agree and are sent as one; you can delete one.",
    ),
    "row-left-out": (
        "The same contact as in row {other_row}, which was taken.",
        "Keep only one of the two, or choose another --duplicates.",
    ),
    "row-held-back": (
        "This row goes together with row {other_row}, which is held back.",
        "Correct row {other_row} and import both again.",
    ),
    "row-too-long": (
        "The row has more cells than there are headers: {value}.",
        "Look for a separator too many.",
    ),
    "row-too-short": (
        "The row has fewer cells than there are headers.",
        "Check that no value has slipped into another column.",
    ),
    "row-repeats-header": ("The row repeats the header.", "Delete it."),
    "quote-unbalanced": ("A quotation mark is never closed.", "Close or remove it."),
    "too-many-urns": ("The row has {count:,} URNs; a contact can have {limit:,}.", "Remove some."),
    "too-many-groups": (
        "The row names {count:,} groups; it can name {limit:,}.",
        "Remove some, or spread them over two files.",
    ),
    # a cell
    "cell-error": ("The cell shows the error {value}.", "Correct the formula, or type the value."),
    "formula-not-calculated": (
        "The cell’s formula was never calculated.",
        "Open the file in a spreadsheet program and save it again.",
    ),
    "control-characters-removed": (
        "Invisible control characters were removed.",
        "To be sure, type the text again.",
    ),
    "text-not-storable": ("The text has a character that cannot be stored.", "Type the text again."),
    "clear-on-key": ("-- cannot clear a phone, e-mail, other URN or UUID.", "Leave the cell blank."),
    "example-left": (
        "{value} comes from the template’s example.",
        "Write the contact’s own value in its place, or clear the cell.",
    ),
    "uuid-invalid": ("{value} is not a UUID.", "Copy it from an export of the platform."),
    "name-too-long": ("The name has {count:,} characters; {limit:,} are allowed.", "Shorten it."),
    "language-unknown": (
        "{value} is not a language that the platform knows.{suggestion}",
        "Use a three-letter code of ISO 639-3, such as por, spa or eng.",
    ),
    "language-normalised": ("{value} was taken as {code}.", "To be sure, write {code}."),
    "language-retired": (
        "{value} was withdrawn from ISO 639-3; the platform still takes it.",
        "Nothing needs to be done now; prefer a code that is still listed.",
    ),
    "phone-invalid": (
        "{value} is not a phone number that a person answers.",
        "Write it in full, like +55 82 99331-1220.",
    ),
    "phone-no-country": (
        "{value} has no country code.",
        "Write it like +55 82 99331-1220, or name the country with --country.",
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
        "{value} is neither “yes” nor “no”.",
        "Write yes or no (or TRUE, FALSE, x), or leave the cell blank.",
    ),
    "number-invalid": ("{value} is not a number.", "Write digits only, with at most one decimal sign."),
    "number-ambiguous": (
        "{value} could be {other} or, with decimals, {one:.}.",
        "Write it without separators between thousands, or name the decimal sign with --decimal.",
    ),
    "number-precision-lost": (
        "The spreadsheet has rounded this number ({value}).",
        "Format the column as text and enter the number again.",
    ),
    "date-invalid": ("{value} is not a date.", "Write it like 2024-12-31 or 2024-12-31 15:30."),
    "date-ambiguous": (
        "{value} could be {one} or {other}.",
        "Name the order with --date-order dmy or mdy, or write dates like 2024-12-31.",
    ),
    "value-too-long": (
        "The value has {count:,} characters; the platform would cut it at {limit:,}.",
        "Shorten it.",
    ),
    "value-not-known": (
        "{value} would not be stored: the field is of type {value_type}.",
        "Such fields work with the platform’s maps only; use a text field.",
    ),
    "phone-country-unknown": (
        "{value} is not a country.",
        "Write its calling code, such as 55, or its two letters, such as BR.",
    ),
    "action-unknown": ("{value} is not an action.", "Use one of {actions}, or leave the cell blank."),
    # against the workspace
    "contact-exists": (
        "The contact exists already ({contact}).",
        "To update it, leave the action blank; else delete the row.",
    ),
    "contact-missing": (
        "The workspace has no such contact.",
        "Correct its phone, e-mail or UUID; to create it, leave the action blank.",
    ),
    "contact-absent": (
        "There is no such contact, so there is nothing to delete.",
        "Nothing is to be done.",
    ),
    "not-arrived": (
        "The contact has not arrived from the platform’s own import.",
        "Import the converted files there first, or run the file without --after-convert to create it here.",
    ),
    "uuid-not-found": (
        "The workspace has no contact {value}.",
        "Leave the UUID blank, so that the contact is found by its phone or e-mail.",
    ),
    "group-unknown": (
        "The workspace has no group {value}.{suggestion}",
        "Create it, or allow it with --new-groups create.",
    ),
    "group-similar": (
        "A new group {value} would be created; the workspace has {other}, which is nearly the same.",
        "If that one is meant, write it so in the file; if not, nothing needs to be done.",
    ),
    "phone-scheme-differs": (
        "The file’s phone numbers would become {scheme} URNs, but {share}% of the workspace’s contacts with a number have {other} URNs only.",
        "Choose on purpose: --phone-scheme {other} or --phone-scheme {scheme}.",
    ),
    "group-dynamic": (
        "Group {value} is filled by a query; nobody can be added to it.",
        "Set the field that the query looks at.",
    ),
    "contact-blocked": (
        "The contact is blocked, stopped or archived; it cannot join groups.",
        "Reactivate it in the platform, or leave the groups blank.",
    ),
    "urn-taken": (
        "{value} belongs to another contact.",
        "Correct it, or see in the platform which of the contacts should have it.",
    ),
    "urn-would-be-lost": (
        "Contact {contact} has {value}, which would be lost: the platform cannot write it back when URNs are added.",
        "Add the new URN in the platform itself, or leave it out here.",
    ),
    # while importing
    "refused": ("The platform refused the row: {reason}", "Correct the row and import it again."),
    "contact-gone": ("The contact was deleted while the import ran.", "Import the row again."),
    "group-refused": (
        "The contact was saved, but group {value} was refused: {reason}",
        "Correct the group and import the row again.",
    ),
    "put-back": (
        "The row was first written to another contact, {value}, who had just lost the row’s phone, e-mail or other URN; that one is as before again.",
        "Nothing needs to be done. The row’s own contact is in this line.",
    ),
    "not-put-back": (
        "The row was written to another contact, {value}, who had just lost the row’s phone, e-mail or other URN, and that one could not be put back: {reason}",
        "Change that contact back in the platform (this line says what it had before), then import the row again.",
    ),
    # while taking an import back
    "definition-changed": (
        "It was changed since the import and is {value} now; it is kept.",
        "If it should be as before the import, change it in the platform.",
    ),
    "definition-gone": (
        "It was deleted since the import; nothing of it can be restored.",
        "Nothing needs to be done, unless somebody misses it.",
    ),
    "definition-name-taken": (
        "The name that it had before belongs to another one by now, {value}; it is kept as it is.",
        "Rename that one first, if this should be as before the import.",
    ),
    "group-stays": (
        "The group {value} stays: it is not empty, or not as the import left it.",
        "Delete it with `weni-import groups delete` if nobody needs it.",
    ),
    "group-remade": (
        "The group is made anew with another UUID, and its members are put back, but for those who are gone or not active.",
        "What refers to the old group, such as a link or another program, has to be told the new one.",
    ),
    "group-not-remade": (
        "The group {value} was filled by a query, which cannot be made through the API; it stays deleted.",
        "Make it again in the platform if somebody needs it.",
    ),
    "field-stays": (
        "The field stays, without values of the import: the platform’s API deletes no fields.",
        "Delete it in the platform if nobody needs it.",
    ),
    "changed-since": (
        "{attribute} was changed since the import and is {value} now; it is kept.",
        "If it should be as before the import, change it in the platform.",
    ),
    "used-since": (
        "The import created the contact, but somebody has changed it since ({attribute} is {value} now); it is kept.",
        "If nobody needs it, delete it in the platform.",
    ),
    "deleted-since": (
        "The contact was deleted since the import; nothing of it can be restored.",
        "Nothing needs to be done, unless somebody misses the contact.",
    ),
    "not-brought-back": (
        "{value} does not come back: {reason}.",
        "All that the deleted contact had is in the file deleted-JOB.xlsx of the import; see what is to become of it.",
    ),
    "was-stopped": (
        "The contact had opted out of messages. Nobody can do that for it over the API, so it is blocked now.",
        "Unblock it in the platform once it wants messages again.",
    ),
    "not-taken-back": (
        "The platform refused to take it back: {reason}",
        "Run the same undo again. If it is refused again, change the contact in the platform.",
    ),
}
