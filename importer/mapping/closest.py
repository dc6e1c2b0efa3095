"""Did you mean: the targets whose names come closest to a header that is not understood."""

from importer.headers import is_system_header, normal_header
from importer.likeness import ENOUGH
from importer.model import Workspace
from importer.synonyms import LANDLINE, is_false_friend, synonyms

SHOWN = 3


def closest_targets(header: str, workspace: Workspace) -> tuple[str, ...]:
    """Up to three targets with a name like `header`, best first: fields of the workspace and usual ones."""
    from rapidfuzz import fuzz, process  # 0.05 s, and few files need it

    if is_system_header(header):
        return ()
    normal = normal_header(header)
    names = {word: target.removesuffix(LANDLINE) for word, target in synonyms() if "#" not in word}
    for field in workspace.fields:
        names |= dict.fromkeys((normal_header(field.key), normal_header(field.label)), f"field:{field.key}")
    near = process.extract(normal, names.keys(), scorer=fuzz.ratio, score_cutoff=ENOUGH, limit=10 * SHOWN)
    targets = dict.fromkeys(names[word] for word, _, _ in near)
    fitting = [target for target in targets if not is_false_friend(normal, target)]
    return tuple(target for target in fitting if target not in ("ignore", "contact"))[:SHOWN]
